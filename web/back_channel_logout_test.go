package web_test

import (
	"context"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/session"
	"paycorcred/web"
)

// provider is a web.Provider that only ends sessions.
type provider struct{ web.Provider }

func (provider) VerifyLogoutToken(_ context.Context, token string) (session.SignOut, error) {
	if token != "good" {
		return session.SignOut{}, paycor.Errorf(paycor.KindMalformed, "This is no logout token for this server.")
	}
	return session.SignOut{Issuer: "issuer", Subject: "ann"}, nil
}

func TestInvalidLogoutTokensAreLimitedPerAddress(t *testing.T) {
	t.Parallel()
	h := newTestServer(t, func(c *web.Config) {
		c.Provider, c.TrustedProxies = provider{}, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	})
	form := header{"Content-Type", "application/x-www-form-urlencoded"}
	by := func(from, token string) int {
		return h.send("POST", web.BackChannelLogout, "logout_token="+token, form, header{"X-Forwarded-For", from}).StatusCode
	}
	for range 30 {
		assert.Equal(t, http.StatusBadRequest, by("203.0.113.7", "bad"))
	}
	busy := by("203.0.113.7", "bad")
	assert.NotEqual(t, http.StatusBadRequest, busy, "each may cost a request to the provider")
	for range 200 {
		assert.Equal(t, busy, by("203.0.113.7", "bad"))
	}
	for range 200 {
		assert.Equal(t, http.StatusOK, by("198.51.100.1", "good"))
	}
	assert.Len(t, h.access.gone, 200)
	h.clock.Pass(2 * time.Minute)
	assert.Equal(t, http.StatusOK, by("203.0.113.7", "good"))
}
