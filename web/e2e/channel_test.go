package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A channel is disabled and enabled again on one page, without loading it again.
func TestAChannelIsDisabledAndEnabled(t *testing.T) {
	t.Parallel()
	p := start(t)
	var added struct{ ID string }
	p.api("POST", "/channels", body{"name": "Operations", "type": "webhook", "address": "https://hooks.example.com/a", "kinds": []string{"credential.broke"}}).into(t, &added)
	b := open(t, p).signIn()
	b.visit("/notifications")
	b.press("button", "~"+say("channels.disable"))
	b.get("button", "~"+say("channels.enable"))
	b.press("button", "~"+say("channels.enable"))
	b.get("button", "~"+say("channels.disable"))
	var listed struct {
		Channels []struct {
			DisabledAt string `json:"disabled_at"`
		}
	}
	p.api("GET", "/channels", nil).into(t, &listed)
	assert.Empty(t, listed.Channels[0].DisabledAt)
}
