package oidc_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/message"
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

// startProvider runs a provider with one client.
func startProvider(t *testing.T) *oidctest.Provider {
	t.Helper()
	server, err := oidctest.Start([]string{redirectURI}, back)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server
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

// signIn signs a user in at the provider and returns the parameters of its redirect.
func signIn(t *testing.T, address, user string) url.Values {
	t.Helper()
	issuer, err := url.Parse(address)
	require.NoError(t, err)
	to, err := (&oidctest.Provider{Issuer: issuer.Scheme + "://" + issuer.Host + "/"}).SignIn(address, user)
	require.NoError(t, err)
	return to.Query()
}

func begin(t *testing.T, provider *oidc.Provider) string {
	t.Helper()
	address, err := provider.AuthorizationURL(t.Context(), redirectURI, state, nonce, verifier)
	require.NoError(t, err)
	return address
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	server := startProvider(t)
	provider := connect(t, configuration(server.Issuer), nil)
	address := begin(t, provider)
	authorization, err := url.Parse(address)
	require.NoError(t, err)
	challenge := sha256.Sum256([]byte(verifier))
	assert.Equal(t, base64.RawURLEncoding.EncodeToString(challenge[:]), authorization.Query().Get("code_challenge"))
	assert.Equal(t, "S256", authorization.Query().Get("code_challenge_method"))
	assert.NotContains(t, address, verifier)
	assert.NotContains(t, address, oidctest.Secret)

	got := signIn(t, address, oidctest.Ann)
	assert.Equal(t, state, got.Get("state"))
	who, err := provider.Exchange(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
	require.NoError(t, err)
	assert.Equal(t, server.Issuer, who.Issuer)
	assert.Equal(t, "id1", who.Subject)
	assert.Equal(t, "Test User", who.Name)
	assert.Equal(t, "test-user@zitadel.ch", who.Login)
	assert.Equal(t, []string{"everybody", "payroll-admins"}, who.Groups)
	assert.Equal(t, paycor.AllRights(), who.Rights)
	assert.Equal(t, "payroll", who.Workspace)
	assert.False(t, who.Hint.IsZero())

	_, err = provider.Exchange(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "a code works once")
}

// At some providers people can enter any email address in their profile.
func TestUnverifiedEmailGivesNoRights(t *testing.T) {
	t.Parallel()
	server := startProvider(t)
	tests := map[string]struct {
		user, address string
		in            bool
	}{
		"verified":   {oidctest.Ann, "test-user@zitadel.ch", true},
		"unverified": {oidctest.Bob, "test-user2@zitadel.ch", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			config := configuration(server.Issuer)
			config.Rules = []oidc.Rule{{Claim: "email", Value: test.address, Rights: paycor.AllRights(), Workspace: "default"}}
			provider := connect(t, config, nil)
			got := signIn(t, begin(t, provider), test.user)
			who, err := provider.Exchange(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
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

func TestUserInfoOfAnotherSubjectIsIgnored(t *testing.T) {
	t.Parallel()
	server := startProvider(t)
	var log bytes.Buffer
	provider, err := oidc.New(t.Context(), configuration(server.Issuer), nil, slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err)
	got := signIn(t, begin(t, provider), oidctest.Mal)
	who, err := provider.Exchange(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
	assert.Empty(t, who.Groups)
	assert.Contains(t, log.String(), "subject differs")
}

// azp names the client that an ID token with several audiences is for.
func TestIDTokenForAnotherClient(t *testing.T) {
	t.Parallel()
	for azp, says := range map[string]string{"another-program": "signin.audience", oidctest.ClientID: ""} {
		server := startProvider(t)
		server.OverrideClaims(map[string]any{"aud": []string{"another-program", oidctest.ClientID}, "azp": azp})
		provider := connect(t, configuration(server.Issuer), nil)
		got := signIn(t, begin(t, provider), oidctest.Ann)
		who, err := provider.Exchange(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
		if says == "" {
			require.NoError(t, err)
			assert.NotEmpty(t, who.Rights)
			continue
		}
		assert.ErrorContains(t, err, says)
		assert.Empty(t, who)
	}
}

func TestKeyRotation(t *testing.T) {
	t.Parallel()
	server := startProvider(t)
	provider := connect(t, configuration(server.Issuer), nil)
	for range 2 {
		got := signIn(t, begin(t, provider), oidctest.Ann)
		_, err := provider.Exchange(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
		require.NoError(t, err)
		require.NoError(t, server.Rotate())
	}
}

// TestSignInErrors covers the mistakes of operators.
func TestSignInErrors(t *testing.T) {
	t.Parallel()
	server := startProvider(t)
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
			config := configuration(server.Issuer)
			if test.change != nil {
				test.change(&config)
			}
			provider := connect(t, config, func() time.Time { return time.Now().Add(test.clock) })
			got := signIn(t, begin(t, provider), cmp.Or(test.user, oidctest.Ann))
			_, err := provider.Exchange(t.Context(), cmp.Or(test.redirect, redirectURI), got.Get("code"), cmp.Or(test.nonce, nonce), cmp.Or(test.verifier, verifier))
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			var known *paycor.Error
			require.ErrorAs(t, err, &known)
			assert.Equal(t, test.kind, known.Kind)
			assert.Contains(t, known.Message.String(), test.says)
			if test.cause != "" {
				require.Error(t, known.Err)
				assert.Contains(t, known.Err.Error(), test.cause)
			}
			assert.NotContains(t, err.Error(), "canary")
		})
	}
}

func TestUnregisteredRedirectURI(t *testing.T) {
	t.Parallel()
	server := startProvider(t)
	provider := connect(t, configuration(server.Issuer), nil)
	address, err := provider.AuthorizationURL(t.Context(), "http://localhost:1/other", state, nonce, verifier)
	require.NoError(t, err)
	page, err := http.Get(address)
	require.NoError(t, err)
	defer page.Body.Close()
	assert.Equal(t, http.StatusBadRequest, page.StatusCode)
}

func TestNewRejectsWrongIssuer(t *testing.T) {
	t.Parallel()
	server := startProvider(t)
	nothing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(nothing.Close)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html>\n"+strings.Repeat("<p>much</p>\n", 500))
	}))
	t.Cleanup(page.Close)
	for name, test := range map[string]struct{ issuer, says string }{
		"without its slash": {strings.TrimSuffix(server.Issuer, "/"), "cli.oidc-other-issuer"},
		"no provider":       {nothing.URL, "cli.oidc-no-provider"},
		"a web page":        {page.URL, "cli.oidc-no-provider"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := oidc.New(t.Context(), configuration(test.issuer), nil, nil)
			require.ErrorContains(t, err, test.says)
			assert.ErrorContains(t, err, "cli.oidc-unusable")
			shown := message.Of(err).In(locale.English)
			assert.Less(t, len(shown), 500, "quotes are short")
			assert.NotContains(t, shown, "\n")
		})
	}
}

func TestUnreachableProvider(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	provider, err := oidc.New(t.Context(), configuration(down.URL), nil, slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err, "the server starts anyway")
	assert.Contains(t, log.String(), "unreachable")
	_, err = provider.AuthorizationURL(t.Context(), redirectURI, state, nonce, verifier)
	assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(err))
	assert.ErrorContains(t, err, "signin.unreachable")
	assert.Empty(t, provider.LogoutURL(t.Context(), paycor.NewSecret("t"), back))
}

// A provider that does not respond delays each sign-in, but a canceled sign-in
// does not wait, and all of them share one request.
func TestDiscoveryIsShared(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	release := make(chan struct{})
	unresponsive := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > 1 { // the first request comes from New
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
		panic(http.ErrAbortHandler)
	}))
	defer unresponsive.Close()
	provider, err := oidc.New(t.Context(), configuration(unresponsive.URL), nil, nil)
	require.NoError(t, err)
	begin := func(ctx context.Context) error {
		_, err := provider.AuthorizationURL(ctx, redirectURI, state, nonce, verifier)
		return err
	}
	var all sync.WaitGroup
	defer all.Wait()
	defer close(release)
	all.Go(func() {
		assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(begin(context.WithoutCancel(t.Context()))))
	})
	require.Eventually(t, func() bool { return requests.Load() == 2 }, time.Minute, time.Millisecond)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(begin(canceled)), "a canceled sign-in does not wait")
	assert.EqualValues(t, 2, requests.Load())
}

