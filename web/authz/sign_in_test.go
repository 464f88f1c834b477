package authz_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/backend"
	"paycorcred/web"
	"paycorcred/web/oidc"
	"paycorcred/web/oidc/oidctest"
)

// clock can be put forward.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// company is a house whose people sign in with a real provider.
type company struct {
	*house
	there *oidctest.Provider
	clock *clock
}

func openCompany(t *testing.T) *company {
	t.Helper()
	c := &company{clock: &clock{}}
	late := &later{} // the provider has to know the door's address before the door can know the provider
	c.house = open(t, func(managed *backend.Config, served *web.Config) {
		managed.Clock, served.Clock = c.clock.Now, c.clock.Now
		managed.SessionIdle, managed.SessionLifetime = 30*time.Minute, 8*time.Hour
		served.Provider = late
	})
	var err error
	c.there, err = oidctest.Start([]string{c.URL + web.SignInCallback}, c.URL+web.SignInPath)
	require.NoError(t, err)
	t.Cleanup(c.there.Close)
	provider, err := oidc.New(t.Context(), oidc.Config{
		Issuer: c.there.Issuer, ClientID: oidctest.ClientID, Secret: paycor.NewSecret(oidctest.Secret),
		Scopes: []string{"openid", "profile", "email"}, GroupsClaim: "groups",
		Rules: []oidc.Rule{
			{Claim: "groups", Value: "payroll-admins", Rights: paycor.AllRights(), Workspace: "default"},
		},
	}, nil, nil)
	require.NoError(t, err)
	late.Provider = provider
	return c
}

// later is a provider that is put in after the door was opened.
type later struct{ web.Provider }

// person is somebody with a browser: a jar of cookies, and no script.
type person struct {
	t      *testing.T
	c      *company
	client *http.Client
}

