package tokens

import (
	"context"
	"net/url"

	"paycorcred/paycor"
)

// Code is an authorization code with what proves that it is ours to redeem.
type Code struct {
	Value       paycor.Secret
	Verifier    paycor.Secret // PKCE
	RedirectURI string        // the one the code was made for, letter for letter
}

// refreshGrant is the grant_type of a renewal. It is no paycor.Grant: nobody
// chooses it, an activation ends in it.
const refreshGrant = "refresh_token"

// Refresh trades a refresh token for an access token and, where Paycor
// rotates them, the next refresh token. Paycor takes a refresh token once, so
// the request is repeated only where it certainly was not processed. FateOf
// tells of an error what has become of the refresh token.
func (c *Client) Refresh(ctx context.Context, application Application, refresh paycor.Secret) (Token, error) {
	return c.request(ctx, application, url.Values{
		"grant_type": {refreshGrant}, "refresh_token": {refresh.Reveal()},
	})
}

// Redeem trades an authorization code for tokens, under the same care.
func (c *Client) Redeem(ctx context.Context, application Application, code Code) (Token, error) {
	return c.request(ctx, application, url.Values{
		"grant_type": {string(paycor.GrantAuthorizationCode)}, "code": {code.Value.Reveal()},
		"code_verifier": {code.Verifier.Reveal()}, "redirect_uri": {code.RedirectURI},
	})
}

// singleUse reports whether the form carries something that Paycor takes only once.
func singleUse(form url.Values) bool { return form.Has("refresh_token") || form.Has("code") }

// secretsOf returns what of a form must not be seen.
func secretsOf(form url.Values) []paycor.Secret {
	var secrets []paycor.Secret
	for _, name := range []string{"client_secret", "refresh_token", "code", "code_verifier"} {
		secrets = append(secrets, paycor.NewSecret(form.Get(name)))
	}
	return secrets
}

// SameActivation reports whether a refresh token of one application is good
// for the other as well: for the same client in the same environment. A legal
// entity is part of it, because an activation covers chosen ones.
func (a Application) SameActivation(other Application) bool {
	return a.Environment == other.Environment && a.ClientID == other.ClientID && a.LegalEntityID == other.LegalEntityID
}
