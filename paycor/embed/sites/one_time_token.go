package sites

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/clock"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

// tokenPrefix tells a one-time token from a signed one, also to scanners that look for
// leaked ones.
const tokenPrefix = "pco_"

// isOneTime reports whether a token has the form of a one-time token.
func isOneTime(token paycor.Secret) bool { return strings.HasPrefix(token.Reveal(), tokenPrefix) }

// CreateOneTimeToken creates a token by which the page in a site's frame opens a session
// for a person, once. The caller is a program with the right embed. The token and the
// session end with the program's API token.
func (s *Sites) CreateOneTimeToken(ctx context.Context, caller paycor.Caller, draft embed.OneTimeTokenDraft) (embed.OneTimeToken, error) {
	if err := s.config.Authorizer.Authorize(ctx, caller, paycor.RightEmbed, audit.ActionEmbedToken, ""); err != nil {
		return embed.OneTimeToken{}, err
	}
	host, err := s.EmbeddingHost(ctx, draft.Host)
	if paycor.KindOf(err) == embed.KindHostUnknown || err == nil && host.Workspace != caller.Workspace {
		return embed.OneTimeToken{}, s.config.Authorizer.Deny(ctx, caller, audit.ActionEmbedToken, string(embed.KindHostUnknown),
			paycor.Errorf(paycor.KindNotFound, "error.site-not-found"))
	}
	if err != nil {
		return embed.OneTimeToken{}, err
	}
	scope, err := s.scopeOf(ctx, host)(draft.Tenant)
	if paycor.KindOf(err) == embed.KindTokenTenant {
		return embed.OneTimeToken{}, s.config.Authorizer.Deny(ctx, caller, audit.ActionEmbedToken, string(embed.KindTokenTenant), err)
	}
	if err != nil {
		return embed.OneTimeToken{}, err
	}
	draft = draft.For(host, caller)
	if problems := draft.Check(host, scope, caller); len(problems) > 0 {
		return embed.OneTimeToken{}, &paycor.Error{Kind: paycor.KindInvalid, Problems: problems, Message: message.New("error.one-time-not-created", problems[0].Message)}
	}
	if err := take(s.creations, host); err != nil {
		return embed.OneTimeToken{}, err
	}
	now := s.now()
	created := embed.OneTimeToken{
		Token: paycor.NewSecret(tokenPrefix + rand.Text() + rand.Text()), ExpiresAt: noLater(now.Add(embed.OneTimeTokenLifetime), caller.Until),
	}
	person := draft.Caller(host, scope)
	err = s.config.Store.Update(ctx, func(tx Tx) error {
		if err := unchangedScope(tx, host, scope); err != nil {
			return err
		}
		if _, err := validAPIToken(tx, caller.Workspace, caller.ID); err != nil {
			return err
		}
		err := tx.InsertEmbedToken(store.EmbedToken{
			Hash: store.HashSecret(created.Token), Host: host.ID, Origin: draft.Origin, Tenant: scope.Tenant, APIToken: caller.ID, Caller: person,
			CreatedAt: now, ExpiresAt: created.ExpiresAt,
		})
		if err != nil {
			return err
		}
		return s.config.Recorder.Record(tx, caller, audit.Entry{Action: audit.ActionEmbedToken, Outcome: "done", Detail: person.ID})
	})
	if err != nil {
		return embed.OneTimeToken{}, err
	}
	return created, nil
}

