package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/session"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// Bounds of what a provider is asked, and of what it answers.
const (
	patience   = 15 * time.Second
	mostAnswer = 1 << 20
	leeway     = time.Minute // by which two clocks may differ
	mostGroups = 500
)

// Provider is an OpenID Connect provider that people sign in with.
type Provider struct {
	config Config
	client *http.Client
	clock  func() time.Time
	log    *slog.Logger

	found  atomic.Pointer[discovered]
	asking singleflight.Group
}

// discovered is what the provider says of itself.
type discovered struct {
	*oidc.Provider
	verifier   *oidc.IDTokenVerifier
	oauth      oauth2.Config
	endSession string
	userinfo   bool
}

// New returns a provider, and asks it at once who it is. One that cannot be
// reached is asked again when somebody signs in; one that is another than the
// configuration says is an error.
func New(ctx context.Context, config Config, clock func() time.Time, log *slog.Logger) (*Provider, error) {
	if clock == nil {
		clock = time.Now
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p := &Provider{config: config, clock: clock, log: log, client: &http.Client{
		Timeout: patience, Transport: bounded{http.DefaultTransport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	_, err := p.discover(ctx)
	var unreachable *url.Error
	if errors.As(err, &unreachable) {
		log.Warn("the sign-in's provider cannot be reached; it is asked again when somebody signs in", "issuer", config.Issuer, "cause", err)
		return p, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--oidc-issuer %q: %w", config.Issuer, err)
	}
	return p, nil
}

// bounded cuts an answer that is longer than any provider's.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(request)
	if err == nil {
		response.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(response.Body, mostAnswer), response.Body}
	}
	return response, err
}

// Name is what people know the provider by.
func (p *Provider) Name() string {
	if issuer, err := url.Parse(p.config.Issuer); err == nil {
		return issuer.Hostname()
	}
	return p.config.Issuer
}

// discover returns what the provider says of itself. It is asked once; those
// who come while it is asked share the answer, and whoever leaves leaves it to
// the others.
func (p *Provider) discover(ctx context.Context) (*discovered, error) {
	if found := p.found.Load(); found != nil {
		return found, nil
	}
	answer := p.asking.DoChan("", func() (any, error) {
		found, err := p.ask(context.WithoutCancel(ctx))
		if err == nil {
			p.found.Store(found)
		}
		return found, err
	})
	select {
	case said := <-answer:
		return said.Val.(*discovered), said.Err
	case <-ctx.Done():
		return nil, &url.Error{Op: "Get", URL: p.config.Issuer, Err: ctx.Err()}
	}
}

// mostSaid is how much of an answer is told that is no discovery document.
const mostSaid = 120

// short is an error in one short line: the library quotes the whole page that
// stands at a wrong address.
func short(err error) string {
	words := []rune(strings.Join(strings.Fields(err.Error()), " "))
	if len(words) <= mostSaid {
		return string(words)
	}
	return string(words[:mostSaid]) + "…"
}

// ask asks the provider who it is.
func (p *Provider) ask(ctx context.Context) (*discovered, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.config.Issuer)
	var unreachable *url.Error
	switch {
	case err == nil:
	case errors.As(err, &unreachable):
		return nil, err
	case strings.Contains(err.Error(), "issuer"):
		return nil, fmt.Errorf("the provider calls itself by another issuer; write it exactly as the discovery document does, also with or without a slash at the end: %w", err)
	default:
		return nil, fmt.Errorf("there is no OpenID Connect provider at this address: %s/.well-known/openid-configuration is no discovery document: %s",
			strings.TrimSuffix(p.config.Issuer, "/"), short(err))
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
		return nil, errors.New("the discovery document names no authorization or token endpoint")
	}
	if more.Challenges != nil && !slices.Contains(more.Challenges, "S256") {
		p.log.Warn("the sign-in's provider does not say that it checks PKCE; it is sent all the same", "issuer", p.config.Issuer)
	}
	return &discovered{
		Provider: provider,
		// The time is checked here, with a leeway and in words.
		verifier:   provider.Verifier(&oidc.Config{ClientID: p.config.ClientID, SkipExpiryCheck: true}),
		oauth:      oauth2.Config{ClientID: p.config.ClientID, ClientSecret: p.config.Secret.Reveal(), Endpoint: endpoint, Scopes: p.config.Scopes},
		endSession: more.EndSession,
		userinfo:   provider.UserInfoEndpoint() != "",
	}, nil
}

func (p *Provider) reach(ctx context.Context) (*discovered, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return nil, &paycor.Error{Kind: paycor.KindUnavailable, Err: err,
			Message: message.New("signin.unreachable")}
	}
	return found, nil
}

