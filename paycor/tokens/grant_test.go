package tokens_test

import (
	"net/http"
	"net/url"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

const (
	refresh  = "canary-refresh-token-0000000000000001"
	codeText = "canary-authorization-code-00000000001"
	verifier = "canary-code-verifier-0000000000000000000000001"
)

func TestRefreshAndRedeemRequests(t *testing.T) {
	address, sent := listen(t, always(200, `{"access_token":"a","refresh_token":"r2","token_type":"Bearer"}`))
	token, err := client(nil).Refresh(t.Context(), application(address), paycor.NewSecret(refresh))
	require.NoError(t, err)
	assert.Equal(t, "r2", token.Refresh.Reveal())
	_, err = client(nil).Redeem(t.Context(), application(address), tokens.Code{
		Value: paycor.NewSecret(codeText), Verifier: paycor.NewSecret(verifier), RedirectURI: "http://localhost:8080/activation/callback",
	})
	require.NoError(t, err)
	all := sent()
	require.Len(t, all, 2)
	who := url.Values{"client_id": {"00000000000000000a01"}, "client_secret": {"simulator/secret+of/Sunrise+Bakery/0000001"}}
	want := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": who["client_id"], "client_secret": who["client_secret"]}
	assert.Equal(t, want, all[0].form, "a refresh sends no scope")
	want = url.Values{"grant_type": {"authorization_code"}, "code": {codeText}, "code_verifier": {verifier},
		"redirect_uri": {"http://localhost:8080/activation/callback"}, "client_id": who["client_id"], "client_secret": who["client_secret"]}
	assert.Equal(t, want, all[1].form)
}

// A single-use value is sent again only if nobody processed it.
func TestSingleUseValueIsRetriedOnlyIfUnprocessed(t *testing.T) {
	const keyMissing = `{"statusCode":401,"message":"Access denied due to missing subscription key."}`
	for name, c := range map[string]struct {
		status   int
		body     string
		requests int
		want     tokens.RefreshTokenStatus
	}{
		"gateway misses the key":    {401, keyMissing, 2, tokens.RefreshTokenUnused},
		"a proxy misses a key":      {401, `Subscription key missing`, 1, tokens.RefreshTokenUnused},
		"gateway rejects the key":   {401, `{"statusCode":401,"message":"Access denied due to invalid subscription key."}`, 1, tokens.RefreshTokenUnused},
		"too many calls":            {429, `{"statusCode":429,"message":"Rate limit is exceeded."}`, 1, tokens.RefreshTokenUnused},
		"server error":              {500, ``, 1, tokens.RefreshTokenUnknown},
		"a bad gateway":             {502, `Bad Gateway`, 1, tokens.RefreshTokenUnknown},
		"HTML page":                 {403, `<html><body>blocked</body></html>`, 1, tokens.RefreshTokenUnknown},
		"unreadable success":        {200, `{`, 1, tokens.RefreshTokenUnknown},
		"success without a token":   {200, `{}`, 1, tokens.RefreshTokenUnknown},
		"already used":              {400, `{"error":"invalid_grant"}`, 1, tokens.RefreshTokenInvalid},
		"a wrong client":            {401, `{"error":"invalid_client"}`, 1, tokens.RefreshTokenUnused},
		"rejected without a reason": {400, ``, 1, tokens.RefreshTokenUnused},
		"redirect":                  {307, ``, 1, tokens.RefreshTokenUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			address, sent := listen(t, always(c.status, c.body))
			_, err := client(nil).Refresh(t.Context(), application(address), paycor.NewSecret(refresh))
			require.Error(t, err)
			assert.Equal(t, c.want, tokens.RefreshTokenStatusOf(err))
			assert.Len(t, sent(), c.requests)
		})
	}
	t.Run("nothing was sent", func(t *testing.T) {
		transport, dialed := dials(9, syscall.ECONNREFUSED)
		_, err := client(transport).Refresh(t.Context(), application("http://127.0.0.1:1"), paycor.NewSecret(refresh))
		assert.Equal(t, tokens.RefreshTokenUnused, tokens.RefreshTokenStatusOf(err))
		assert.EqualValues(t, 2, dialed.Load())
	})
	t.Run("response is lost", func(t *testing.T) {
		server := paycortest.Start(t, paycortest.Config{})
		app := server.Lookup(paycortest.SunriseBakery)
		given := app.IssueRefreshToken()
		server.AddFault(paycortest.Fault{Kind: paycortest.LostAnswer})
		_, err := client(nil).Refresh(t.Context(), application(server.URL), paycor.NewSecret(given))
		assert.Equal(t, tokens.RefreshTokenUnknown, tokens.RefreshTokenStatusOf(err))
		assert.False(t, server.RefreshTokenLives(given))
		assert.Equal(t, 1, server.Counts().Tokens)
	})
}

// The transport may repeat a request on a pooled connection.
func TestSingleUseValueUsesNewConnection(t *testing.T) {
	server := paycortest.Start(t, paycortest.Config{})
	given := server.Lookup(paycortest.SunriseBakery).IssueRefreshToken()
	pooled := tokens.NewClient(upstream.New(upstream.Config{Transport: upstream.NewTransport(nil)}))
	_, err := pooled.Exchange(t.Context(), application(server.URL)) // leaves an idle connection
	require.NoError(t, err)
	_, err = pooled.Refresh(t.Context(), application(server.URL), paycor.NewSecret(given))
	require.NoError(t, err)
	assert.Equal(t, "close", server.LastHeader(paycortest.AtToken).Get("Connection"))
}

