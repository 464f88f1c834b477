package authz_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/testkit"
	"paycorcred/web"
	"paycorcred/web/oidc"
	"paycorcred/web/oidc/oidctest"
)

// oidcEnvironment is an environment with an OpenID Connect provider.
type oidcEnvironment struct {
	*environment
	provider *oidctest.Provider
	clock    *testkit.Clock // starts now, because the provider uses the real time
}

func newOIDCEnvironment(t *testing.T) *oidcEnvironment {
	t.Helper()
	c := &oidcEnvironment{clock: testkit.NewClock(time.Now())}
	late := &lateProvider{} // the provider needs the server's address first
	c.environment = newEnvironment(t, func(config *backend.Config, served *web.Config) {
		config.Clock, served.Clock = c.clock.Now, c.clock.Now
		config.SessionIdle, config.SessionLifetime = 30*time.Minute, 8*time.Hour
		served.Provider = late
	})
	var err error
	c.Clock = c.clock
	c.provider, err = oidctest.Start([]string{c.URL + web.SignInCallback}, c.URL+web.SignInPath)
	require.NoError(t, err)
	t.Cleanup(c.provider.Close)
	provider, err := oidc.New(t.Context(), oidc.Config{
		Issuer: c.provider.Issuer, ClientID: oidctest.ClientID, Secret: paycor.NewSecret(oidctest.Secret),
		Scopes: []string{"openid", "profile", "email"}, GroupsClaim: "groups",
		Rules: []oidc.Rule{
			{Claim: "groups", Value: "payroll-admins", Rights: paycor.AllRights(), Workspace: "default"},
		},
	}, nil, nil)
	require.NoError(t, err)
	late.Provider = provider
	return c
}

// lateProvider is set after the server was created.
type lateProvider struct{ web.Provider }

// browser is a browser without scripts.
type browser struct {
	t      *testing.T
	c      *oidcEnvironment
	client *http.Client
}