// Begin returns the address at which somebody signs in.
func (p *Provider) Begin(ctx context.Context, redirectURI, state, nonce, verifier string) (string, error) {
	found, err := p.reach(ctx)
	if err != nil {
		return "", err
	}
	config := found.oauth
	config.RedirectURL = redirectURI
	return config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), nil
}

// Finish trades a code for who signed in. Its errors are *paycor.Error.
func (p *Provider) Finish(ctx context.Context, redirectURI, code, nonce, verifier string) (session.SignIn, error) {
	found, err := p.reach(ctx)
	if err != nil {
		return session.SignIn{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	config := found.oauth
	config.RedirectURL = redirectURI
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return session.SignIn{}, exchangeFailed(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return session.SignIn{}, misconfigured("signin.no-identity", errors.New("the token response holds no id_token; --oidc-scopes has to hold openid, and the client has to be one for OpenID Connect"))
	}
	id, claims, err := p.verify(ctx, found, raw)
	if err != nil {
		return session.SignIn{}, err
	}
	if id.Nonce != nonce {
		return session.SignIn{}, paycor.Errorf(paycor.KindUnauthorized, "signin.other")
	}
	if found.userinfo && p.lacks(claims) {
		p.complete(ctx, found, token, id.Subject, claims)
	}
	return p.person(id, raw, claims)
}

// verify checks an ID token's signature, issuer, audience and time.
func (p *Provider) verify(ctx context.Context, found *discovered, raw string) (*oidc.IDToken, map[string]any, error) {
	id, err := found.verifier.Verify(ctx, raw)
	if err != nil {
		return nil, nil, misconfigured("signin.untrusted", fmt.Errorf("verifying the ID token: %w", err))
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return nil, nil, misconfigured("signin.unreadable", err)
	}
	if party, ok := claims["azp"].(string); ok && party != p.config.ClientID {
		return nil, nil, misconfigured("signin.audience", fmt.Errorf("azp is %q", party))
	}
	if id.Subject == paycor.LocalAdministrator {
		return nil, nil, misconfigured("signin.reserved", fmt.Errorf("sub is %q, which is whoever opens a one-time link", id.Subject))
	}
	now := p.clock()
	if early := id.IssuedAt.Sub(now); early > leeway {
		return nil, nil, misconfigured("signin.clocks", fmt.Errorf("the ID token is from the future, by %s: set this machine's clock", early.Round(time.Second)))
	}
	if late := now.Sub(id.Expiry); late > leeway {
		return nil, nil, misconfigured("signin.clocks", fmt.Errorf("the new ID token has expired %s ago already: set this machine's clock", late.Round(time.Second)))
	}
	return id, claims, nil
}

// lacks reports whether a claim that counts is not in the ID token: some
// providers tell it only where they are asked for the person.
func (p *Provider) lacks(claims map[string]any) bool {
	for _, rule := range p.config.Rules {
		if valuesOf(claims, rule.Claim) == nil {
			return true
		}
	}
	return claims["email"] == nil || claims["name"] == nil || valuesOf(claims, p.config.GroupsClaim) == nil
}

// complete adds what the provider tells of the person besides. What the ID
// token says stays.
func (p *Provider) complete(ctx context.Context, found *discovered, token *oauth2.Token, subject string, claims map[string]any) {
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err == nil && info.Subject != subject {
		err = errors.New("it is about somebody else")
	}
	more := map[string]any{}
	if err == nil {
		err = info.Claims(&more)
	}
	if err != nil {
		p.log.WarnContext(ctx, "the sign-in's provider does not tell more about a person", "cause", err)
		return
	}
	switch { // whether an address is verified counts for the address that stands beside it
	case claims["email"] == nil:
		delete(claims, "email_verified")
	case more["email"] != claims["email"]:
		delete(more, "email_verified")
	}
	for name, value := range more {
		if _, known := claims[name]; !known {
			claims[name] = value
		}
	}
}

// person makes somebody of claims.
func (p *Provider) person(id *oidc.IDToken, raw string, claims map[string]any) (session.SignIn, error) {
	who := session.SignIn{Issuer: id.Issuer, Subject: id.Subject, Hint: paycor.NewSecret(raw)}
	who.SID, _ = claims["sid"].(string)
	who.Groups = valuesOf(claims, p.config.GroupsClaim)
	who.Groups = who.Groups[:min(len(who.Groups), mostGroups)]
	verified := claims["email_verified"] == true || claims["email_verified"] == "true"
	if email, _ := claims["email"].(string); verified && email == cut(email) {
		who.Login = email
	}
	for _, claim := range []string{"name", "preferred_username", "email", "sub"} {
		if name, _ := claims[claim].(string); cut(name) != "" {
			who.Name = cut(name)
			break
		}
	}
	hint := ""
	if !verified && claims["email"] != nil { // anybody can write somebody else's address there
		delete(claims, "email")
		hint = "; the e-mail address is not counted, because email_verified is not true"
	}
	who.Rights, who.Workspace = Apply(p.config.Rules, claims)
	if len(who.Rights) == 0 {
		explained := message.New("signin.no-access", who.Name)
		if len(who.Groups) > 0 {
			explained = message.New("signin.no-access-groups", who.Name, cut(strings.Join(who.Groups, ", ")))
		}
		return who, &paycor.Error{Kind: paycor.KindForbidden,
			Message: explained,
			Err:     fmt.Errorf("no --oidc-map fits; the claims are %s%s", strings.Join(names(claims), ", "), hint)}
	}
	return who, nil
}

// cut keeps a name within what a page, a terminal and the audit trail should
// hold. In many places people write their names themselves.
func cut(name string) string {
	const longest = 200
	runes := []rune(strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, name))
	if len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return name
}

// exchangeFailed says why a code brought nothing. What the provider wrote is
// for the operator alone.
func exchangeFailed(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return &paycor.Error{Kind: paycor.KindUnavailable, Err: err,
			Message: message.New("signin.unreachable")}
	}
	cause := fmt.Errorf("the token endpoint answered %d %s %s", refused.Response.StatusCode, refused.ErrorCode, cut(refused.ErrorDescription))
	switch refused.ErrorCode {
	case "invalid_client", "unauthorized_client":
		return misconfigured("signin.client",
			fmt.Errorf("%w: compare --oidc-client-id and the secret in --oidc-client-secret-file with the client at the provider", cause))
	case "invalid_grant":
		return &paycor.Error{Kind: paycor.KindUnauthorized, Err: fmt.Errorf("%w: the code was used or is too old, or the redirect URI at the provider is another", cause),
			Message: message.New("signin.too-late")}
	}
	if refused.Response.StatusCode >= http.StatusInternalServerError {
		return &paycor.Error{Kind: paycor.KindUnavailable, Err: cause, Message: message.New("signin.server-error")}
	}
	if refused.Response.StatusCode == http.StatusUnauthorized {
		return misconfigured("signin.client", cause)
	}
	return misconfigured("signin.refused", cause)
}

