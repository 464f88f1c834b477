package web_test

import (
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/web"
)

func TestAuthentication(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		headers []header
		status  int
		caller  string
	}{
		"nobody":                           {nil, 401, ""},
		"token":                            {[]header{bearer}, 200, "consumer-1"},
		"scheme in small letters":          {[]header{{"Authorization", "bearer " + validToken}}, 200, "consumer-1"},
		"session":                          {[]header{cookie}, 200, "person-1"},
		"token before session":             {[]header{bearer, cookie}, 200, "consumer-1"},
		"wrong token beside a session":     {[]header{{"Authorization", "Bearer " + canaryKey}, cookie}, 401, ""},
		"empty authorization with session": {[]header{{"Authorization", ""}, cookie}, 401, ""},
		"basic":                            {[]header{{"Authorization", "Basic " + canaryKey}, cookie}, 401, ""},
		"two tokens":                       {[]header{bearer, bearer}, 401, ""},
		"token without scheme":             {[]header{{"Authorization", validToken}}, 401, ""},
		"wrong session":                    {[]header{{"Cookie", "paycorcred=" + canaryKey}}, 401, ""},
		"empty session":                    {[]header{{"Cookie", "paycorcred="}}, 401, ""},
		"a planted session cookie before":  {[]header{{"Cookie", "paycorcred=planted; " + cookie.value}}, 401, ""},
		"a planted session cookie behind":  {[]header{{"Cookie", cookie.value + "; paycorcred=planted"}}, 401, ""},
		"cookie of the TLS name":           {[]header{{"Cookie", "__Host-paycorcred=" + validSession}}, 401, ""},
		"token with a cross-site fetch":    {[]header{bearer, {"Sec-Fetch-Site", "cross-site"}}, 200, "consumer-1"},
		"session from the same origin":     {[]header{cookie, {"Sec-Fetch-Site", "same-origin"}}, 200, "person-1"},
		"session typed into the bar":       {[]header{cookie, {"Sec-Fetch-Site", "none"}}, 200, "person-1"},
		"session read from another site":   {[]header{cookie, {"Sec-Fetch-Site", "cross-site"}}, 403, ""},
		"session read from the next port":  {[]header{cookie, {"Sec-Fetch-Site", "same-site"}}, 403, ""},
		"token in another header":          {[]header{{"X-Api-Key", validToken}}, 401, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newTestServer(t)
			got := h.send("GET", "/api/v1/environments", "", test.headers...)
			assert.Equal(t, test.status, got.StatusCode, got.body)
			assert.Equal(t, test.caller, h.service.caller.ID)
			assertNoCanary(t, got.body+h.log.String())
			assert.NotContains(t, h.log.String(), validToken)
			assert.NotContains(t, h.log.String(), validSession)
			switch test.status {
			case 200:
				assert.Empty(t, h.access.denials())
				assert.Contains(t, h.log.String(), "caller="+test.caller)
			case 401:
				assert.Equal(t, "Bearer", got.Header.Get("WWW-Authenticate"))
				assert.Equal(t, []string{"unauthorized"}, h.access.denials())
				assert.Equal(t, paycor.CallerUnknown, h.access.denied[0].Kind)
				assert.Equal(t, "127.0.0.1", h.access.denied[0].From)
				assert.Equal(t, got.Header.Get("X-Request-Id"), h.access.denied[0].RequestID)
			case 403:
				assert.Equal(t, []string{"foreign_origin"}, h.access.denials())
			}
		})
	}
}