func (c *company) person(t *testing.T) *person {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &person{t, c, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (p *person) do(request *http.Request, err error) (*http.Response, string) {
	p.t.Helper()
	require.NoError(p.t, err)
	answer, err := p.client.Do(request)
	require.NoError(p.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(p.t, err)
	return answer, string(text)
}

func (p *person) get(address string) (*http.Response, string) {
	p.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = p.c.URL + address
	}
	return p.do(http.NewRequestWithContext(p.t.Context(), "GET", address, nil))
}

func (p *person) post(path string) (*http.Response, string) {
	p.t.Helper()
	return p.do(http.NewRequestWithContext(p.t.Context(), "POST", p.c.URL+path, nil))
}

// leave begins a sign-in and returns the callback that the provider leads to.
func (p *person) leave(user, to string) string {
	p.t.Helper()
	answer, _ := p.get("/sign-in/start?to=" + url.QueryEscape(to))
	require.Equal(p.t, http.StatusSeeOther, answer.StatusCode)
	there, _ := p.get(answer.Header.Get("Location"))
	login, err := there.Location()
	require.NoError(p.t, err)
	form := url.Values{"username": {user}, "password": {oidctest.Password}, "id": {login.Query().Get("authRequestID")}}
	request, err := http.NewRequestWithContext(p.t.Context(), "POST", p.c.there.Issuer+"login/username", strings.NewReader(form.Encode()))
	require.NoError(p.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	back, _ := p.do(request, err)
	done, err := back.Location()
	require.NoError(p.t, err)
	last, _ := p.get(done.String())
	return last.Header.Get("Location")
}

var refresh = regexp.MustCompile(`http-equiv="refresh" content="0; url=([^"]*)"`)

// signIn signs somebody in and returns where that leads.
func (p *person) signIn(user, to string) string {
	p.t.Helper()
	answer, text := p.get(p.leave(user, to))
	require.Equal(p.t, http.StatusOK, answer.StatusCode, text)
	found := refresh.FindStringSubmatch(text)
	require.NotNil(p.t, found, text)
	return found[1]
}

func (p *person) handle() string {
	address, err := url.Parse(p.c.URL)
	require.NoError(p.t, err)
	for _, cookie := range p.client.Jar.Cookies(address) {
		if cookie.Name == "paycorcred" {
			return cookie.Value
		}
	}
	return ""
}

func (p *person) in() bool {
	p.t.Helper()
	answer, _ := p.get("/api/v1/session")
	return answer.StatusCode == http.StatusOK
}

func TestSigningInAndOut(t *testing.T) {
	c := openCompany(t)
	ann := c.person(t)
	answer, _ := ann.get("/credentials/cred_x?purpose=source")
	assert.Equal(t, "/sign-in?to=%2Fcredentials%2Fcred_x%3Fpurpose%3Dsource", answer.Header.Get("Location"))
	_, text := ann.get(answer.Header.Get("Location"))
	assert.Contains(t, text, `href="/sign-in/start?to=%2Fcredentials%2Fcred_x%3Fpurpose%3Dsource"`, "back to where they were going")
	assert.Contains(t, text, "Sign in with localhost")

	assert.Equal(t, "/sign-ins", ann.signIn(oidctest.Ann, "/sign-ins"))
	first := ann.handle()
	require.NotEmpty(t, first)
	_, text = ann.get("/api/v1/session")
	for _, part := range []string{`"name":"Test User"`, `"login":"test-user@zitadel.ch"`, `"rights":["view",`, `"current":true`} {
		assert.Contains(t, text, part)
	}
	assert.NotContains(t, text, first)

	ann.signIn(oidctest.Ann, "/")
	assert.NotEqual(t, first, ann.handle(), "a sign-in makes a new session")
	assert.Equal(t, http.StatusUnauthorized, c.send(way{"Cookie", "paycorcred=" + first}, "GET", "/api/v1/session", "").status, "and ends the old one")

	answer, text = ann.post("/sign-out")
	assert.Equal(t, http.StatusOK, answer.StatusCode)
	assert.Empty(t, ann.handle())
	found := refresh.FindStringSubmatch(text)
	require.NotNil(t, found, "leads on to the provider's sign-out")
	there, _ := ann.get(strings.ReplaceAll(found[1], "&amp;", "&"))
	assert.Equal(t, c.URL+"/sign-in", there.Header.Get("Location"), "which leads back")
	assert.False(t, ann.in())
}

func TestASessionCannotBePlanted(t *testing.T) {
	c := openCompany(t)
	ann, eve := c.person(t), c.person(t)
	address, err := url.Parse(c.URL)
	require.NoError(t, err)
	ann.client.Jar.SetCookies(address, []*http.Cookie{{Name: "paycorcred", Value: "planted-by-eve", Path: "/"}})
	ann.signIn(oidctest.Ann, "/")
	assert.NotEqual(t, "planted-by-eve", ann.handle())
	assert.Equal(t, http.StatusUnauthorized, c.send(way{"Cookie", "paycorcred=planted-by-eve"}, "GET", "/api/v1/session", "").status)

	callback := eve.leave(oidctest.Ann, "/")
	other := c.person(t)
	answer, text := other.get(callback)
	assert.Equal(t, http.StatusForbidden, answer.StatusCode, "a sign-in ends in the browser that began it")
	assert.Contains(t, text, "begun in another browser")
	assert.Empty(t, other.handle())
	answer, _ = eve.get(strings.Replace(callback, "state=", "state=x", 1))
	assert.Equal(t, http.StatusForbidden, answer.StatusCode)
	answer, _ = eve.get(callback)
	assert.Equal(t, http.StatusOK, answer.StatusCode, "the wrong try took nothing away")
	answer, _ = eve.get(callback)
	assert.Equal(t, http.StatusForbidden, answer.StatusCode, "it works once")
}

func TestWhoMayNothingIsNotLetIn(t *testing.T) {
	c := openCompany(t)
	bob := c.person(t)
	answer, text := bob.get(bob.leave(oidctest.Bob, "/"))
	assert.Equal(t, http.StatusForbidden, answer.StatusCode)
	assert.Contains(t, text, "You’re signed in to the sign-in service as Test User2, but you don’t have access here.")
	assert.Empty(t, bob.handle())
	answer, text = bob.get("/sign-in/callback?error=access_denied&state=x")
	assert.Equal(t, http.StatusForbidden, answer.StatusCode)
	assert.NotContains(t, text, "access_denied")
}

func TestASignInLeadsNowhereElse(t *testing.T) {
	c := openCompany(t)
	for _, to := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "relative", "/%0d%0aX: y\r\n", ""} {
		ann := c.person(t)
		got := ann.signIn(oidctest.Ann, to)
		assert.True(t, strings.HasPrefix(got, "/") && !strings.Contains(strings.ReplaceAll(got, "%", ""), "evil.example"), "%q led to %q", to, got)
	}
}

func TestTheProviderSignsOut(t *testing.T) {
	c := openCompany(t)
	ann := c.person(t)
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
	other, err := c.there.LogoutToken(map[string]any{"sub": "id2"})
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, send(other, form))
	assert.True(t, ann.in(), "somebody else signed out")
	old, err := c.there.LogoutToken(map[string]any{"iat": time.Now().Add(-5 * time.Minute).Unix()})
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, send(old, form))
	assert.True(t, ann.in(), "she signed in again since")
	good, err := c.there.LogoutToken(nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusBadRequest, send(good[:len(good)-8], form))
	assert.Equal(t, http.StatusUnsupportedMediaType, send(good, "application/json"))
	assert.True(t, ann.in())
	assert.Equal(t, http.StatusOK, send(good, form))
	assert.False(t, ann.in(), "at once")
	assert.Equal(t, http.StatusOK, send(good, form), "a second time does no harm")
}

