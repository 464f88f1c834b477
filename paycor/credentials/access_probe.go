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

// ProbeFunc finds out which groups of data a token and a key can read for a legal
// entity. It never fails. upstream.Client.DataAccess is one.
type ProbeFunc func(ctx context.Context, call upstream.Call, id int32) *verdicts.DataAccess

// probeTimeout bounds an access probe, including the token it needs.
const probeTimeout = time.Minute

// probeAccessLater starts an access probe of a credential that was just saved,
// rotated or activated and is verified. It does not wait for the result, which
// is published to open pages. If the probe fails, data access stays unknown
// until the next verification.
func (s verifier) probeAccessLater(credential paycor.Credential, draft paycor.Draft) {
	if s.config.ProbeAccess == nil || credential.State != paycor.StateVerified || credential.Verdict.DataAccess != nil {
		return
	}
	s.background.Go(func() {
		ctx, cancel := context.WithTimeout(s.running, probeTimeout)
		defer cancel()
		err := s.probeAccess(ctx, credential, draft)
		if err != nil && ctx.Err() == nil && paycor.KindOf(err) == "" && !errors.Is(err, store.ErrNotFound) {
			s.config.Logger.ErrorContext(ctx, "probing the data access of a credential", "credential", credential.ID, "request_id", s.caller.RequestID, "error", err)
		}
	})
}

// probeAccess probes a credential and stores the result unless the credential has
// changed since.
func (s verifier) probeAccess(ctx context.Context, credential paycor.Credential, draft paycor.Draft) error {
	release := s.verifications.Acquire(quota.PrincipalsOf(s.caller)...)
	if release == nil {
		return nil // verifications need the slots
	}
	defer release()
	if err := s.recordStart(ctx, audit.ActionAccessProbe, credential.ID, ""); err != nil {
		return err
	}
	token, err := s.tokens.Token(ctx, s.tokenKey(credential))
	if _, refused := upstream.AsFailure(err); refused {
		return nil // the token exchange has its own audit entry
	} else if err != nil {
		return err
	}
	access := s.config.ProbeAccess(ctx, upstream.Call{
		Environment: s.environment(draft.Environment), Token: token.Access, SubscriptionKey: draft.SubscriptionKey,
	}, credential.LegalEntityID)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err = s.config.Store.Update(ctx, func(tx Tx) error {
		current, err := s.load(tx, credential.ID)
		if err != nil {
			return err
		}
		if current.draft().SameToPaycor(draft) && current.State == paycor.StateVerified {
			if err := tx.UpdateCredential(s.caller.Workspace, current.WithDataAccess(*access), current.Version, nil); err != nil {
				return err
			}
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionAccessProbe, Credential: credential.ID, Outcome: "done"})
	})
	if err == nil {
		s.changes.Publish(s.caller.Workspace, events.Change{ID: credential.ID, Action: audit.ActionAccessProbe})
	}
	return err
}
