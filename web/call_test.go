package web_test

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/web"
)

// calls is a web.Calls that records the caller.
type calls struct{ from []paycor.Caller }

func (c *calls) Serve(w http.ResponseWriter, _ *http.Request, caller paycor.Caller, _, _ string, _ func(http.ResponseWriter, *http.Request, error) int) {
	c.from = append(c.from, caller)
	w.WriteHeader(http.StatusNoContent)
}

// Calls bypass the mux but not the middleware.
func TestCallsPassTheMiddleware(t *testing.T) {
	t.Parallel()
	host, https := header{"Host", "creds.example.com"}, header{"X-Forwarded-Proto", "https"}
	tests := map[string]struct {
		headers []header
		status  int
		from    string
	}{
		"through the proxy":        {[]header{bearer, host, https, {"X-Forwarded-For", "203.0.113.7"}}, 204, "203.0.113.7"},
		"a made-up address before": {[]header{bearer, host, https, {"X-Forwarded-For", "198.51.100.1, 203.0.113.7"}}, 204, "203.0.113.7"},
		"without TLS":              {[]header{bearer, host, {"X-Forwarded-Proto", "http"}}, 421, ""},
		"nobody says how":          {[]header{bearer, host}, 421, ""},
		"for another name":         {[]header{bearer, https}, 421, ""},
		"with a session":           {[]header{cookie, host, https}, 401, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			passed := &calls{}
			h := newTestServer(t, func(c *web.Config) {
				c.Secure, c.Hosts, c.Calls = true, []string{"creds.example.com"}, passed
				c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
			})
			got := h.send("GET", "/api/v1/credentials/cred_1/paycor/v1", "", test.headers...)
			assert.Equal(t, test.status, got.StatusCode, got.body)
			if test.from == "" {
				assert.Empty(t, passed.from)
				return
			}
			require.Len(t, passed.from, 1)
			assert.Equal(t, test.from, passed.from[0].From)
		})
	}
}

func TestEmbeddedSessionCannotCallPaycor(t *testing.T) {
	t.Parallel()
	passed := &calls{}
	h := newTestServer(t, func(c *web.Config) { c.Calls, c.Embedding = passed, &embedding{} })
	got := h.send("GET", "/api/v1/credentials/cred_1/paycor/v1", "", header{"Authorization", "Bearer " + validEmbeddedSession})
	assert.Equal(t, http.StatusForbidden, got.StatusCode)
	assert.Empty(t, passed.from)
	assert.Equal(t, []string{"forbidden"}, h.access.denialCodes)
}