func TestRefreshTokenRotation(t *testing.T) {
	server := paycortest.Start(t, paycortest.Config{})
	first := paycor.NewSecret(server.Lookup(paycortest.SunriseBakery).IssueRefreshToken())
	token, err := client(nil).Refresh(t.Context(), application(server.URL), first)
	require.NoError(t, err)
	require.NotEqual(t, first, token.Refresh)
	_, err = client(nil).Refresh(t.Context(), application(server.URL), first)
	assert.Equal(t, verdicts.CodeRefreshUsed, code(err))
	_, err = client(nil).Refresh(t.Context(), application(server.URL), token.Refresh)
	assert.NoError(t, err)
}

// No error body is documented, so a used refresh token has to be recognized in
// every style.
func TestUsedRefreshTokenStyles(t *testing.T) {
	server := paycortest.Start(t, paycortest.Config{})
	app := server.Lookup(paycortest.SunriseBakery)
	for style, want := range map[paycortest.Style]verdicts.Code{
		paycortest.StyleOAuth: verdicts.CodeRefreshUsed, paycortest.StylePaycor: verdicts.CodeRefreshUsed, paycortest.StyleProblem: verdicts.CodeRefreshUsed,
		paycortest.StyleGateway: verdicts.CodeRefreshUsed, paycortest.StyleText: verdicts.CodeRefreshUsed, paycortest.StyleEmpty: verdicts.CodeRefreshRefused,
	} {
		t.Run(string(style), func(t *testing.T) {
			app.Change(func(d *paycortest.Details) { d.ErrorStyle = style })
			_, err := client(nil).Refresh(t.Context(), application(server.URL), paycor.NewSecret(refresh))
			assert.Equal(t, want, code(err))
			failure, _ := upstream.AsFailure(err)
			assert.Equal(t, verdicts.OutcomeNeedsActivation, failure.Verdict().Outcome)
			assert.Empty(t, failure.Verdict().Fields)
		})
	}
}

func TestRejectedSingleUseValues(t *testing.T) {
	const long = "The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client"
	for name, c := range map[string]struct {
		status        int
		body          string
		refresh, code verdicts.Code
	}{
		"RFC 6749 sentence": {401, `{"error":"invalid_grant","error_description":"` + long + `"}`, verdicts.CodeRefreshUsed, verdicts.CodeCodeRefused},
		"expired":           {400, `{"error":"invalid_grant","error_description":"It has expired."}`, verdicts.CodeRefreshUsed, verdicts.CodeCodeExpired},
		"verifier":          {400, `{"error":"invalid_grant","error_description":"PKCE check failed"}`, verdicts.CodeRefreshUsed, verdicts.CodeVerifierMismatch},
		"redirect":          {400, `{"error":"invalid_grant","error_description":"redirect_uri differs"}`, verdicts.CodeRefreshUsed, verdicts.CodeRedirectMismatch},
		"client":            {400, `{"error":"invalid_client","error_description":"The code is fine."}`, verdicts.CodeClientRejected, verdicts.CodeClientRejected},
		"grant":             {400, `{"error":"unauthorized_client"}`, verdicts.CodeGrantNotAllowed, verdicts.CodeGrantNotAllowed},
		"text only":         {400, `The refresh token was revoked`, verdicts.CodeRefreshUsed, verdicts.CodeCodeRefused},
		"no reason":         {400, ``, verdicts.CodeRefreshRefused, verdicts.CodeCodeRefused},
		"no reason, 401":    {401, ``, verdicts.CodeClientRejected, verdicts.CodeClientRejected},
	} {
		t.Run(name, func(t *testing.T) {
			address, _ := listen(t, always(c.status, c.body))
			_, err := client(nil).Refresh(t.Context(), application(address), paycor.NewSecret(refresh))
			assert.Equal(t, c.refresh, code(err))
			_, err = client(nil).Redeem(t.Context(), application(address), tokens.Code{Value: paycor.NewSecret(codeText), Verifier: paycor.NewSecret(verifier), RedirectURI: "http://localhost/x"})
			assert.Equal(t, c.code, code(err))
		})
	}
}

func TestErrorsRevealNoSingleUseValue(t *testing.T) {
	transport := transportFunc(func(r *http.Request) (*http.Response, error) {
		return nil, &url.Error{Op: refresh, URL: codeText + verifier, Err: http.ErrHandlerTimeout}
	})
	app := application("https://127.0.0.1")
	_, first := client(transport).Refresh(t.Context(), app, paycor.NewSecret(refresh))
	_, second := client(transport).Redeem(t.Context(), app, tokens.Code{Value: paycor.NewSecret(codeText), Verifier: paycor.NewSecret(verifier)})
	assert.NotContains(t, first.Error(), refresh)
	assert.NotContains(t, second.Error(), codeText)
	assert.NotContains(t, second.Error(), verifier)

	echo := func(r request) (int, string) {
		return 400, `{"error":"invalid_grant","error_description":"` + r.form.Get("refresh_token") + r.form.Get("code") + `"}`
	}
	address, _ := listen(t, echo)
	_, err := client(nil).Refresh(t.Context(), application(address), paycor.NewSecret(refresh))
	assert.NotContains(t, err.Error(), refresh)
}
