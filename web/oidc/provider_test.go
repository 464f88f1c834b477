package oidc_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/web/oidc"
	"paycorcred/web/oidc/oidctest"
)

const (
	redirectURI = "http://localhost:1/sign-in/callback"
	back        = "http://localhost:1/sign-in"
	state       = "state-0000000000000000000000000000000000000"
	nonce       = "nonce-0000000000000000000000000000000000000"
	verifier    = "verifier-00000000000000000000000000000000000"
)

// start runs the real provider.
func start(t *testing.T) *oidctest.Provider {
	t.Helper()
	there, err := oidctest.Start([]string{redirectURI}, back)
	require.NoError(t, err)
	t.Cleanup(there.Close)
	return there
}

func configuration(issuer string) oidc.Config {
	return oidc.Config{
		Issuer: issuer, ClientID: oidctest.ClientID, Secret: paycor.NewSecret(oidctest.Secret), Scopes: []string{"openid", "profile", "email"}, GroupsClaim: "groups",
		Rules: []oidc.Rule{{Claim: "groups", Value: "payroll-admins", Rights: paycor.AllRights(), Workspace: "payroll"}},
	}
}

func connect(t *testing.T, config oidc.Config, clock func() time.Time) *oidc.Provider {
	t.Helper()
	provider, err := oidc.New(t.Context(), config, clock, nil)
	require.NoError(t, err)
	return provider
}

// signIn plays somebody at the provider's own page, and returns what it leads
// back with.
func signIn(t *testing.T, address, user string) url.Values {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), redirectURI) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page, err := client.Get(address)
	require.NoError(t, err)
	text, err := io.ReadAll(page.Body)
	require.NoError(t, err)
	page.Body.Close()
	id := page.Request.URL.Query().Get("authRequestID")
	require.NotEmpty(t, id, string(text))
	answer, err := client.PostForm(page.Request.URL.Scheme+"://"+page.Request.URL.Host+"/login/username",
		url.Values{"username": {user}, "password": {oidctest.Password}, "id": {id}})
	require.NoError(t, err)
	answer.Body.Close()
	to, err := answer.Location()
	require.NoError(t, err)
	return to.Query()
}

func begin(t *testing.T, provider *oidc.Provider) string {
	t.Helper()
	address, err := provider.Begin(t.Context(), redirectURI, state, nonce, verifier)
	require.NoError(t, err)
	return address
}

