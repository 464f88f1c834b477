package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/session"
)

// maxLogoutAge is how old a logout token may be.
const maxLogoutAge = 10 * time.Minute

// LogoutURL returns the provider's logout URL, or "" if it has none. back is the
// post-logout redirect URI.
func (p *Provider) LogoutURL(ctx context.Context, hint paycor.Secret, back string) string {
	metadata, err := p.discover(ctx)
	if err != nil || metadata.endSession == "" {
		return ""
	}
	address, err := url.Parse(metadata.endSession)
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

// logoutEvent is the event of a logout token.
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// VerifyLogoutToken validates a logout token and returns what it ends: one session, or all
// sessions of a person. The error is a *paycor.Error.
func (p *Provider) VerifyLogoutToken(ctx context.Context, raw string) (session.SignOut, error) {
	metadata, err := p.reachable(ctx)
	if err != nil {
		return session.SignOut{}, err
	}
	invalid := func(cause error) (session.SignOut, error) {
		return session.SignOut{}, &paycor.Error{Kind: paycor.KindMalformed, Message: message.New("signin.logout-invalid"), Err: cause}
	}
	token, err := metadata.verifier.Verify(oidc.ClientContext(ctx, p.client), raw)
	if err != nil {
		return invalid(err)
	}
	var claims struct {
		Events  map[string]json.RawMessage `json:"events"`
		Session string                     `json:"sid"`
		Nonce   *string                    `json:"nonce"`
	}
	if err := token.Claims(&claims); err != nil {
		return invalid(err)
	}
	now := p.clock()
	switch _, logout := claims.Events[logoutEvent]; {
	case !logout || claims.Nonce != nil: // an ID token must not pass as a logout token
		return invalid(errors.New("it is no logout token"))
	case token.IssuedAt.IsZero():
		return invalid(errors.New("it has no iat"))
	case token.IssuedAt.Sub(now) > clockSkew:
		return invalid(fmt.Errorf("it is from the future, by %s: set this machine's clock", token.IssuedAt.Sub(now).Round(time.Second)))
	case now.Sub(token.IssuedAt) > maxLogoutAge:
		return invalid(fmt.Errorf("it is %s old, and %s at most are taken", now.Sub(token.IssuedAt).Round(time.Second), maxLogoutAge))
	case !token.Expiry.IsZero() && now.Sub(token.Expiry) > clockSkew: // some providers leave exp out; iat bounds the age
		return invalid(fmt.Errorf("it expired %s ago", now.Sub(token.Expiry).Round(time.Second)))
	case token.Subject == "" && claims.Session == "":
		return invalid(errors.New("it names neither a person nor a session"))
	}
	return session.SignOut{Issuer: token.Issuer, Subject: token.Subject, SID: claims.Session, Until: token.IssuedAt.Add(clockSkew)}, nil
}
