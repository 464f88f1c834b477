package tokens

import (
	"context"
	"net/url"

	"paycorcred/paycor"
)

// Code is an authorization code with the values that prove the right to redeem
// it.
type Code struct {
	Value       paycor.Secret
	Verifier    paycor.Secret // PKCE
	RedirectURI string        // exactly the URI the code was issued for
}

// refreshGrant is the grant_type of a refresh. It is not a paycor.Grant,
// because it cannot be chosen for a credential.
const refreshGrant = "refresh_token"

// Refresh exchanges a refresh token for an access token and, if Paycor rotates
// refresh tokens, the next refresh token. Paycor accepts a refresh token once,
// so Refresh repeats the request only if it certainly was not processed. On an
// error, [RefreshTokenStatusOf] says whether the refresh token is still valid.
func (c *Client) Refresh(ctx context.Context, application Application, refresh paycor.Secret) (Token, error) {
	return c.request(ctx, application, url.Values{
		"grant_type": {refreshGrant}, "refresh_token": {refresh.Reveal()},
	})
}

// Redeem exchanges an authorization code for tokens, and repeats no request
// that may have been processed either.
func (c *Client) Redeem(ctx context.Context, application Application, code Code) (Token, error) {
	return c.request(ctx, application, url.Values{
		"grant_type": {string(paycor.GrantAuthorizationCode)}, "code": {code.Value.Reveal()},
		"code_verifier": {code.Verifier.Reveal()}, "redirect_uri": {code.RedirectURI},
	})
}

// singleUse reports whether the form carries a value that Paycor accepts once.
func singleUse(form url.Values) bool { return form.Has("refresh_token") || form.Has("code") }

// secretsOf returns the values of a form to redact.
func secretsOf(form url.Values) []paycor.Secret {
	var secrets []paycor.Secret
	for _, name := range []string{"client_secret", "refresh_token", "code", "code_verifier"} {
		secrets = append(secrets, paycor.NewSecret(form.Get(name)))
	}
	return secrets
}