func (c *oidcEnvironment) browser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &browser{t, c, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (b *browser) do(request *http.Request, err error) (*http.Response, string) {
	b.t.Helper()
	require.NoError(b.t, err)
	answer, err := b.client.Do(request)
	require.NoError(b.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(b.t, err)
	return answer, string(text)
}

func (b *browser) get(address string) (*http.Response, string) {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.c.URL + address
	}
	return b.do(http.NewRequestWithContext(b.t.Context(), "GET", address, nil))
}

func (b *browser) post(path string) (*http.Response, string) {
	b.t.Helper()
	return b.do(http.NewRequestWithContext(b.t.Context(), "POST", b.c.URL+path, nil))
}

// startSignIn signs in at the provider and returns the callback it redirects to.
func (b *browser) startSignIn(user, to string) string {
	b.t.Helper()
	answer, _ := b.get("/sign-in/start?to=" + url.QueryEscape(to))
	require.Equal(b.t, http.StatusSeeOther, answer.StatusCode)
	there, _ := b.get(answer.Header.Get("Location"))
	login, err := there.Location()
	require.NoError(b.t, err)
	form := url.Values{"username": {user}, "password": {oidctest.Password}, "id": {login.Query().Get("authRequestID")}}
	request, err := http.NewRequestWithContext(b.t.Context(), "POST", b.c.provider.Issuer+"login/username", strings.NewReader(form.Encode()))
	require.NoError(b.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	back, _ := b.do(request, err)
	done, err := back.Location()
	require.NoError(b.t, err)
	last, _ := b.get(done.String())
	return last.Header.Get("Location")
}

var refresh = regexp.MustCompile(`http-equiv="refresh" content="0; url=([^"]*)"`)

// signIn signs a user in and returns the page that opens next.
func (b *browser) signIn(user, to string) string {
	b.t.Helper()
	answer, text := b.get(b.startSignIn(user, to))
	require.Equal(b.t, http.StatusOK, answer.StatusCode, text)
	found := refresh.FindStringSubmatch(text)
	require.NotNil(b.t, found, text)
	return found[1]
}

// session returns the session cookie.
func (b *browser) session() string {
	address, err := url.Parse(b.c.URL)
	require.NoError(b.t, err)
	for _, cookie := range b.client.Jar.Cookies(address) {
		if cookie.Name == b.c.cookieName() {
			return cookie.Value
		}
	}
	return ""
}

// signedIn reports whether the session is valid, without counting as activity.
func (b *browser) signedIn() bool {
	b.t.Helper()
	answer, _ := b.get("/api/v1/session")
	return answer.StatusCode == http.StatusOK
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	c := newOIDCEnvironment(t)
	ann := c.browser(t)
	answer, _ := ann.get("/credentials/cred_x?purpose=source")
	assert.Equal(t, "/sign-in?to=%2Fcredentials%2Fcred_x%3Fpurpose%3Dsource", answer.Header.Get("Location"))
	_, text := ann.get(answer.Header.Get("Location"))
	assert.Contains(t, text, `href="/sign-in/start?to=%2Fcredentials%2Fcred_x%3Fpurpose%3Dsource"`, "back to the requested page")
	assert.Contains(t, text, "Sign in with localhost")

	assert.Equal(t, "/sign-ins", ann.signIn(oidctest.Ann, "/sign-ins"))
	first := ann.session()
	require.NotEmpty(t, first)
	_, text = ann.get("/api/v1/session")
	for _, part := range []string{`"name":"Test User"`, `"login":"test-user@zitadel.ch"`, `"rights":["view",`, `"current":true`} {
		assert.Contains(t, text, part)
	}
	assert.NotContains(t, text, first)

	ann.signIn(oidctest.Ann, "/")
	assert.NotEqual(t, first, ann.session(), "a sign-in makes a new session")
	assert.Equal(t, http.StatusUnauthorized, c.send(c.sessionCookie(first), "GET", "/api/v1/session", "").status, "and ends the old one")

	answer, text = ann.post("/sign-out")
	assert.Equal(t, http.StatusOK, answer.StatusCode)
	assert.Empty(t, ann.session())
	found := refresh.FindStringSubmatch(text)
	require.NotNil(t, found, "leads on to the provider's sign-out")
	there, _ := ann.get(strings.ReplaceAll(found[1], "&amp;", "&"))
	assert.Equal(t, c.URL+"/sign-in", there.Header.Get("Location"), "which leads back")
	assert.False(t, ann.signedIn())
}

func TestSessionFixation(t *testing.T) {
	t.Parallel()
	c := newOIDCEnvironment(t)
	ann, eve := c.browser(t), c.browser(t)
	address, err := url.Parse(c.URL)
	require.NoError(t, err)
	ann.client.Jar.SetCookies(address, []*http.Cookie{{Name: c.cookieName(), Value: "planted-by-eve", Path: "/"}})
	ann.signIn(oidctest.Ann, "/")
	assert.NotEqual(t, "planted-by-eve", ann.session())
	assert.Equal(t, http.StatusUnauthorized, c.send(c.sessionCookie("planted-by-eve"), "GET", "/api/v1/session", "").status)

	callback := eve.startSignIn(oidctest.Ann, "/")
	other := c.browser(t)
	answer, text := other.get(callback)
	assert.Equal(t, http.StatusForbidden, answer.StatusCode, "a sign-in finishes in the browser that started it")
	assert.Contains(t, text, "another browser")
	assert.Empty(t, other.session())
	answer, _ = eve.get(strings.Replace(callback, "state=", "state=x", 1))
	assert.Equal(t, http.StatusForbidden, answer.StatusCode)
	answer, _ = eve.get(callback)
	assert.Equal(t, http.StatusOK, answer.StatusCode, "the failed attempt consumed nothing")
	answer, _ = eve.get(callback)
	assert.Equal(t, http.StatusForbidden, answer.StatusCode, "it works once")
}

func TestSignInWithoutRights(t *testing.T) {
	t.Parallel()
	c := newOIDCEnvironment(t)
	bob := c.browser(t)
	answer, text := bob.get(bob.startSignIn(oidctest.Bob, "/"))
	assert.Equal(t, http.StatusForbidden, answer.StatusCode)
	assert.Contains(t, text, html.EscapeString(locale.English.Text("signin.no-access", "Test User2")))
	assert.Empty(t, bob.session())
	answer, text = bob.get("/sign-in/callback?error=access_denied&state=x")
	assert.Equal(t, http.StatusForbidden, answer.StatusCode)
	assert.NotContains(t, text, "access_denied")
}

func TestSignInHasNoOpenRedirect(t *testing.T) {
	t.Parallel()
	c := newOIDCEnvironment(t)
	for _, to := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "relative", "/%0d%0aX: y\r\n", ""} {
		ann := c.browser(t)
		got := ann.signIn(oidctest.Ann, to)
		assert.True(t, strings.HasPrefix(got, "/") && !strings.Contains(strings.ReplaceAll(got, "%", ""), "evil.example"), "%q led to %q", to, got)
	}
}

func TestBackChannelLogout(t *testing.T) {
	t.Parallel()
	c := newOIDCEnvironment(t)
	ann := c.browser(t)
	ann.signIn(oidctest.Ann, "/")
	send := func(token, media string) int {
		request, err := http.NewRequestWithContext(t.Context(), "POST", c.URL+web.BackChannelLogout, strings.NewReader(url.Values{"logout_token": {token}}.Encode()))
		require.NoError(t, err)
		request.Header.Set("Content-Type", media)
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		answer.Body.Close()
		assert.Equal(t, "no-store", answer.Header.Get("Cache-Control"))
		return answer.StatusCode
	}
	const form = "application/x-www-form-urlencoded"
	other, err := c.provider.LogoutToken(map[string]any{"sub": "id2"})
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, send(other, form))
	assert.True(t, ann.signedIn(), "somebody else signed out")
	old, err := c.provider.LogoutToken(map[string]any{"iat": time.Now().Add(-5 * time.Minute).Unix()})
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, send(old, form))
	assert.True(t, ann.signedIn(), "she signed in again since")
	good, err := c.provider.LogoutToken(nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusBadRequest, send(good[:len(good)-8], form))
	assert.Equal(t, http.StatusUnsupportedMediaType, send(good, "application/json"))
	assert.True(t, ann.signedIn())
	assert.Equal(t, http.StatusOK, send(good, form))
	assert.False(t, ann.signedIn(), "at once")
	assert.Equal(t, http.StatusOK, send(good, form), "it is idempotent")
}