func TestSigningInWithARealProvider(t *testing.T) {
	there := start(t)
	provider := connect(t, configuration(there.Issuer), nil)
	address := begin(t, provider)
	asked, err := url.Parse(address)
	require.NoError(t, err)
	challenge := sha256.Sum256([]byte(verifier))
	assert.Equal(t, base64.RawURLEncoding.EncodeToString(challenge[:]), asked.Query().Get("code_challenge"))
	assert.Equal(t, "S256", asked.Query().Get("code_challenge_method"))
	assert.NotContains(t, address, verifier)
	assert.NotContains(t, address, oidctest.Secret)

	got := signIn(t, address, oidctest.Ann)
	assert.Equal(t, state, got.Get("state"))
	who, err := provider.Finish(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
	require.NoError(t, err)
	assert.Equal(t, there.Issuer, who.Issuer)
	assert.Equal(t, "id1", who.Subject)
	assert.Equal(t, "Test User", who.Name)
	assert.Equal(t, "test-user@zitadel.ch", who.Login)
	assert.Equal(t, []string{"everybody", "payroll-admins"}, who.Groups)
	assert.Equal(t, paycor.AllRights(), who.Rights)
	assert.Equal(t, "payroll", who.Workspace)
	assert.False(t, who.Hint.IsZero())

	_, err = provider.Finish(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "a code works once")
}

// Where people can write into their profile what they like, an address that
// nobody has verified is no reason for a right.
func TestAnUnverifiedAddressGivesNoRights(t *testing.T) {
	there := start(t)
	tests := map[string]struct {
		user, address string
		in            bool
	}{
		"verified":   {oidctest.Ann, "test-user@zitadel.ch", true},
		"unverified": {oidctest.Bob, "test-user2@zitadel.ch", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			config := configuration(there.Issuer)
			config.Rules = []oidc.Rule{{Claim: "email", Value: test.address, Rights: paycor.AllRights(), Workspace: "default"}}
			provider := connect(t, config, nil)
			got := signIn(t, begin(t, provider), test.user)
			who, err := provider.Finish(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
			if test.in {
				require.NoError(t, err)
				assert.Equal(t, paycor.AllRights(), who.Rights)
				return
			}
			var known *paycor.Error
			require.ErrorAs(t, err, &known)
			assert.Equal(t, paycor.KindForbidden, known.Kind)
			assert.Empty(t, who.Rights)
			assert.Empty(t, who.Login)
			assert.ErrorContains(t, known.Err, "email_verified")
		})
	}
}

// What the userinfo endpoint tells of somebody else gives no rights.
func TestUserinfoAboutSomebodyElse(t *testing.T) {
	there := start(t)
	var log bytes.Buffer
	provider, err := oidc.New(t.Context(), configuration(there.Issuer), nil, slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err)
	got := signIn(t, begin(t, provider), oidctest.Mal)
	who, err := provider.Finish(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
	assert.Empty(t, who.Groups)
	assert.Contains(t, log.String(), "somebody else")
}

// An ID token for several recipients names the one it was made for.
func TestAnIDTokenForAnotherProgram(t *testing.T) {
	for party, says := range map[string]string{"another-program": "signin.audience", oidctest.ClientID: ""} {
		there := start(t)
		there.LayOver(map[string]any{"aud": []string{"another-program", oidctest.ClientID}, "azp": party})
		provider := connect(t, configuration(there.Issuer), nil)
		got := signIn(t, begin(t, provider), oidctest.Ann)
		who, err := provider.Finish(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
		if says == "" {
			require.NoError(t, err)
			assert.NotEmpty(t, who.Rights)
			continue
		}
		assert.ErrorContains(t, err, says)
		assert.Empty(t, who)
	}
}

func TestKeysRotate(t *testing.T) {
	there := start(t)
	provider := connect(t, configuration(there.Issuer), nil)
	for range 2 {
		got := signIn(t, begin(t, provider), oidctest.Ann)
		_, err := provider.Finish(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
		require.NoError(t, err)
		require.NoError(t, there.Rotate())
	}
}

// TestMistakesAreToldInWords tries what an operator gets wrong.
func TestMistakesAreToldInWords(t *testing.T) {
	there := start(t)
	tests := map[string]struct {
		change   func(*oidc.Config)
		clock    time.Duration
		user     string
		nonce    string
		verifier string
		redirect string
		kind     paycor.Kind
		says     string
		cause    string
	}{
		"wrong secret":        {change: func(c *oidc.Config) { c.Secret = paycor.NewSecret("canary-of-a-wrong-secret") }, kind: paycor.KindUnavailable, says: "signin.client", cause: "--oidc-client-secret-file"},
		"the name of another": {user: oidctest.Eve, kind: paycor.KindUnavailable, says: "signin.reserved", cause: `sub is "local"`},
		"clock behind":        {clock: -10 * time.Minute, kind: paycor.KindUnavailable, says: "signin.clocks", cause: "from the future"},
		"clock ahead":         {clock: 3 * time.Hour, kind: paycor.KindUnavailable, says: "signin.clocks", cause: "has expired"},
		"a few seconds":       {clock: -30 * time.Second},
		"no group that fits":  {user: oidctest.Bob, kind: paycor.KindForbidden, says: "signin.no-access (Test User2)", cause: "no --oidc-map fits; the claims are"},
		"another group":       {change: func(c *oidc.Config) { c.Rules[0].Value = "other" }, kind: paycor.KindForbidden, says: "signin.no-access-groups (Test User, everybody, payroll-admins)", cause: "groups"},
		"another nonce":       {nonce: "other", kind: paycor.KindUnauthorized, says: "signin.other"},
		"another verifier":    {verifier: strings.Repeat("x", 43), kind: paycor.KindUnauthorized, says: "signin.too-late", cause: "invalid_grant"},
		"another redirect":    {redirect: "http://localhost:1/elsewhere", kind: paycor.KindUnauthorized, says: "signin.too-late", cause: "redirect URI"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			config := configuration(there.Issuer)
			if test.change != nil {
				test.change(&config)
			}
			provider := connect(t, config, func() time.Time { return time.Now().Add(test.clock) })
			or := func(value, otherwise string) string {
				if value == "" {
					return otherwise
				}
				return value
			}
			got := signIn(t, begin(t, provider), or(test.user, oidctest.Ann))
			_, err := provider.Finish(t.Context(), or(test.redirect, redirectURI), got.Get("code"), or(test.nonce, nonce), or(test.verifier, verifier))
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			var told *paycor.Error
			require.ErrorAs(t, err, &told)
			assert.Equal(t, test.kind, told.Kind)
			assert.Contains(t, told.Message.String(), test.says)
			if test.cause != "" {
				require.Error(t, told.Err)
				assert.Contains(t, told.Err.Error(), test.cause)
			}
			assert.NotContains(t, err.Error(), "canary")
		})
	}
}

func TestARedirectThatIsNotRegisteredIsTheProvidersToSay(t *testing.T) {
	there := start(t)
	provider := connect(t, configuration(there.Issuer), nil)
	address, err := provider.Begin(t.Context(), "http://localhost:1/other", state, nonce, verifier)
	require.NoError(t, err)
	page, err := http.Get(address)
	require.NoError(t, err)
	defer page.Body.Close()
	assert.Equal(t, http.StatusBadRequest, page.StatusCode)
}

func TestWrongIssuers(t *testing.T) {
	there := start(t)
	nothing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(nothing.Close)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html>\n"+strings.Repeat("<p>much</p>\n", 500))
	}))
	t.Cleanup(page.Close)
	for name, test := range map[string]struct{ issuer, says string }{
		"without its slash": {strings.TrimSuffix(there.Issuer, "/"), "calls itself by another issuer; write it exactly"},
		"no provider":       {nothing.URL, "there is no OpenID Connect provider at this address"},
		"a web page":        {page.URL, "there is no OpenID Connect provider at this address"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := oidc.New(t.Context(), configuration(test.issuer), nil, nil)
			require.ErrorContains(t, err, test.says)
			assert.ErrorContains(t, err, "--oidc-issuer")
			assert.Less(t, len(err.Error()), 500, "what is quoted is short")
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestAProviderThatIsDownIsAskedAgain(t *testing.T) {
	var log bytes.Buffer
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	provider, err := oidc.New(t.Context(), configuration(down.URL), nil, slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err, "the server starts all the same")
	assert.Contains(t, log.String(), "cannot be reached")
	_, err = provider.Begin(t.Context(), redirectURI, state, nonce, verifier)
	assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(err))
	assert.ErrorContains(t, err, "signin.unreachable")
	assert.Empty(t, provider.EndAddress(t.Context(), paycor.NewSecret("t"), back))
}

// A provider that hangs holds up each sign-in for itself only, and is asked
// once for all of them.
func TestAProviderThatHangsIsAskedOnce(t *testing.T) {
	var asked atomic.Int32
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) > 1 { // the first is that of the server's start
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
		panic(http.ErrAbortHandler)
	}))
	defer hanging.Close()
	provider, err := oidc.New(t.Context(), configuration(hanging.URL), nil, nil)
	require.NoError(t, err)
	begin := func(ctx context.Context) error {
		_, err := provider.Begin(ctx, redirectURI, state, nonce, verifier)
		return err
	}
	var all sync.WaitGroup
	defer all.Wait()
	defer close(release)
	all.Go(func() {
		assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(begin(context.WithoutCancel(t.Context()))))
	})
	require.Eventually(t, func() bool { return asked.Load() == 2 }, time.Minute, time.Millisecond)
	left, leave := context.WithCancel(t.Context())
	leave()
	assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(begin(left)), "who leaves does not wait for those before")
	assert.EqualValues(t, 2, asked.Load())
}