// exchangeOneTime exchanges a one-time token.
func (s *Sites) exchangeOneTime(ctx context.Context, host embed.Host, request embed.Request) (embed.Session, error) {
	if _, err := s.oneTimeToken(ctx, host, request); err != nil { // without a write for a made-up token
		return embed.Session{}, err
	}
	if err := take(s.exchanges, host); err != nil {
		return embed.Session{}, err
	}
	var session embed.Session
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		token, err := s.readOneTimeToken(tx, host, request)
		if err != nil {
			return err
		}
		apiToken, err := validAPIToken(tx, host.Workspace, token.APIToken)
		if err != nil {
			return err
		}
		session = s.newSession(token.Caller, request)
		session.ExpiresAt = noLater(session.ExpiresAt, apiToken.ExpiresAt)
		switch err := tx.UseEmbedToken(token.Hash, store.HashSecret(session.Handle), session.ExpiresAt); {
		case errors.Is(err, store.ErrExists):
			return paycor.Errorf(embed.KindTokenReplayed, "error.one-time-used")
		case err != nil:
			return err
		}
		return s.insert(tx, session, host, token.Origin, token.Tenant)
	})
	if err != nil {
		return embed.Session{}, err
	}
	return session, nil
}

// oneTimeToken reads a one-time token, or returns why it opens no session.
func (s *Sites) oneTimeToken(ctx context.Context, host embed.Host, request embed.Request) (token store.EmbedToken, err error) {
	err = s.config.Store.View(ctx, func(r store.EmbedReader) (err error) {
		token, err = s.readOneTimeToken(r, host, request)
		return err
	})
	return token, s.config.Authorizer.DenyAltered(ctx, err, paycor.Errorf(embed.KindTokenUnknown, "error.one-time-unknown"))
}

// readOneTimeToken is oneTimeToken within a transaction. An empty origin is that of the
// token.
func (s *Sites) readOneTimeToken(r store.EmbedReader, host embed.Host, request embed.Request) (store.EmbedToken, error) {
	token, err := r.EmbedToken(store.HashSecret(request.Token))
	switch {
	case errors.Is(err, store.ErrNotFound):
		err = paycor.Errorf(embed.KindTokenUnknown, "error.one-time-unknown")
	case err != nil:
	case token.Host != host.ID:
		err = paycor.Errorf(embed.KindTokenIssuer, "error.one-time-site")
	case request.Origin != "" && request.Origin != token.Origin || !slices.Contains(host.Origins, token.Origin):
		err = paycor.Errorf(embed.KindTokenOrigin, "error.one-time-origin", token.Origin)
	case len(token.Session) > 0:
		err = paycor.Errorf(embed.KindTokenReplayed, "error.one-time-used")
	case !s.now().Before(token.ExpiresAt) || clock.Ahead(token.CreatedAt, s.now()):
		err = paycor.Errorf(embed.KindTokenExpired, "error.one-time-expired")
	default:
		var scope embed.Scope
		if scope, err = readScope(r, host, token.Tenant); err == nil && scope.Workspace != token.Caller.Workspace {
			err = paycor.Errorf(embed.KindTokenUnknown, "error.one-time-unknown")
		}
	}
	return token, err
}

// diagnoseOneTime reports whether a one-time token would open a session. It does not use
// up the token.
func (s *Sites) diagnoseOneTime(ctx context.Context, host embed.Host, symptoms embed.Symptoms) (embed.CheckResult, error) {
	result := embed.CheckResult{Name: "token", State: embed.CheckGood, Message: message.New("site.token.one-time")}
	_, err := s.oneTimeToken(ctx, host, embed.Request{Token: symptoms.Token, Origin: symptoms.Origin})
	var known *paycor.Error
	if errors.As(err, &known) {
		result.State, result.Message, result.Remedy = embed.CheckBad, known.Message, message.Text(string(known.Kind))
		err = nil
	}
	return result, err
}

// validAPIToken returns an API token unless it was revoked meanwhile.
func validAPIToken(tx Tx, workspace, id string) (store.APIToken, error) {
	token, err := tx.APITokenByID(workspace, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !token.RevokedAt.IsZero() {
		return store.APIToken{}, paycor.Errorf(paycor.KindUnauthorized, "error.token-unknown-operator")
	}
	return token, err
}

// noLater returns the earlier of two times, of which the second may be zero for never.
func noLater(at, limit time.Time) time.Time {
	if !limit.IsZero() && limit.Before(at) {
		return limit
	}
	return at
}
