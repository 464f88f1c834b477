package sites

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/clock"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/message"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/store"
)

// handlePrefix makes a session handle recognizable to the server and to scanners
// that look for leaked ones.
const handlePrefix = "pce_"

// Exchange exchanges a site's token, once, for a session. It does not record
// denials: the HTTP server does, because it knows which clients ask too often.
func (s *Sites) Exchange(ctx context.Context, request embed.Request) (embed.Session, error) {
	host, err := s.EmbeddingHost(ctx, request.Host)
	if err != nil {
		return embed.Session{}, err
	}
	if !slices.Contains(host.Origins, request.Origin) {
		return embed.Session{}, paycor.Errorf(embed.KindFrameOrigin, "error.frame-origin")
	}
	if isOneTime(request.Token) {
		return s.exchangeOneTime(ctx, host, request)
	}
	return s.exchangeSigned(ctx, host, request)
}

// exchangeSigned exchanges a token that the site's server signed.
func (s *Sites) exchangeSigned(ctx context.Context, host embed.Host, request embed.Request) (embed.Session, error) {
	grant, err := s.config.Tokens.Verify(ctx, host, s.scopeOf(ctx, host), request)
	if err != nil {
		return embed.Session{}, err
	}
	if err := take(s.exchanges, host); err != nil {
		return embed.Session{}, err
	}
	caller := grant.Person.Caller(host, grant.Scope)
	caller.Rights = grant.Rights
	session := s.newSession(caller, request)
	used := sha256.Sum256([]byte(host.ID + "\x00" + grant.ID))
	err = s.config.Store.Update(ctx, func(tx Tx) error {
		if err := unchangedScope(tx, host, grant.Scope); err != nil {
			return err
		}
		switch err := tx.MarkEmbedTokenUsed(used[:], grant.ExpiresAt); {
		case errors.Is(err, store.ErrExists):
			return paycor.Errorf(embed.KindTokenReplayed, "error.token-replayed")
		case err != nil:
			return err
		}
		return s.insert(tx, session, host, request.Origin, grant.Scope.Tenant)
	})
	if err != nil {
		return embed.Session{}, err
	}
	return session, nil
}

// newSession returns a session that is not stored yet.
func (s *Sites) newSession(caller paycor.Caller, request embed.Request) embed.Session {
	caller.From, caller.RequestID = request.From, request.ID
	return embed.Session{
		Handle: paycor.NewSecret(handlePrefix + rand.Text() + rand.Text()), ExpiresAt: s.now().Add(embed.SessionLifetime), Caller: caller,
	}
}

// insert stores a new session, and records in the workspace of its person that the page was
// opened.
func (s *Sites) insert(tx Tx, session embed.Session, host embed.Host, origin, tenant string) error {
	err := tx.InsertEmbedSession(store.EmbedSession{
		Hash: store.HashSecret(session.Handle), Host: host.ID, Origin: origin, Tenant: tenant, Caller: session.Caller, CreatedAt: s.now(), ExpiresAt: session.ExpiresAt,
	})
	if err != nil {
		return err
	}
	return s.config.Recorder.Record(tx, session.Caller, audit.Entry{Action: audit.ActionEmbed, Outcome: "done", Detail: host.ID})
}

// take counts what is done for a site, or returns the error to respond with.
func take(rate *quota.Rate, host embed.Host) error {
	wait := rate.Take(quota.Principal{Kind: quota.KindHost, Workspace: host.Workspace, ID: host.ID})
	if wait == 0 {
		return nil
	}
	seconds := int(math.Ceil(wait.Seconds()))
	return &paycor.Error{
		Kind: quota.KindTooOften, RetryAfter: time.Duration(seconds) * time.Second, Message: message.New("error.exchange-limit", seconds),
	}
}

// unchanged returns an error if the site has changed since it was read: its keys may have
// been replaced.
func unchanged(tx Tx, read embed.Host) error {
	current, err := tx.EmbedHost(read.ID)
	if err != nil {
		return err
	}
	if current.Version != read.Version || !current.CreatedAt.Equal(read.CreatedAt) {
		return paycor.Errorf(paycor.KindBusy, "error.site-changing")
	}
	return nil
}

// unchangedScope returns an error if the site has changed since the token was verified, or
// the tenant that the token is for.
func unchangedScope(tx Tx, host embed.Host, verified embed.Scope) error {
	if err := unchanged(tx, host); err != nil {
		return err
	}
	current, err := readScope(tx, host, verified.Tenant)
	if err == nil && !current.Equal(verified) {
		err = paycor.Errorf(paycor.KindBusy, "error.site-changing")
	}
	return err
}

// CallerByEmbedding returns the caller of an embedded session, or
// KindUnauthorized if it has ended. It reads the site and the tenant each time, so that
// removing a right, an origin or a tenant from the site affects its sessions at once.
func (s *Sites) CallerByEmbedding(ctx context.Context, handle paycor.Secret) (paycor.Caller, error) {
	ended := paycor.Errorf(paycor.KindUnauthorized, "error.embed-session-ended")
	if !strings.HasPrefix(handle.Reveal(), handlePrefix) {
		return paycor.Caller{}, ended
	}
	var session store.EmbedSession
	var host embed.Host
	var scope embed.Scope
	err := s.config.Store.View(ctx, func(r store.EmbedReader) (err error) {
		if session, err = r.EmbedSession(store.HashSecret(handle)); err != nil {
			return err
		}
		if host, err = r.EmbedHost(session.Host); err != nil {
			return err
		}
		scope = host.Scope() // the first tenant ends the sessions that are for none
		if session.Tenant != "" {
			scope, err = tenantScope(r, host, session.Tenant)
		}
		return err
	})
	if errors.Is(err, store.ErrNotFound) || err == nil && (s.now().After(session.ExpiresAt) || clock.Ahead(session.CreatedAt, s.now()) ||
		!slices.Contains(host.Origins, session.Origin) || session.Caller.Workspace != scope.Workspace) {
		return paycor.Caller{}, ended
	}
	if err != nil {
		return paycor.Caller{}, s.config.Authorizer.DenyAltered(ctx, err, ended)
	}
	caller := session.Caller
	caller.Rights = slices.DeleteFunc(slices.Clone(caller.Rights), func(right paycor.Right) bool { return !scope.Rights.Has(right) })
	return caller, nil
}