func TestCrossOriginRequestsAreDenied(t *testing.T) {
	t.Parallel()
	foreign := map[string]header{
		"cross-site":         {"Sec-Fetch-Site", "cross-site"},
		"same-site":          {"Sec-Fetch-Site", "same-site"},
		"foreign origin":     {"Origin", "http://evil.example"},
		"other port":         {"Origin", "http://127.0.0.1:1"},
		"origin null":        {"Origin", "null"},
		"made-up fetch site": {"Sec-Fetch-Site", "friendly"},
	}
	for name, from := range foreign {
		t.Run(name, func(t *testing.T) {
			h := newTestServer(t)
			requests := [][2]string{
				{"POST", "/api/v1/credentials"}, {"PATCH", "/api/v1/credentials/a"}, {"DELETE", "/api/v1/credentials/a"},
				{"POST", "/api/v1/credentials/a/verify"}, {"POST", "/api/v1/verify"}, {"POST", "/sign-out"},
			}
			for _, to := range requests {
				got := h.send(to[0], to[1], completeDraft, cookie, jsonBody, from)
				assert.Equal(t, http.StatusForbidden, got.StatusCode, to)
				assert.Contains(t, got.body, `"code":"foreign_origin"`)
				assert.Empty(t, got.Header.Get("Set-Cookie"))
			}
			assert.Empty(t, h.service.recordedCalls())
			assert.False(t, h.access.ended)
			assert.Len(t, h.access.denials(), len(requests))
		})
	}
}

func TestSameOriginRequest(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("DELETE", "/api/v1/credentials/a", "", cookie, header{"Origin", "http://localhost"})
	assert.Equal(t, http.StatusNoContent, got.StatusCode, got.body)
}

// The server caches the last accepted Host header.
func TestHostCacheDoesNotAdmitOtherHosts(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	for range 2 {
		for host, status := range map[string]int{"localhost:1234": 200, "localhost.evil.example:1234": 421, "127.0.0.1": 200, "evil.example": 421} {
			assert.Equal(t, status, h.send("GET", "/api/v1/environments", "", cookieAt(host), header{"Host", host}).StatusCode, host)
		}
	}
}

func TestHostHeader(t *testing.T) {
	t.Parallel()
	configured := func(c *web.Config) { c.Hosts = []string{"localhost:8080", "Creds.example"} }
	tests := map[string]struct {
		change func(*web.Config)
		host   string
		status int
	}{
		"configured":                      {configured, "localhost:8080", 200},
		"configured, other case":          {configured, "CREDS.EXAMPLE", 200},
		"configured, its scheme's port":   {configured, "creds.example:80", 200},
		"configured, the other scheme's":  {configured, "creds.example:443", 421},
		"configured, an empty port":       {configured, "creds.example:", 200},
		"configured, a port that is none": {configured, "localhost:8080x", 421},
		"configured, IPv6":                {func(c *web.Config) { c.Hosts = []string{"[2001:db8::1]"} }, "[2001:DB8:0:0::1%25eth0]:80", 200},
		"configured, IPv4 in IPv6":        {func(c *web.Config) { c.Hosts = []string{"[::ffff:10.0.0.1]:8080"} }, "[::ffff:a00:1]:8080", 200},
		"default: IPv6 without port":      {func(*web.Config) {}, "[::1]", 200},
		"default: IPv4 in IPv6":           {func(*web.Config) {}, "[::ffff:7f00:1]:1234", 200},
		"default: a port that is none":    {func(*web.Config) {}, "localhost:x", 421},
		"other port":                      {configured, "localhost:9090", 421},
		"not configured":                  {configured, "127.0.0.1:8080", 421},
		"rebound":                         {configured, "evil.example:8080", 421},
		"longer":                          {configured, "localhost:8080.evil.example", 421},
		"default: localhost":              {func(*web.Config) {}, "localhost:1234", 200},
		"default: no port":                {func(*web.Config) {}, "localhost", 200},
		"default: another loopback":       {func(*web.Config) {}, "127.0.0.2:1234", 200},
		"default: IPv6":                   {func(*web.Config) {}, "[::1]:1234", 200},
		"default: another machine":        {func(*web.Config) {}, "192.0.2.7:8080", 421},
		"default: rebound":                {func(*web.Config) {}, "localhost.evil.example:8080", 421},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newTestServer(t, test.change)
			for _, path := range []string{"/api/v1/environments", "/"} {
				got := h.send("GET", path, "", cookieAt(test.host), header{"Host", test.host})
				assert.Equal(t, test.status, got.StatusCode, got.body)
			}
			if test.status == 421 {
				assert.Empty(t, h.service.recordedCalls())
				words := locale.English.Text("error.host-public", "http://localhost:8080")
				if strings.HasPrefix(name, "default") {
					words = locale.English.Text("error.host-local")
				}
				assert.Contains(t, h.send("GET", "/api/v1/environments", "", cookieAt(test.host), header{"Host", test.host}).body, words)
				assert.Equal(t, []string{"unknown_host", "unknown_host", "unknown_host"}, h.access.denials())
				assert.NotContains(t, h.log.String(), test.host)
			}
			assert.Equal(t, 200, h.send("GET", "/healthz", "", header{"Host", test.host}).StatusCode, "probes come by IP address")
		})
	}
}

