package paycortest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

const (
	callback = "https://localhost/callback?kept=1"
	verifier = "an-invented-code-verifier-of-enough-characters"
)

// authorizeURL returns a valid URL; name and value pairs change its query.
func (c *client) authorizeURL(pairs ...string) string {
	d := c.app.Details()
	sum := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"response_type": {"code"}, "client_id": {d.ClientID}, "redirect_uri": {callback},
		"scope": {d.Scopes[0].ID + " offline_access"}, "subscription-key": {d.PrimaryKey}, "state": {"any &state="},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			query.Del(pairs[i])
		} else {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	return "/AppActivation/Authorize?" + query.Encode()
}

// press submits a form of the pages as a browser does.
func (c *client) press(path string, pairs ...string) reply {
	c.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"same-origin"}}
	return c.do("POST", path, header, form.Encode())
}

func query(t *testing.T, location string) url.Values {
	t.Helper()
	parsed, err := url.Parse(location)
	require.NoError(t, err)
	return parsed.Query()
}

func (c *client) redeem(code string, pairs ...string) reply {
	c.t.Helper()
	return c.token(append([]string{"grant_type", "authorization_code", "code", code,
		"redirect_uri", callback, "code_verifier", verifier}, pairs...)...)
}

func TestActivationInABrowser(t *testing.T) {
	c := start(t, paycortest.Config{})
	page := c.do("GET", c.authorizeURL(), nil, "")
	require.Equal(t, 200, page.status)
	assert.Contains(t, page.body, "Application under Test")
	assert.Contains(t, page.header.Get("Content-Security-Policy"), "form-action 'self' https://localhost",
		"or a browser would not let the form end at the return address")

	r := c.press(c.authorizeURL(), "decision", "allow")
	require.Equal(t, 302, r.status)
	back := query(t, r.header.Get("Location"))
	assert.Equal(t, "any &state=", back.Get("state"))
	assert.Equal(t, "1", back.Get("kept"))
	assert.Regexp(t, `^[0-9a-f]{64}$`, back.Get("code"))

	answer := c.redeem(back.Get("code"))
	require.Equal(t, 200, answer.status, answer.body)
	assert.True(t, c.server.RefreshTokenLives(answer.json(t)["refresh_token"].(string)))
	assert.Equal(t, "invalid_grant", c.redeem(back.Get("code")).json(t)["error"], "a code works once")
}

func TestWithoutOfflineAccessThereIsNoRefreshToken(t *testing.T) {
	c := start(t, paycortest.Config{})
	to, err := c.server.Consent(c.authorizeURL("scope", c.app.Details().Scopes[0].ID), paycortest.Allow)
	require.NoError(t, err)
	answer := c.redeem(query(t, to).Get("code")).json(t)
	assert.Contains(t, answer, "access_token")
	assert.NotContains(t, answer, "refresh_token")
}

func TestDecisionsOfTheAdministrator(t *testing.T) {
	c := start(t, paycortest.Config{})
	denied := query(t, c.press(c.authorizeURL(), "decision", "deny").header.Get("Location"))
	assert.Equal(t, "access_denied", denied.Get("error"))
	assert.Equal(t, "any &state=", denied.Get("state"))
	assert.Equal(t, 403, c.press(c.authorizeURL(), "decision", "not_admin").status)
	assert.Equal(t, 400, c.press(c.authorizeURL(), "decision", "maybe").status)

	foreign := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"cross-site"}}
	assert.Equal(t, 403, c.do("POST", c.authorizeURL(), foreign, "decision=allow").status)
}

func TestWhatNeverGetsARedirect(t *testing.T) {
	c := start(t, paycortest.Config{})
	for name, pairs := range map[string][]string{
		"unknown client":                     {"client_id", "ffff"},
		"no client":                          {"client_id", ""},
		"return address not approved":        {"redirect_uri", "https://localhost/callback"},
		"no return address":                  {"redirect_uri", ""},
		"the own form's address":             {"redirect_uri", c.server.URL + "/AppActivation/ClientRedirect"},
		"unknown subscription key":           {"subscription-key", "ffff"},
		"no subscription key":                {"subscription-key", ""},
		"return address in another casing":   {"redirect_uri", "https://LOCALHOST/callback?kept=1"},
		"return address with something more": {"redirect_uri", callback + "&more=1"},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.do("GET", c.authorizeURL(pairs...), nil, "")
			assert.Equal(t, 400, r.status)
			assert.Empty(t, r.header.Get("Location"))
			_, err := c.server.Consent(c.authorizeURL(pairs...), paycortest.Allow)
			assert.Error(t, err)
		})
	}
	twice := c.authorizeURL() + "&redirect_uri=https%3A%2F%2Fforeign.invalid"
	assert.Equal(t, 400, c.do("GET", twice, nil, "").status)
}