func TestSessionsEndByThemselves(t *testing.T) {
	c := openCompany(t)
	ann := c.person(t)
	ann.signIn(oidctest.Ann, "/")
	for range 3 {
		c.clock.pass(20 * time.Minute)
		answer, _ := ann.get("/api/v1/credentials")
		require.Equal(t, http.StatusOK, answer.StatusCode, "whoever does something stays")
	}
	c.clock.pass(29 * time.Minute)
	assert.True(t, ann.in(), "asking when it ends")
	c.clock.pass(time.Minute)
	assert.False(t, ann.in(), "is no use of it")

	ann.signIn(oidctest.Ann, "/")
	for range 24 { // eight hours
		answer, _ := ann.post("/api/v1/session")
		require.Equal(t, http.StatusOK, answer.StatusCode)
		c.clock.pass(20 * time.Minute)
	}
	assert.False(t, ann.in(), "and nobody stays for longer than the limit")
}

func TestUsingASessionWritesSeldom(t *testing.T) {
	c := openCompany(t)
	ann := c.person(t)
	ann.signIn(oidctest.Ann, "/")
	seen := map[time.Time]bool{}
	for range 60 { // five minutes
		_, _ = ann.get("/api/v1/environments")
		sessions, err := c.stored()
		require.NoError(t, err)
		seen[sessions[0].LastSeenAt] = true
		c.clock.pass(5 * time.Second)
	}
	assert.LessOrEqual(t, len(seen), 7, "once a minute of a limit of thirty")
	assert.GreaterOrEqual(t, len(seen), 4)
}

func TestEndingSessions(t *testing.T) {
	c := openCompany(t)
	ann, again := c.person(t), c.person(t)
	ann.signIn(oidctest.Ann, "/")
	again.signIn(oidctest.Ann, "/")
	stored, err := c.stored()
	require.NoError(t, err)
	require.Len(t, stored, 2)
	_, text := ann.get("/api/v1/sessions")
	assert.Equal(t, 2, strings.Count(text, `"id":"sess_`))
	assert.Equal(t, 1, strings.Count(text, `"current":true`))

	narrow := c.session(paycor.Caller{Kind: paycor.CallerPerson, ID: "narrow", Name: "Narrow", Workspace: "default", Rights: paycor.Rights{paycor.RightView}})
	stranger := c.session(paycor.Caller{Kind: paycor.CallerPerson, ID: "far", Name: "Far", Workspace: "other", Rights: paycor.AllRights()})
	for _, one := range stored {
		assert.Equal(t, http.StatusForbidden, c.send(narrow, "DELETE", "/api/v1/sessions/"+one.ID, "").status)
		assert.Equal(t, http.StatusNotFound, c.send(stranger, "DELETE", "/api/v1/sessions/"+one.ID, "").status)
	}
	assert.Equal(t, http.StatusForbidden, c.send(narrow, "DELETE", "/api/v1/sessions/sess_none", "").status, "who may not look learns nothing")
	assert.Equal(t, http.StatusNoContent, c.send(narrow, "DELETE", "/api/v1/sessions/"+sessionID(narrow), "").status, "one's own")
	assert.Equal(t, http.StatusUnauthorized, c.send(narrow, "GET", "/api/v1/session", "").status)

	request, err := http.NewRequestWithContext(t.Context(), "DELETE", c.URL+"/api/v1/sessions/"+stored[0].ID, nil)
	answer, _ := again.do(request, err)
	assert.Equal(t, http.StatusNoContent, answer.StatusCode)
	assert.NotEqual(t, ann.in(), again.in(), "one of the two has ended")
}