// misconfigured is what only the operator can mend.
func misconfigured(key string, cause error) error {
	return &paycor.Error{Kind: paycor.KindUnavailable, Message: message.New("signin.tell-operator", message.New(key)), Err: cause}
}

// EndAddress returns where somebody signs out at the provider, or nothing
// where the provider has no such place.
func (p *Provider) EndAddress(ctx context.Context, hint paycor.Secret, back string) string {
	found, err := p.discover(ctx)
	if err != nil || found.endSession == "" {
		return ""
	}
	address, err := url.Parse(found.endSession)
	if err != nil || address.Scheme != "https" && !paycor.Loopback(address.Hostname()) {
		return ""
	}
	query := address.Query()
	query.Set("client_id", p.config.ClientID)
	query.Set("post_logout_redirect_uri", back)
	if !hint.IsZero() {
		query.Set("id_token_hint", hint.Reveal())
	}
	address.RawQuery = query.Encode()
	return address.String()
}

// logoutEvent is what a logout token is about.
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// Ended returns what a logout token of the provider ends: a session of its, or
// all of a person. The error is an *paycor.Error.
func (p *Provider) Ended(ctx context.Context, raw string) (session.SignOut, error) {
	found, err := p.reach(ctx)
	if err != nil {
		return session.SignOut{}, err
	}
	refused := func(cause error) (session.SignOut, error) {
		return session.SignOut{}, &paycor.Error{Kind: paycor.KindMalformed, Message: message.New("signin.logout-invalid"), Err: cause}
	}
	token, err := found.verifier.Verify(oidc.ClientContext(ctx, p.client), raw)
	if err != nil {
		return refused(err)
	}
	var claims struct {
		Events  map[string]json.RawMessage `json:"events"`
		Session string                     `json:"sid"`
		Nonce   *string                    `json:"nonce"`
	}
	if err := token.Claims(&claims); err != nil {
		return refused(err)
	}
	now := p.clock()
	switch _, logout := claims.Events[logoutEvent]; {
	case !logout || claims.Nonce != nil: // an ID token must not do as one
		return refused(errors.New("it is a token of another sort"))
	case now.Sub(token.Expiry) > leeway || token.IssuedAt.Sub(now) > leeway || now.Sub(token.IssuedAt) > 10*time.Minute:
		return refused(errors.New("it is too old or from the future"))
	case token.Subject == "" && claims.Session == "":
		return refused(errors.New("it names neither a person nor a session"))
	}
	return session.SignOut{Issuer: token.Issuer, Subject: token.Subject, SID: claims.Session, Until: token.IssuedAt.Add(leeway)}, nil
}

func names(claims map[string]any) []string { return slices.Sorted(maps.Keys(claims)) }
