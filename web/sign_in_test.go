package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/web"
)

func TestSignInLink(t *testing.T) {
	t.Parallel()
	for name, secure := range map[string]bool{"paycorcred": false, "__Host-paycorcred": true} {
		h := newTestServer(t, func(c *web.Config) { c.Secure = secure })
		got := h.send("GET", "/sign-in?code="+validCode, "")
		require.Equal(t, http.StatusSeeOther, got.StatusCode)
		assert.Equal(t, "/", got.Header.Get("Location"))
		require.Len(t, got.Cookies(), 1)
		given := got.Cookies()[0]
		assert.Equal(t, name, given.Name)
		assert.Equal(t, validSession, given.Value)
		assert.Equal(t, "/", given.Path)
		assert.Empty(t, given.Domain)
		assert.Equal(t, 3600, given.MaxAge)
		assert.True(t, given.HttpOnly)
		assert.Equal(t, secure, given.Secure)
		assert.Equal(t, http.SameSiteStrictMode, given.SameSite)
		assert.NotContains(t, h.log.String(), validCode)
		assert.NotContains(t, h.log.String(), validSession)

		assert.Equal(t, http.StatusOK, h.send("GET", "/", "", header{"Cookie", name + "=" + validSession}).StatusCode)
	}
}

// Browsers send the cookies of a host to each of its ports.
func TestServersOnOneNameKeepTheirSessions(t *testing.T) {
	t.Parallel()
	for host, name := range map[string]string{"localhost:8080": "paycorcred-8080", "localhost:8085": "paycorcred-8085", "localhost:80": "paycorcred", "[::1]:8080": "paycorcred-8080"} {
		h := newTestServer(t)
		got := h.send("GET", "/sign-in?code="+validCode, "", header{"Host", host})
		require.Len(t, got.Cookies(), 1, host)
		assert.Equal(t, name, got.Cookies()[0].Name)
	}
	h := newTestServer(t, func(c *web.Config) { c.Secure, c.Hosts = true, []string{"creds.example.com:8443"} })
	got := h.send("GET", "/sign-in?code="+validCode, "", header{"Host", "creds.example.com:8443"})
	require.Len(t, got.Cookies(), 1)
	assert.Equal(t, "__Host-paycorcred-8443", got.Cookies()[0].Name)
}

func TestSignInLinkWorksOnce(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.send("GET", "/sign-in?code="+validCode, "")
	again := h.send("GET", "/sign-in?code="+validCode, "", cookie)
	assert.Equal(t, http.StatusSeeOther, again.StatusCode, "signed-in people are redirected")
	assert.Equal(t, "/", again.Header.Get("Location"))

	stranger := h.send("GET", "/sign-in?code="+validCode, "")
	assert.Equal(t, http.StatusForbidden, stranger.StatusCode)
	assert.Contains(t, stranger.body, locale.English.Text("signin.link-used"))
	assert.Contains(t, stranger.body, "paycorcred sign-in --data DIR")
	assert.NotContains(t, stranger.body, validCode)
	assert.Empty(t, stranger.Cookies())
	assert.Equal(t, []string{"used_link"}, h.access.denials())
}

func TestSignInLinkIgnoresPrefetch(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.send("HEAD", "/sign-in?code="+validCode, "")
	h.send("GET", "/sign-in?code="+validCode, "", header{"Sec-Purpose", "prefetch;prerender"})
	assert.Equal(t, http.StatusMethodNotAllowed, h.send("POST", "/sign-in?code="+validCode, "").StatusCode)
	assert.False(t, h.access.codeUsed)
}

func TestSignInHelp(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("GET", "/sign-in", "")
	assert.Equal(t, http.StatusOK, got.StatusCode)
	assert.Contains(t, got.body, "paycorcred sign-in --data DIR")
	assert.Equal(t, http.StatusSeeOther, h.send("GET", "/sign-in", "", cookie).StatusCode)
}

func TestSignInErrorIsInternal(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.access.auditErr = errInjected
	got := h.send("GET", "/sign-in?code=wrong", "")
	assert.Equal(t, http.StatusServiceUnavailable, got.StatusCode, "an unaudited denial is an error")
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("POST", "/sign-out", "", cookie)
	assert.Equal(t, http.StatusSeeOther, got.StatusCode)
	assert.Equal(t, "/sign-in", got.Header.Get("Location"))
	require.Len(t, got.Cookies(), 1)
	assert.Empty(t, got.Cookies()[0].Value)
	assert.Negative(t, got.Cookies()[0].MaxAge)
	assert.True(t, h.access.ended)
	assert.Equal(t, http.StatusSeeOther, h.send("POST", "/sign-out", "").StatusCode, "it is idempotent")
}
