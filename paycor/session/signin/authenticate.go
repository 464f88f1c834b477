package signin

import (
	"context"
	"encoding/hex"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/clock"
	"paycorcred/paycor/store"
)

// CallerBySession returns the caller who signed in with the session of a
// handle, or KindUnauthorized if it has ended. It does not count as a use of
// the session; UseSession does.
func (s *Sessions) CallerBySession(ctx context.Context, handle paycor.Secret) (paycor.Caller, error) {
	found, err := s.find(ctx, handle)
	if err != nil {
		return paycor.Caller{}, err
	}
	// Part of the hash tells browsers apart. It cannot be used as a handle.
	found.Caller.Browser = hex.EncodeToString(found.Hash[:min(8, len(found.Hash))])
	found.Caller.SignIn = found.ID
	return found.Caller, nil
}

// find returns a session that has not ended, else KindUnauthorized.
func (s *Sessions) find(ctx context.Context, handle paycor.Secret) (store.Session, error) {
	var found store.Session
	err := s.config.Store.View(ctx, func(r Reader) (err error) {
		found, err = r.Session(store.HashSecret(handle))
		return err
	})
	if errors.Is(err, store.ErrNotFound) || err == nil && s.expired(found) {
		return found, paycor.Errorf(paycor.KindUnauthorized, "error.session-ended")
	}
	return found, s.config.Authorizer.DenyAltered(ctx, err, paycor.Errorf(paycor.KindUnauthorized, "error.session-ended"))
}

// expired reports whether a session was idle for too long or reached its
// lifetime, or began while the clock was ahead, so that neither can be told.
func (s *Sessions) expired(stored store.Session) bool {
	now := s.now()
	return !now.Before(stored.ExpiresAt) || clock.Ahead(stored.CreatedAt, now) ||
		now.Sub(s.lastSeen.latest(stored.Hash, stored.LastSeenAt, now)) >= s.config.Idle
}
