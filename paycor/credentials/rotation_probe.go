package credentials

import (
	"context"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/verdicts"
)

// probeRotation verifies the stored secrets of a rotation or a rollback and
// acts on the verdict.
func (s rotator) probeRotation(ctx context.Context, started startedRotation, progress paycor.Progress) (paycor.Rotated, error) {
	var token tokens.Token // of the tested secrets, unless the token store has it already
	verdict, err := s.verify(ctx, started.action(), verification{
		draft: started.pending, id: started.ID, tokens: s.tokenKey(started.Credential), swapped: started.swapped, recorded: true,
		onToken: func(issued tokens.Token) { token = issued },
	}, progress)
	if err != nil {
		err = s.recordUnfinished(ctx, started.action(), started.ID, err)
		if !started.keepOnFailure {
			err = errors.Join(err, s.discardPending(context.WithoutCancel(ctx), started))
		}
		return paycor.Rotated{}, firstDomainError(err)
	}
	if current := started.LastConclusive; current != nil && current.AcceptsSecrets() {
		verdict = verdict.Blaming(started.Rotation.Fields())
	}
	rotated, joined, err := s.finishRotation(context.WithoutCancel(ctx), started, verdict, token)
	if err != nil {
		return paycor.Rotated{}, fail(err)
	}
	s.publishAll(s.caller.Workspace, started.ID, append(started.others, joined...), started.action())
	if rotated.Promoted {
		s.probeAccessLater(rotated.Credential, started.pending)
	}
	return rotated, nil
}

// firstDomainError returns the first error for the caller among joined errors,
// else err.
func firstDomainError(err error) error {
	var domain *paycor.Error
	if errors.As(err, &domain) {
		return domain
	}
	return err
}

// finishRotation stores the result in one transaction. If Paycor accepts the
// secrets, it promotes them or rolls back to them. If not, the credential stays
// as it was, and the secrets are kept or discarded. It returns the credentials of another
// application that has the same secrets by now, too.
func (s rotator) finishRotation(
	ctx context.Context, started startedRotation, verdict verdicts.Verdict, token tokens.Token,
) (rotated paycor.Rotated, joined []string, err error) {
	overtaken := false
	rotated.Verdict = verdict
	err = s.config.Store.Update(ctx, func(tx Tx) error {
		current, err := s.load(tx, started.ID)
		if err != nil {
			return err
		}
		rotated.Promoted, overtaken = false, false
		entry := audit.Entry{
			Action: started.action(), Credential: started.ID, Fields: started.Rotation.Fields(),
			Outcome: string(verdict.Outcome), Detail: string(verdict.Code),
		}
		switch {
		case !started.matches(current):
			overtaken, entry.Outcome = true, "overtaken" // by another rotation, or by an edit
			return s.record(tx, s.caller, entry)
		case verdict.AcceptsSecrets():
			rotated.Promoted = true
			entry.Outcome = "done"
			if started.action() == audit.ActionRotateBack {
				rotated.Credential, err = s.rollBack(tx, current, current.Credential.WithVerdict(verdict), token)
			} else {
				rotated.Credential, err = s.promote(tx, current, verdict, token)
			}
		case started.action() == audit.ActionRotateBack:
			rotated.Credential = current.Credential
		case started.keepOnFailure:
			rotated.Credential, err = s.keepPending(tx, current, verdict)
		default:
			rotated.Credential, err = s.discardRotation(tx, s.caller.Workspace, current.Credential)
		}
		if err != nil {
			return err
		}
		if rotated.Promoted {
			change := applicationChange{verdict: &verdict, replaced: true}
			if _, err := s.applyToOthers(tx, s.caller.Workspace, rotated.Credential, change); err != nil {
				return err
			}
			if rotated.AlsoChanged, rotated.AlsoChangedHidden, err = s.visibleAmong(tx, current.others); err != nil {
				return err
			}
			c := rotated.Credential
			if rotated.Credential, joined, err = s.joinEqual(tx, c, c.RotateBy, c.Verdict); err != nil {
				return err
			}
		}
		return s.record(tx, s.caller, entry)
	})
	switch {
	case err != nil:
		return rotated, nil, err
	case overtaken:
		return rotated, nil, store.ErrStale
	case rotated.Promoted:
		s.tokens.Forget(s.tokenKey(started.Credential))
	}
	return rotated, joined, nil
}

// matches reports whether the stored credential still has the tested secrets.
func (r startedRotation) matches(current stored) bool {
	if current.Rotation == nil || current.Rotation.State != r.Rotation.State || !current.draft().SameToPaycor(r.draft()) {
		return false
	}
	for _, field := range r.Rotation.Fields() {
		if current.secrets[r.Rotation.State.SecretField(field)].Reveal() != r.pending.Value(field) {
			return false
		}
	}
	return true
}

// keepPending stores the verdict that explains why the pending secrets are not
// in use.
func (s rotator) keepPending(tx Tx, current stored, verdict verdicts.Verdict) (paycor.Credential, error) {
	after, rotation := current.Credential, *current.Rotation
	verdict.Entities = nil // not needed here
	rotation.Verdict = &verdict
	after.Rotation = &rotation
	return after, tx.UpdateCredential(s.caller.Workspace, after, current.Version, nil)
}