func TestSessionTimeouts(t *testing.T) {
	t.Parallel()
	c := newOIDCEnvironment(t)
	ann := c.browser(t)
	ann.signIn(oidctest.Ann, "/")
	for range 3 {
		c.clock.Pass(20 * time.Minute)
		answer, _ := ann.get("/api/v1/credentials")
		require.Equal(t, http.StatusOK, answer.StatusCode, "activity extends the session")
	}
	c.clock.Pass(29 * time.Minute)
	assert.True(t, ann.signedIn(), "the status request")
	c.clock.Pass(time.Minute)
	assert.False(t, ann.signedIn(), "is no activity")

	ann.signIn(oidctest.Ann, "/")
	for range 24 { // eight hours
		answer, _ := ann.post("/api/v1/session")
		require.Equal(t, http.StatusOK, answer.StatusCode)
		c.clock.Pass(20 * time.Minute)
	}
	assert.False(t, ann.signedIn(), "activity cannot exceed the lifetime")
}

func TestActivityIsWrittenRarely(t *testing.T) {
	t.Parallel()
	c := newOIDCEnvironment(t)
	ann := c.browser(t)
	ann.signIn(oidctest.Ann, "/")
	seen := map[time.Time]bool{}
	for range 60 { // five minutes
		_, _ = ann.get("/api/v1/environments")
		sessions, err := c.sessions()
		require.NoError(t, err)
		seen[sessions[0].LastSeenAt] = true
		c.clock.Pass(5 * time.Second)
	}
	assert.LessOrEqual(t, len(seen), 7, "once a minute of a limit of thirty")
	assert.GreaterOrEqual(t, len(seen), 4)
}

func TestEndingSessions(t *testing.T) {
	t.Parallel()
	c := newOIDCEnvironment(t)
	ann, again := c.browser(t), c.browser(t)
	ann.signIn(oidctest.Ann, "/")
	again.signIn(oidctest.Ann, "/")
	stored, err := c.sessions()
	require.NoError(t, err)
	require.Len(t, stored, 2)
	_, text := ann.get("/api/v1/sessions")
	assert.Equal(t, 2, strings.Count(text, `"id":"sess_`))
	assert.Equal(t, 1, strings.Count(text, `"current":true`))

	narrow := c.session(paycor.Caller{Kind: paycor.CallerPerson, ID: "narrow", Name: "Narrow", Workspace: "default", Rights: paycor.Rights{paycor.RightView}})
	stranger := c.session(paycor.Caller{Kind: paycor.CallerPerson, ID: "far", Name: "Far", Workspace: "other", Rights: paycor.AllRights()})
	for _, other := range stored {
		assert.Equal(t, http.StatusForbidden, c.send(narrow, "DELETE", "/api/v1/sessions/"+other.ID, "").status)
		assert.Equal(t, http.StatusNotFound, c.send(stranger, "DELETE", "/api/v1/sessions/"+other.ID, "").status)
	}
	assert.Equal(t, http.StatusForbidden, c.send(narrow, "DELETE", "/api/v1/sessions/sess_none", "").status, "without the right there is no difference")
	assert.Equal(t, http.StatusNoContent, c.send(narrow, "DELETE", "/api/v1/sessions/"+sessionID(narrow), "").status, "own session")
	assert.Equal(t, http.StatusUnauthorized, c.send(narrow, "GET", "/api/v1/session", "").status)

	request, err := http.NewRequestWithContext(t.Context(), "DELETE", c.URL+"/api/v1/sessions/"+stored[0].ID, nil)
	answer, _ := again.do(request, err)
	assert.Equal(t, http.StatusNoContent, answer.StatusCode)
	assert.NotEqual(t, ann.signedIn(), again.signedIn(), "one of the two has ended")
}