func TestLogoutURL(t *testing.T) {
	t.Parallel()
	server := startProvider(t)
	provider := connect(t, configuration(server.Issuer), nil)
	got := signIn(t, begin(t, provider), oidctest.Ann)
	who, err := provider.Exchange(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
	require.NoError(t, err)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(provider.LogoutURL(t.Context(), who.Hint, back))
	require.NoError(t, err)
	defer response.Body.Close()
	to, err := response.Location()
	require.NoError(t, err)
	assert.Equal(t, back, to.String())
}

func TestVerifyLogoutToken(t *testing.T) {
	t.Parallel()
	server := startProvider(t)
	tests := map[string]struct {
		claims map[string]any
		ends   string // subject/session; empty if the token is invalid
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
		"without exp":             {map[string]any{"exp": nil}, "id1/"},
		"without exp and old":     {map[string]any{"exp": nil, "iat": time.Now().Add(-time.Hour).Unix()}, ""},
		"without iat":             {map[string]any{"iat": nil}, ""},
		"expired":                 {map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}, ""},
		"from yesterday":          {map[string]any{"iat": time.Now().Add(-24 * time.Hour).Unix()}, ""},
		"from the future":         {map[string]any{"iat": time.Now().Add(time.Hour).Unix()}, ""},
		"with several recipients": {map[string]any{"aud": []string{"another", oidctest.ClientID}}, "id1/"},
	}
	provider := connect(t, configuration(server.Issuer), nil)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			token, err := server.LogoutToken(test.claims)
			require.NoError(t, err)
			ended, err := provider.VerifyLogoutToken(t.Context(), token)
			if test.ends == "" {
				assert.Equal(t, paycor.KindMalformed, paycor.KindOf(err))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.ends, ended.Subject+"/"+ended.SID)
			assert.WithinDuration(t, time.Now().Add(time.Minute), ended.Until, 30*time.Second)
		})
	}
	good, err := server.LogoutToken(nil)
	require.NoError(t, err)
	parts := strings.Split(good, ".")
	header, err := json.Marshal(map[string]string{"alg": "none"})
	require.NoError(t, err)
	for name, forged := range map[string]string{
		"no signature":    base64.RawURLEncoding.EncodeToString(header) + "." + parts[1] + ".",
		"another payload": parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"`+server.Issuer+`","aud":"paycorcred","sub":"id2"}`)) + "." + parts[2],
		"no token":        "canary", "nothing": "",
	} {
		_, err := provider.VerifyLogoutToken(t.Context(), forged)
		assert.Equal(t, paycor.KindMalformed, paycor.KindOf(err), name)
	}
}