func TestWhatIsSaidByARedirect(t *testing.T) {
	c := start(t, paycortest.Config{})
	d := c.app.Details()
	for name, test := range map[string]struct {
		pairs  []string
		change func(*paycortest.Details)
		code   string
	}{
		"no code asked for": {pairs: []string{"response_type", "token"}, code: "unsupported_response_type"},
		"plain PKCE":        {pairs: []string{"code_challenge_method", "plain"}, code: "invalid_request"},
		"no challenge":      {pairs: []string{"code_challenge", ""}, code: "invalid_request"},
		"short challenge":   {pairs: []string{"code_challenge", "short"}, code: "invalid_request"},
		"unknown scope":     {pairs: []string{"scope", "ffff offline_access"}, code: "invalid_scope"},
		"no scope id":       {pairs: []string{"scope", "offline_access"}, code: "invalid_scope"},
		"not Standard":      {change: func(d *paycortest.Details) { d.NotStandard = true }, code: "unauthorized_client"},
		"grant not allowed": {change: func(d *paycortest.Details) { d.Grants = []paycortest.GrantType{} }, code: "unauthorized_client"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.change != nil {
				c.app.Change(test.change)
				defer c.app.Change(func(now *paycortest.Details) { *now = d })
			}
			r := c.do("GET", c.authorizeURL(test.pairs...), nil, "")
			require.Equal(t, 302, r.status, r.body)
			assert.Equal(t, test.code, query(t, r.header.Get("Location")).Get("error"))
			assert.Equal(t, "any &state=", query(t, r.header.Get("Location")).Get("state"))
		})
	}
	c.app.AddFault(paycortest.Fault{Kind: paycortest.ScopeUnknown, Count: 1})
	r := c.do("GET", c.authorizeURL(), nil, "")
	assert.Equal(t, "invalid_scope", query(t, r.header.Get("Location")).Get("error"))
}

func TestACodeIsRefused(t *testing.T) {
	clock := &clock{}
	c := start(t, paycortest.Config{Clock: clock.now})
	for name, test := range map[string]struct {
		pairs []string
		wait  time.Duration
	}{
		"wrong verifier":           {pairs: []string{"code_verifier", verifier + "x"}},
		"no verifier":              {pairs: []string{"code_verifier", ""}},
		"another return address":   {pairs: []string{"redirect_uri", "https://localhost/callback"}},
		"no return address":        {pairs: []string{"redirect_uri", ""}},
		"after its five minutes":   {wait: 5 * time.Minute},
		"of another application's": {pairs: []string{"client_id", c.server.Lookup(paycortest.SunriseBakery).Details().ClientID, "client_secret", c.server.Lookup(paycortest.SunriseBakery).Details().ClientSecret}},
	} {
		t.Run(name, func(t *testing.T) {
			to, err := c.server.Consent(c.authorizeURL(), paycortest.Allow)
			require.NoError(t, err)
			clock.advance(test.wait)
			assert.Equal(t, "invalid_grant", c.redeem(query(t, to).Get("code"), test.pairs...).json(t)["error"])
		})
	}
}

func TestPaycorsOwnForm(t *testing.T) {
	c := start(t, paycortest.Config{})
	page := c.do("GET", "/appactivation/CLIENTACTIVATION", nil, "") // that host ignores case
	require.Equal(t, 200, page.status)
	found := regexp.MustCompile(`name="code_verifier" value="([^"]{43,128})" readonly`).FindStringSubmatch(page.body)
	require.NotNil(t, found, page.body)

	d := c.app.Details()
	r := c.press("/AppActivation/ClientActivation", "client_id", " "+d.ClientID, "subscription_key", d.PrimaryKey,
		"scope", d.Scopes[0].ID, "code_verifier", found[1])
	require.Equal(t, 302, r.status, r.body)
	to := r.header.Get("Location")
	require.Regexp(t, `^`+regexp.QuoteMeta(c.server.URL)+`/AppActivation/ClientRedirect\?code=[0-9a-f]{64}$`, to)
	end := c.do("GET", to[len(c.server.URL):], nil, "")
	assert.Contains(t, end.body, query(t, to).Get("code"))

	answer := c.redeem(query(t, to).Get("code"), "code_verifier", found[1],
		"redirect_uri", c.server.URL+"/appactivation/clientredirect") // with the addresses our users have
	assert.Equal(t, 200, answer.status, answer.body)
	assert.Contains(t, answer.body, "refresh_token")

	refused := c.press("/AppActivation/ClientActivation", "client_id", "ffff", "code_verifier", found[1])
	assert.Equal(t, 400, refused.status)
}