// A proxy that replaces the host name makes the right address look wrong.
func TestHostBehindAProxy(t *testing.T) {
	t.Parallel()
	h := newTestServer(t, func(c *web.Config) {
		c.Secure, c.Hosts, c.TrustedProxies = true, []string{"creds.example.com"}, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	})
	got := h.send("GET", "/api/v1/environments", "", bearer, header{"Host", "localhost:8080"}, header{"X-Forwarded-Proto", "https"})
	assert.Equal(t, http.StatusMisdirectedRequest, got.StatusCode)
	assert.Contains(t, got.body, locale.English.Text("error.host-proxy", "https://creds.example.com"))
	assert.Regexp(t, `request refused.*code=unknown_host.*from the proxy 127\.0\.0\.1 with the Host .*localhost:8080`, h.log.String())
}

func TestDenialThatCannotBeAudited(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.access.auditErr = errInjected
	got := h.send("GET", "/api/v1/environments", "")
	assert.Equal(t, http.StatusServiceUnavailable, got.StatusCode)
	assert.NotContains(t, got.body, "fire")
	assert.Contains(t, h.log.String(), "fire")
}

func TestAuthenticatorErrorIsInternal(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.access.broken = errInjected
	for _, by := range []header{cookie, bearer} {
		got := h.send("GET", "/api/v1/environments", "", by)
		assert.Equal(t, http.StatusInternalServerError, got.StatusCode)
	}
	assert.Equal(t, http.StatusInternalServerError, h.send("GET", "/", "", cookie).StatusCode)
	assert.Equal(t, http.StatusInternalServerError, h.send("GET", "/sign-in?code="+validCode, "", cookie).StatusCode)
	assert.Empty(t, h.access.denials())
	assert.False(t, h.access.codeUsed)
}

func TestOptionsAsteriskPassesTheMiddleware(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	connection, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	require.NoError(t, err)
	defer connection.Close()
	require.NoError(t, connection.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = io.WriteString(connection, "OPTIONS * HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
	require.NoError(t, err)
	reply, err := io.ReadAll(connection)
	require.NoError(t, err)
	assert.Contains(t, string(reply), "421 Misdirected Request")
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	for given, kept := range map[string]bool{
		"0b9d3c1e-7a55-4c7e-9a3f-3d2c1b0a9f8e": true, "": false, "with blank": false, "line\tbreak": false,
		canarySecret: false, strings.Repeat("x", 37): false,
	} {
		got := h.send("GET", "/healthz", "", header{"X-Request-Id", given})
		assert.NotEmpty(t, got.Header.Get("X-Request-Id"))
		assert.Equal(t, kept, got.Header.Get("X-Request-Id") == given, given)
	}
}

func TestLogOmitsQueryHeadersAndBody(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.send("GET", "/api/v1/credentials?q="+canaryKey, "", bearer, header{"User-Agent", canarySecret}, header{"Referer", canarySecret})
	h.send("GET", "/sign-in?code="+canaryKey, "")
	h.send("POST", "/api/v1/credentials?verify=false", completeDraft, bearer, jsonBody)
	h.send(canaryKey, "/"+canaryKey, "")
	assertNoCanary(t, h.log.String())
	assert.Contains(t, h.log.String(), `route="POST /api/v1/credentials"`)
	assert.Contains(t, h.log.String(), "status=201")
	assert.Equal(t, 4, strings.Count(h.log.String(), "msg=request "))
}

func TestNewRequiresDependencies(t *testing.T) {
	t.Parallel()
	_, err := web.New(web.Config{})
	for _, name := range []string{"Access", "Services", "Changes", "Body"} {
		assert.ErrorContains(t, err, name)
	}
}
