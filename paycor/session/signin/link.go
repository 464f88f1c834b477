package signin

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/clock"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/store"
)

// linkLifetime is how long a sign-in link can be used.
const linkLifetime = time.Hour

// CreateLink creates the code of a one-time sign-in link, and returns it with the
// time until which it can be used.
func (s *Sessions) CreateLink(ctx context.Context) (code paycor.Secret, expires time.Time, err error) {
	code, now := paycor.NewSecret(rand.Text()), s.now()
	expires = now.Add(linkLifetime)
	err = s.config.Store.Update(ctx, func(tx Tx) error {
		if err := tx.InsertSignInLink(store.SignInLink{Hash: store.HashSecret(code), CreatedAt: now, ExpiresAt: expires}); err != nil {
			return err
		}
		return s.config.Recorder.Record(tx, rights.Operator(""), audit.Entry{Action: audit.ActionLink, Outcome: "done"})
	})
	return code, expires, err
}

// SignIn uses up the code of a sign-in link and opens a session for the local
// administrator. It returns the session's handle, which only the browser keeps.
// A code that is unknown, used or expired is KindUnauthorized.
func (s *Sessions) SignIn(ctx context.Context, code paycor.Secret, from, requestID string) (handle paycor.Secret, expires time.Time, err error) {
	opened, handle := s.newSession(rights.LocalAdministrator(), from, requestID)
	hash := store.HashSecret(code)
	err = s.config.Store.Update(ctx, func(tx Tx) error {
		link, err := tx.SignInLink(hash)
		if err != nil {
			return err
		}
		if opened.CreatedAt.After(link.ExpiresAt) || clock.Ahead(link.CreatedAt, opened.CreatedAt) {
			return store.ErrStale
		}
		if err := tx.MarkSignInLinkUsed(hash, opened.CreatedAt); err != nil {
			return err
		}
		return s.insert(tx, opened)
	})
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrStale) {
		return paycor.Secret{}, time.Time{}, paycor.Errorf(paycor.KindUnauthorized, "error.link-used")
	}
	return handle, opened.ExpiresAt, s.config.Authorizer.DenyAltered(ctx, err, paycor.Errorf(paycor.KindUnauthorized, "error.link-used"))
}
