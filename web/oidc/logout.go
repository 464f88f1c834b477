package oidc

import (
	"context"
	"encoding/json"
	"errors"
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
	case now.Sub(token.Expiry) > clockSkew || token.IssuedAt.Sub(now) > clockSkew || now.Sub(token.IssuedAt) > maxLogoutAge:
		return invalid(errors.New("it is too old or from the future"))
	case token.Subject == "" && claims.Session == "":
		return invalid(errors.New("it names neither a person nor a session"))
	}
	return session.SignOut{Issuer: token.Issuer, Subject: token.Subject, SID: claims.Session, Until: token.IssuedAt.Add(clockSkew)}, nil
}
