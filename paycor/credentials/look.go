package credentials

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/store"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// Look finds out what can be read of a legal entity with a token and a key. It
// never fails. upstream.Client.DataAccess is one.
type Look func(ctx context.Context, call upstream.Call, id int32) *verdicts.DataAccess

// lookTime bounds one look with its token.
const lookTime = time.Minute

// lookLater finds out what a credential can read that was just saved, rotated
// or activated and found verified. Whoever did it does not wait for it: open pages are told when it is
// known. What goes wrong leaves it unknown, until the next verification.
func (s *service) lookLater(credential paycor.Credential, draft paycor.Draft) {
	if s.config.Look == nil || credential.State != paycor.StateVerified || credential.Verdict.DataAccess != nil {
		return
	}
	s.background.Go(func() {
		ctx, cancel := context.WithTimeout(s.running, lookTime)
		defer cancel()
		err := s.look(ctx, credential, draft)
		if err != nil && ctx.Err() == nil && paycor.KindOf(err) == "" && !errors.Is(err, store.ErrNotFound) {
			s.config.Logger.ErrorContext(ctx, "looking at what a credential can read", "credential", credential.ID, "request_id", s.caller.RequestID, "error", err)
		}
	})
}

func (s *service) look(ctx context.Context, credential paycor.Credential, draft paycor.Draft) error {
	release := s.verifications.Acquire(quota.PrincipalsOf(s.caller)...)
	if release == nil {
		return nil // there is more important work
	}
	defer release()
	if err := s.recordStart(ctx, audit.ActionLook, credential.ID, ""); err != nil {
		return err
	}
	token, err := s.tokens.Token(ctx, s.key(credential.ID))
	if _, refused := upstream.AsFailure(err); refused {
		return nil // it is informative, and the token's own entry tells
	} else if err != nil {
		return err
	}
	access := s.config.Look(ctx, upstream.Call{
		Environment: s.environment(draft.Environment), Token: token.Access, SubscriptionKey: draft.SubscriptionKey,
	}, credential.LegalEntityID)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err = s.config.Store.Update(ctx, func(tx store.Tx) error {
		current, err := s.load(tx, credential.ID)
		if err != nil {
			return err
		}
		if current.draft().SameForPaycor(draft) && current.State == paycor.StateVerified {
			if err := tx.UpdateCredential(s.caller.Workspace, current.WithDataAccess(*access), current.Version, nil); err != nil {
				return err
			}
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionLook, Credential: credential.ID, Outcome: "done"})
	})
	if err == nil {
		s.changes.Publish(s.caller.Workspace, events.Change{ID: credential.ID, Action: audit.ActionLook})
	}
	return err
}
