package credentials

import (
	"context"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// verifySaved verifies a credential after a save. The save succeeded already, so
// an internal error is logged and leaves the credential without a verdict.
func (s verifier) verifySaved(ctx context.Context, credential paycor.Credential, draft paycor.Draft, swapped []fields.Problem, progress paycor.Progress) paycor.Credential {
	ctx = context.WithoutCancel(ctx) // the verdict belongs to the credential even if the caller disconnects
	verdict, err := s.verify(ctx, audit.ActionVerify, verification{draft: draft, id: credential.ID, tokens: s.tokenKey(credential), saved: true, swapped: swapped}, progress)
	if err == nil {
		var after paycor.Credential
		if after, err = s.storeVerdict(ctx, credential, draft, verdict); err == nil {
			s.probeAccessLater(after, draft)
			return after
		}
	} else {
		err = s.recordIfStarted(ctx, audit.ActionVerify, credential.ID, err)
	}
	if paycor.KindOf(err) == "" && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, store.ErrNotFound) {
		s.config.Logger.ErrorContext(ctx, "verifying a saved credential", "credential", credential.ID, "request_id", s.caller.RequestID, "error", err)
	}
	return credential
}

// verifySavedLater is verifySaved in the background, if Paycor did not answer a moment
// ago: the save does not wait for it again.
func (s verifier) verifySavedLater(credential paycor.Credential, draft paycor.Draft, swapped []fields.Problem) {
	s.background.Go(func() { s.verifySaved(s.running, credential, draft, swapped, nil) })
}

// storeVerdict stores a verdict, unless the verified values were changed
// meanwhile or the credential was deleted. It records the verification in any
// case.
func (s verifier) storeVerdict(ctx context.Context, verified paycor.Credential, draft paycor.Draft, verdict verdicts.Verdict) (paycor.Credential, error) {
	var after paycor.Credential
	var deleted bool
	var affected []string
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		current, err := s.load(tx, verified.ID)
		if deleted = errors.Is(err, store.ErrNotFound); err != nil && !deleted {
			return err
		}
		after = current.Credential
		if !deleted && current.draft().SameToPaycor(draft) {
			if verdict, err = s.withLastSuccess(tx, current.Credential, verdict, nil); err != nil {
				return err
			}
			after = after.WithVerdict(verdict)
			if err := tx.UpdateCredential(s.caller.Workspace, after, current.Version, nil); err != nil {
				return err
			}
			if affected, err = s.applyToOthers(tx, s.caller.Workspace, after, applicationChange{verdict: &verdict}); err != nil {
				return err
			}
		}
		return s.record(tx, s.caller, audit.Entry{
			Action: audit.ActionVerify, Credential: verified.ID, Outcome: string(verdict.Outcome), Detail: string(verdict.Code),
		})
	})
	switch {
	case err != nil:
		return verified, err
	case deleted:
		return verified, store.ErrNotFound
	}
	s.publishAll(s.caller.Workspace, verified.ID, affected, audit.ActionVerify)
	return after, nil
}
