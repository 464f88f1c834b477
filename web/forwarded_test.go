package web_test

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/web"
)

// Whatever a client sends, what our own proxy appended decides.
func FuzzForwarded(f *testing.F) {
	for _, sent := range []string{"", "203.0.113.9", `for=203.0.113.9;proto=https`, `for="`, `for="\\"`, `a;b=c,,;`, "[::1]:1", "::ffff:1.2.3.4"} {
		f.Add(sent)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		const ours = "203.0.113.7"
		for name, appended := range map[string]string{"X-Forwarded-For": ours, "Forwarded": "for=" + ours} {
			header := http.Header{name: {sent, appended}}
			client := web.ForwardedClient("10.0.0.1", header, netip.MustParsePrefix("10.0.0.0/8"))
			assert.Equal(t, ours, client, "%q", sent)
		}
	})
}
