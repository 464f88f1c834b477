package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
)

// metadata is the content of the provider's discovery document.
type metadata struct {
	*oidc.Provider
	verifier   *oidc.IDTokenVerifier
	oauth      oauth2.Config
	endSession string // end_session_endpoint; empty without one
	userinfo   bool   // whether there is a userinfo_endpoint
}

// discover returns the provider's metadata. It is requested once; concurrent
// callers share the request, which continues when one of them is canceled.
func (p *Provider) discover(ctx context.Context) (*metadata, error) {
	if metadata := p.metadata.Load(); metadata != nil {
		return metadata, nil
	}
	result := p.discoveries.DoChan("", func() (any, error) {
		fetched, err := p.fetchMetadata(context.WithoutCancel(ctx))
		if err == nil {
			p.metadata.Store(fetched)
		}
		return fetched, err
	})
	select {
	case fetched := <-result:
		return fetched.Val.(*metadata), fetched.Err
	case <-ctx.Done():
		return nil, &url.Error{Op: "Get", URL: p.config.Issuer, Err: ctx.Err()}
	}
}

// abbreviate returns an error in one short line. At a wrong address the library
// quotes the whole HTML page.
func abbreviate(err error) string {
	const maxLength = 120
	text := []rune(strings.Join(strings.Fields(err.Error()), " "))
	if len(text) <= maxLength {
		return string(text)
	}
	return string(text[:maxLength]) + "…"
}

// fetchMetadata requests the discovery document.
func (p *Provider) fetchMetadata(ctx context.Context) (*metadata, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.config.Issuer)
	var unreachable *url.Error
	switch {
	case err == nil:
	case errors.As(err, &unreachable):
		return nil, err
	case strings.Contains(err.Error(), "issuer"):
		return nil, message.Wrapf(err, "cli.oidc-other-issuer", err)
	default:
		return nil, message.Wrapf(err, "cli.oidc-no-provider", strings.TrimSuffix(p.config.Issuer, "/"), abbreviate(err))
	}
	var more struct {
		EndSession string   `json:"end_session_endpoint"`
		Challenges []string `json:"code_challenge_methods_supported"`
	}
	if err := provider.Claims(&more); err != nil {
		return nil, fmt.Errorf("reading the discovery document: %w", err)
	}
	endpoint := provider.Endpoint()
	if endpoint.AuthURL == "" || endpoint.TokenURL == "" {
		return nil, message.Errorf("cli.oidc-no-endpoints")
	}
	if more.Challenges != nil && !slices.Contains(more.Challenges, "S256") {
		p.log.Warn("the OpenID Connect provider does not announce PKCE support; sign-ins use it anyway", "issuer", p.config.Issuer)
	}
	return &metadata{
		Provider: provider,
		// verifyIDToken checks the times itself, with clockSkew and better messages.
		verifier:   provider.Verifier(&oidc.Config{ClientID: p.config.ClientID, SkipExpiryCheck: true}),
		oauth:      oauth2.Config{ClientID: p.config.ClientID, ClientSecret: p.config.Secret.Reveal(), Endpoint: endpoint, Scopes: p.config.Scopes},
		endSession: more.EndSession,
		userinfo:   provider.UserInfoEndpoint() != "",
	}, nil
}

// reachable is discover with an error for people.
func (p *Provider) reachable(ctx context.Context) (*metadata, error) {
	metadata, err := p.discover(ctx)
	if err != nil {
		return nil, &paycor.Error{Kind: paycor.KindUnavailable, Err: err,
			Message: message.New("signin.unreachable")}
	}
	return metadata, nil
}