func TestSigningOutAtTheProvider(t *testing.T) {
	there := start(t)
	provider := connect(t, configuration(there.Issuer), nil)
	got := signIn(t, begin(t, provider), oidctest.Ann)
	who, err := provider.Finish(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
	require.NoError(t, err)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(provider.EndAddress(t.Context(), who.Hint, back))
	require.NoError(t, err)
	defer answer.Body.Close()
	to, err := answer.Location()
	require.NoError(t, err)
	assert.Equal(t, back, to.String())
}

func TestLogoutTokens(t *testing.T) {
	there := start(t)
	tests := map[string]struct {
		claims map[string]any
		ends   string // subject and session; empty where it is refused
	}{
		"a person":                {nil, "id1/"},
		"a session":               {map[string]any{"sid": "s1"}, "id1/s1"},
		"a session alone":         {map[string]any{"sid": "s1", "sub": nil}, "/s1"},
		"neither":                 {map[string]any{"sub": nil}, ""},
		"no event":                {map[string]any{"events": nil}, ""},
		"another event":           {map[string]any{"events": map[string]any{"x": map[string]any{}}}, ""},
		"an ID token":             {map[string]any{"nonce": "n"}, ""},
		"for somebody else":       {map[string]any{"aud": "another-client"}, ""},
		"of somebody else":        {map[string]any{"iss": "https://evil.example/"}, ""},
		"expired":                 {map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}, ""},
		"from yesterday":          {map[string]any{"iat": time.Now().Add(-24 * time.Hour).Unix()}, ""},
		"from the future":         {map[string]any{"iat": time.Now().Add(time.Hour).Unix()}, ""},
		"with several recipients": {map[string]any{"aud": []string{"another", oidctest.ClientID}}, "id1/"},
	}
	provider := connect(t, configuration(there.Issuer), nil)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			token, err := there.LogoutToken(test.claims)
			require.NoError(t, err)
			ended, err := provider.Ended(t.Context(), token)
			if test.ends == "" {
				assert.Equal(t, paycor.KindMalformed, paycor.KindOf(err))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.ends, ended.Subject+"/"+ended.SID)
			assert.WithinDuration(t, time.Now().Add(time.Minute), ended.Until, 30*time.Second)
		})
	}
	good, err := there.LogoutToken(nil)
	require.NoError(t, err)
	parts := strings.Split(good, ".")
	header, err := json.Marshal(map[string]string{"alg": "none"})
	require.NoError(t, err)
	for name, forged := range map[string]string{
		"no signature":    base64.RawURLEncoding.EncodeToString(header) + "." + parts[1] + ".",
		"another payload": parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"`+there.Issuer+`","aud":"paycorcred","sub":"id2"}`)) + "." + parts[2],
		"no token":        "canary", "nothing": "",
	} {
		_, err := provider.Ended(t.Context(), forged)
		assert.Equal(t, paycor.KindMalformed, paycor.KindOf(err), name)
	}
}
