package web_test

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/web"
)

// calls is a web.Calls that records the caller.
type calls struct {
	from   []paycor.Caller
	status int // of the last failure
}

func (c *calls) Serve(w http.ResponseWriter, _ *http.Request, caller paycor.Caller, _, _ string, _ func(http.ResponseWriter, *http.Request, error) int) {
	c.from = append(c.from, caller)
	w.WriteHeader(http.StatusNoContent)
}

func (c *calls) TestCall(w http.ResponseWriter, r *http.Request, caller paycor.Caller, _, target string, fail func(http.ResponseWriter, *http.Request, error) int) api.TestResponse {
	c.from = append(c.from, caller)
	if target == "/late" {
		c.status = fail(w, r, paycor.Errorf(paycor.KindLate, "Paycor did not respond in time."))
		return api.TestResponse{}
	}
	return api.TestResponse{Status: 200, Took: 12, Bytes: 20, Content: "<script>" + target}
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

// What Paycor sends to a person who tries a call is data, and no page of this server's.
func TestAPersonTriesACall(t *testing.T) {
	t.Parallel()
	passed := &calls{}
	h := newTestServer(t, func(c *web.Config) { c.Calls = passed })
	h.access.rights = paycor.AllRights()
	got := h.send("POST", "/api/v1/credentials/cred_1/test-call", `{"target":"/v1/legalentities/1"}`, cookie, jsonBody)
	assert.Equal(t, http.StatusOK, got.StatusCode)
	assert.Equal(t, "application/json", got.Header.Get("Content-Type"))
	assert.JSONEq(t, `{"status":200,"took_ms":12,"bytes":20,"content":"<script>/v1/legalentities/1"}`, got.body)
	require.Len(t, passed.from, 1)
	assert.Equal(t, paycor.CallerPerson, passed.from[0].Kind)
	assert.Equal(t, paycor.Rights{paycor.RightRead, paycor.RightUse}, passed.from[0].Rights, "no others")

	got = h.send("POST", "/api/v1/credentials/cred_1/test-call", `{"target":"/late"}`, cookie, jsonBody)
	assert.Equal(t, http.StatusGatewayTimeout, got.StatusCode)
	assert.Equal(t, http.StatusGatewayTimeout, passed.status, "it is counted as what the person got")

	passed.from = nil
	for name, test := range map[string]struct {
		headers []header
		body    string
		status  int
	}{
		"a program":         {[]header{bearer, jsonBody}, `{"target":"/v1"}`, http.StatusForbidden},
		"another site":      {[]header{cookie, jsonBody, {"Sec-Fetch-Site", "cross-site"}}, `{"target":"/v1"}`, http.StatusForbidden},
		"a form":            {[]header{cookie, {"Content-Type", "text/plain"}}, `{"target":"/v1"}`, http.StatusUnsupportedMediaType},
		"another method":    {[]header{cookie, jsonBody}, `{"target":"/v1","method":"DELETE"}`, http.StatusUnprocessableEntity},
		"without a session": {[]header{jsonBody}, `{"target":"/v1"}`, http.StatusUnauthorized},
	} {
		got := h.send("POST", "/api/v1/credentials/cred_1/test-call", test.body, test.headers...)
		assert.Equal(t, test.status, got.StatusCode, name)
	}
	assert.Empty(t, passed.from)
}
