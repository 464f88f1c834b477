package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
)

// From the page that a message links to, one press and what was pasted repair a mistyped
// secret. The credential then shares the application that has had the right one all along.
func TestARejectedSecretIsEnteredAgain(t *testing.T) {
	t.Parallel()
	p := start(t)
	right := sample(t, paycortest.SunriseBakery)
	saved := p.save(right.body(t), "?verify=false")
	broken := p.save(right.body(t).with("name", "Nightly export").with("client_secret", "simulator/secret+of/Sunrise+Bakery/9999999"), "?verify=false")
	require.NotEqual(t, saved.ApplicationID, broken.ApplicationID)
	p.api("POST", "/credentials/"+broken.ID+"/verify", nil)
	b := open(t, p).signIn()
	b.visit("/credentials/" + broken.ID)
	b.press("button", say("enter", "Client Secret"))
	b.focusOn("textbox", "Client Secret")
	b.key(kb.Escape) // nothing is typed, so nothing is asked
	b.absent("dialog", say("edit.title"))
	b.press("button", say("enter", "Client Secret"))
	b.focusOn("textbox", "Client Secret")
	b.paste(right.ClientSecret)
	b.key(kb.Enter)
	b.seesText(say("verdict.verified"), say("application.users", "2", "Nightly export and Sunrise Bakery"))
	assert.False(t, b.has("button", say("enter", "Client Secret")))
	var repaired paycor.Credential
	p.api("GET", "/credentials/"+broken.ID, nil).into(t, &repaired)
	assert.Equal(t, saved.ApplicationID, repaired.ApplicationID)
}
