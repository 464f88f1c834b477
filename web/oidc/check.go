package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"

	"paycorcred/paycor"
)

// Discover reads the provider's discovery document, unless it was read before.
func (p *Provider) Discover(ctx context.Context) error {
	_, err := p.discover(ctx)
	return err
}

// SigningKeys fetches the provider's keys and returns how many are for signatures.
func (p *Provider) SigningKeys(ctx context.Context) (int, error) {
	metadata, err := p.discover(ctx)
	if err != nil {
		return 0, err
	}
	var document struct {
		KeysURL string `json:"jwks_uri"`
	}
	if err := metadata.Claims(&document); err != nil {
		return 0, err
	}
	text, status, err := p.get(ctx, document.KeysURL)
	if err != nil || status != http.StatusOK {
		return 0, errors.Join(fmt.Errorf("%s answered %d", document.KeysURL, status), err)
	}
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal(text, &keys); err != nil {
		return 0, fmt.Errorf("%s is no JWKS: %w", document.KeysURL, err)
	}
	count := 0
	for _, key := range keys.Keys {
		if key.Use != "enc" {
			count++
		}
	}
	return count, nil
}

// TryClient asks the token endpoint for the tokens of an invented code. The provider
// rejects the code if it accepts client ID and secret. Otherwise it rejects the client, and
// TryClient returns its error; but some look at the code first.
func (p *Provider) TryClient(ctx context.Context, redirectURI string) error {
	_, _, err := p.exchange(ctx, redirectURI, "invented", oauth2.GenerateVerifier())
	var refused *oauth2.RetrieveError
	switch {
	case !errors.As(err, &refused):
		return err
	case refused.ErrorCode == "invalid_grant" || refused.ErrorCode == "invalid_request":
		return nil
	}
	return exchangeError(err)
}

// TryRedirect opens the authorization endpoint as a browser does at the start of a sign-in
// and returns the status. A provider that does not know the client or the redirect URI
// answers with an error; some do so with a page of status 200.
func (p *Provider) TryRedirect(ctx context.Context, redirectURI string) (status int, err error) {
	address, err := p.AuthorizationURL(ctx, redirectURI, "check", "check", oauth2.GenerateVerifier())
	if err != nil {
		return 0, err
	}
	_, status, err = p.get(ctx, address)
	return status, err
}

// Claims exchanges an authorization code for the claims about a person that rules are
// applied to.
func (p *Provider) Claims(ctx context.Context, redirectURI, code, nonce, verifier string) (map[string]any, error) {
	_, _, claims, err := p.identify(ctx, redirectURI, code, nonce, verifier)
	if err == nil && !verifiedEmail(claims) {
		delete(claims, "email") // it does not count; see person
	}
	return claims, err
}

// Fits reports whether a rule applies to a person with these claims.
func (r Rule) Fits(claims map[string]any) bool { return r.matches(claims) }

// String returns the rule as ParseRule reads it.
func (r Rule) String() string {
	text := r.Claim + "=" + r.Value + ":" + r.Rights.String()
	if r.Workspace != paycor.DefaultWorkspace {
		text += "@" + r.Workspace
	}
	return text
}

// LeftOut returns the claims that rules use and that the provider left out because they
// were too large.
func (p *Provider) LeftOut(claims map[string]any) []string { return p.leftOut(claims) }

// get requests an address of the provider.
func (p *Provider) get(ctx context.Context, address string) ([]byte, int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, err
	}
	response, err := p.client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return text, response.StatusCode, err
}

// exchange exchanges an authorization code. Its errors are those of oauth2.
func (p *Provider) exchange(ctx context.Context, redirectURI, code, verifier string) (*metadata, *oauth2.Token, error) {
	metadata, err := p.reachable(ctx)
	if err != nil {
		return nil, nil, err
	}
	config := metadata.oauth
	config.RedirectURL = redirectURI
	token, err := config.Exchange(oidc.ClientContext(ctx, p.client), code, oauth2.VerifierOption(verifier))
	return metadata, token, err
}
