package oidc

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/session"
)

const (
	requestTimeout = 15 * time.Second // of a request to the provider
	maxResponse    = 1 << 20          // bytes
	clockSkew      = time.Minute      // tolerated difference between two clocks
)

// Provider is an OpenID Connect provider. It may be used by several goroutines.
type Provider struct {
	config Config
	client *http.Client
	clock  func() time.Time
	log    *slog.Logger

	metadata    atomic.Pointer[metadata] // nil until discovered
	discoveries singleflight.Group
}

// New returns a provider and reads its discovery document. If the provider is
// unreachable, New succeeds and the next sign-in tries again. A discovery
// document that contradicts the configuration is an error. A nil clock means
// time.Now, a nil log discards.
func New(ctx context.Context, config Config, clock func() time.Time, log *slog.Logger) (*Provider, error) {
	if clock == nil {
		clock = time.Now
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if config.Transport == nil {
		config.Transport = http.DefaultTransport
	}
	p := &Provider{config: config, clock: clock, log: log, client: &http.Client{
		Timeout: requestTimeout, Transport: limitedTransport{config.Transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	_, err := p.discover(ctx)
	var unreachable *url.Error
	if errors.As(err, &unreachable) {
		log.Warn("the OpenID Connect provider is unreachable; the next sign-in tries again", "issuer", config.Issuer, "cause", err)
		return p, nil
	}
	if err != nil {
		return nil, message.Wrapf(err, "cli.oidc-unusable", config.Issuer, message.Of(err))
	}
	return p, nil
}

// limitedTransport limits the size of responses.
type limitedTransport struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t limitedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(request)
	if err == nil {
		response.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(response.Body, maxResponse), response.Body}
	}
	return response, err
}

// Name is the issuer's host, as the name on the sign-in page.
func (p *Provider) Name() string {
	if issuer, err := url.Parse(p.config.Issuer); err == nil {
		return issuer.Hostname()
	}
	return p.config.Issuer
}

// AuthorizationURL returns the authorization URL. verifier is the PKCE code verifier.
func (p *Provider) AuthorizationURL(ctx context.Context, redirectURI, state, nonce, verifier string) (string, error) {
	metadata, err := p.reachable(ctx)
	if err != nil {
		return "", err
	}
	config := metadata.oauth
	config.RedirectURL = redirectURI
	return config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), nil
}

// Exchange exchanges an authorization code for the person who signed in. Its errors
// are *paycor.Error; the kind is KindForbidden for a person without rights.
func (p *Provider) Exchange(ctx context.Context, redirectURI, code, nonce, verifier string) (session.SignIn, error) {
	id, raw, claims, err := p.identify(ctx, redirectURI, code, nonce, verifier)
	if err != nil {
		return session.SignIn{}, err
	}
	return p.person(id, raw, claims)
}

// identify exchanges an authorization code for the ID token and all claims.
func (p *Provider) identify(ctx context.Context, redirectURI, code, nonce, verifier string) (*oidc.IDToken, string, map[string]any, error) {
	metadata, token, err := p.exchange(ctx, redirectURI, code, verifier)
	if known := (*paycor.Error)(nil); errors.As(err, &known) {
		return nil, "", nil, err
	}
	if err != nil {
		return nil, "", nil, exchangeError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil, "", nil, misconfigured("signin.no-identity", errors.New("the token response holds no id_token; --oidc-scopes has to hold openid, and the client has to be one for OpenID Connect"))
	}
	ctx = oidc.ClientContext(ctx, p.client)
	id, claims, err := p.verifyIDToken(ctx, metadata, raw)
	if err != nil {
		return nil, "", nil, err
	}
	if id.Nonce != nonce {
		return nil, "", nil, paycor.Errorf(paycor.KindUnauthorized, "signin.other")
	}
	if metadata.userinfo && p.needsUserInfo(claims) {
		p.addUserInfo(ctx, metadata, token, id.Subject, claims)
	}
	return id, raw, claims, nil
}
