package oidc_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/web/oidc"
	"paycorcred/web/oidc/oidctest"
)

// answer is what an endpoint of an odd provider answers.
type answer struct {
	status int
	body   any // a string is sent as it is, everything else as JSON
}

func (a answer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	text, isText := a.body.(string)
	if isText {
		w.WriteHeader(a.status)
		_, _ = w.Write([]byte(text))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body)
}

// oddProvider runs a provider that answers as real ones do when something is wrong, and
// that oidctest's does not. change changes its discovery document.
func oddProvider(t *testing.T, token, keys answer, change func(map[string]any)) string {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	document := map[string]any{"issuer": server.URL, "authorization_endpoint": server.URL + "/a", "token_endpoint": server.URL + "/t", "jwks_uri": server.URL + "/k"}
	if change != nil {
		change(document)
	}
	mux.Handle("/.well-known/openid-configuration", answer{200, document})
	mux.Handle("/t", token)
	mux.Handle("/k", keys)
	return server.URL
}

func refusal(status int, code string) answer {
	return answer{status, map[string]any{"error": code}}
}

// A provider rejects an invented code and a client that it does not know in other words.
func TestTryClient(t *testing.T) {
	t.Parallel()
	for code, accepted := range map[string]bool{"invalid_grant": true, "invalid_request": true, "invalid_client": false, "unauthorized_client": false} {
		provider := connect(t, configuration(oddProvider(t, refusal(400, code), answer{}, nil)), nil)
		if err := provider.TryClient(t.Context(), redirectURI); accepted {
			require.NoError(t, err, code)
		} else {
			assert.ErrorContains(t, err, "signin.client", code)
		}
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	err := connect(t, configuration(gone.URL), nil).TryClient(t.Context(), redirectURI)
	assert.ErrorContains(t, err, "signin.unreachable")
}

// The token endpoint fails in ways that the person, the operator or nobody here can fix.
func TestFailingTokenEndpoint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer answer
		says   string
	}{
		"a fault of its own":          {answer{503, "down for maintenance"}, "signin.server-error"},
		"401 without a code":          {answer{401, "no"}, "signin.client"},
		"a refusal for other reasons": {refusal(400, "invalid_scope"), "signin.refused"},
		"no ID token":                 {answer{200, map[string]any{"access_token": "a", "token_type": "Bearer"}}, "signin.no-identity"},
		"an ID token that is none":    {answer{200, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": "x.y.z"}}, "signin.untrusted"},
	} {
		provider := connect(t, configuration(oddProvider(t, c.answer, answer{}, nil)), nil)
		_, err := provider.Exchange(t.Context(), redirectURI, "code", nonce, verifier)
		assert.ErrorContains(t, err, c.says, name)
	}
}

func TestSigningKeys(t *testing.T) {
	t.Parallel()
	rsa := func(use string) map[string]any {
		return map[string]any{"kty": "RSA", "use": use, "n": "AQAB", "e": "AQAB"}
	}
	for name, c := range map[string]struct {
		keys  answer
		count int
		says  string
	}{
		"encryption keys sign nothing": {answer{200, map[string]any{"keys": []any{rsa("enc"), rsa("sig"), rsa("")}}}, 2, ""},
		"none":                         {answer{200, map[string]any{"keys": []any{}}}, 0, ""},
		"not there":                    {answer{404, "nothing"}, 0, "answered 404"},
		"a page":                       {answer{200, "<html>"}, 0, "is no JWKS"},
	} {
		provider := connect(t, configuration(oddProvider(t, answer{}, c.keys, nil)), nil)
		count, err := provider.SigningKeys(t.Context())
		if c.says != "" {
			assert.ErrorContains(t, err, c.says, name)
			continue
		}
		require.NoError(t, err, name)
		assert.Equal(t, c.count, count, name)
	}
	provider := connect(t, configuration(oddProvider(t, answer{}, answer{}, func(d map[string]any) { d["jwks_uri"] = "http://127.0.0.1:1/\x7f" })), nil)
	_, err := provider.SigningKeys(t.Context())
	assert.Error(t, err)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	_, err = connect(t, configuration(gone.URL), nil).SigningKeys(t.Context())
	assert.Error(t, err)
}

// A discovery document without endpoints belongs to no provider people can sign in at.
func TestDiscoveryWithoutEndpoints(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string]any){
		"no authorization endpoint": func(d map[string]any) { delete(d, "authorization_endpoint") },
		"no token endpoint":         func(d map[string]any) { delete(d, "token_endpoint") },
	} {
		_, err := oidc.New(t.Context(), configuration(oddProvider(t, answer{}, answer{}, change)), nil, nil)
		assert.ErrorContains(t, err, "cli.oidc-no-endpoints", name)
	}
	_, err := oidc.New(t.Context(), configuration(oddProvider(t, answer{}, answer{}, func(d map[string]any) { d["code_challenge_methods_supported"] = "S256" })), nil, nil)
	assert.ErrorContains(t, err, "discovery document")
}

// What `oidc check` does with a provider that works: the redirect is known, and the code
// gives the claims that rules are applied to.
func TestCheckOfAProviderThatWorks(t *testing.T) {
	t.Parallel()
	server := startProvider(t)
	config := configuration(server.Issuer)
	provider := connect(t, config, nil)
	require.NoError(t, provider.Discover(t.Context()))
	status, err := provider.TryRedirect(t.Context(), redirectURI)
	require.NoError(t, err)
	assert.Less(t, status, 400)
	status, err = provider.TryRedirect(t.Context(), "http://localhost:1/unknown")
	require.NoError(t, err)
	assert.Equal(t, http.StatusBadRequest, status)

	got := signIn(t, begin(t, provider), oidctest.Ann)
	claims, err := provider.Claims(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
	require.NoError(t, err)
	assert.True(t, config.Rules[0].Fits(claims))
	assert.False(t, oidc.Rule{Claim: "groups", Value: "others"}.Fits(claims))
	assert.Empty(t, provider.LeftOut(claims))
	_, err = provider.Claims(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
	assert.ErrorContains(t, err, "signin.too-late", "a code is valid once")

	gone, err := url.Parse(server.Issuer)
	require.NoError(t, err)
	server.Close()
	_, err = connect(t, configuration("http://"+gone.Host+"/"), nil).TryRedirect(t.Context(), redirectURI)
	assert.Error(t, err)
}

// An address claim that nobody confirmed is left out, as sign-ins leave it out.
func TestCheckLeavesUnconfirmedAddressOut(t *testing.T) {
	t.Parallel()
	server := startProvider(t)
	provider := connect(t, configuration(server.Issuer), nil)
	for _, user := range []string{oidctest.Ann, oidctest.Bob} {
		got := signIn(t, begin(t, provider), user)
		claims, err := provider.Claims(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
		require.NoError(t, err)
		verified := claims["email_verified"] == true || claims["email_verified"] == "true"
		assert.Equal(t, verified, claims["email"] != nil, user)
	}
}

// String returns what ParseRule reads.
func TestRuleIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"groups=admins:view,edit", "roles=r:view@payroll"} {
		rule, err := oidc.ParseRule(text)
		require.NoError(t, err)
		again, err := oidc.ParseRule(rule.String())
		require.NoError(t, err)
		assert.Equal(t, rule, again)
		assert.Equal(t, strings.Contains(text, "@"), rule.Workspace != paycor.DefaultWorkspace)
	}
}
