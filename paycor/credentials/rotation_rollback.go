package credentials

import (
	"context"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/verdicts"
)

// RotateBack implements api.Service. Without anyway, it tests the previous
// secrets like a rotation tests new ones.
func (s rotator) RotateBack(ctx context.Context, id string, anyway bool, progress paycor.Progress) (paycor.Rotated, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionRotateBack, id); err != nil {
		return paycor.Rotated{}, err
	}
	if anyway {
		return s.forceRollback(ctx, id, progress)
	}
	var started startedRotation
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		current, err := s.loadPrevious(tx, id)
		if err != nil {
			return err
		}
		started = startRollback(current)
		return s.record(tx, s.caller, audit.Entry{
			Action: audit.ActionRotateBack, Credential: id, Fields: current.Rotation.Fields(), Outcome: audit.OutcomeStarted,
		})
	})
	if err != nil {
		return paycor.Rotated{}, s.denied(ctx, audit.ActionRotateBack, id, err)
	}
	return s.probeRotation(ctx, started, progress)
}

// forceRollback puts the previous secrets into use without a test, and verifies
// the credential afterward.
func (s rotator) forceRollback(ctx context.Context, id string, progress paycor.Progress) (paycor.Rotated, error) {
	var restored stored
	var affected, joined []string
	rotated := paycor.Rotated{Promoted: true}
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		current, err := s.loadPrevious(tx, id)
		if err != nil {
			return err
		}
		after := current.Credential.WithoutVerdict()
		if _, err := s.rollBack(tx, current, after, tokens.Token{}); err != nil {
			return err
		}
		if restored, err = s.load(tx, id); err != nil {
			return err
		}
		if affected, err = s.applyToOthers(tx, s.caller.Workspace, after, applicationChange{replaced: true}); err != nil {
			return err
		}
		if rotated.AlsoChanged, rotated.AlsoChangedHidden, err = s.visibleAmong(tx, current.others); err != nil {
			return err
		}
		if restored.Credential, joined, err = s.joinEqual(tx, restored.Credential, restored.RotateBy, restored.Verdict); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{
			Action: audit.ActionRotateBack, Credential: id, Fields: current.Rotation.Fields(), Outcome: "done",
		})
	})
	if err != nil {
		return paycor.Rotated{}, s.denied(ctx, audit.ActionRotateBack, id, err)
	}
	s.tokens.Forget(s.tokenKey(restored.Credential))
	s.publishAll(s.caller.Workspace, id, append(affected, joined...), audit.ActionRotateBack)
	rotated.Credential = s.verifySaved(ctx, restored.Credential, restored.draft(), nil, progress)
	if rotated.Credential.Verdict != nil {
		rotated.Verdict = *rotated.Credential.Verdict
	}
	return rotated, nil
}

// loadPrevious loads a credential that keeps previous secrets.
func (s rotator) loadPrevious(tx Tx, id string) (stored, error) {
	current, err := s.load(tx, id)
	if err == nil && (current.Rotation == nil || current.Rotation.State != paycor.RotationPrevious) {
		err = paycor.Errorf(paycor.KindConflict, "error.rotation-none")
	}
	if err == nil {
		err = current.requireKept()
	}
	return current, err
}

// startRollback returns a rotation that tests the previous secrets.
func startRollback(current stored) startedRotation {
	var request paycor.RotateRequest
	request.ClientSecret = current.secrets[fields.ClientSecretPrevious]
	request.SubscriptionKey = current.secrets[fields.SubscriptionKeyPrevious]
	return startedRotation{stored: current, pending: request.ApplyTo(current.draft()), keepOnFailure: true}
}

// rollBack puts the previous secrets back into use. The newer ones stay as
// pending with Paycor's latest verdict about them, because Paycor may have
// shown them only once. Those that Paycor rejects are deleted.
func (s rotator) rollBack(tx Tx, current stored, after paycor.Credential, token tokens.Token) (paycor.Credential, error) {
	now := s.now()
	pending := paycor.Rotation{
		State: paycor.RotationPending, Keep: current.Rotation.Keep, RotateBy: current.RotateBy,
		StartedAt: now, StartedBy: s.caller.Name, UsedUntil: now,
	}
	if current.LastConclusive != nil {
		verdict := *current.LastConclusive
		verdict.Entities, verdict.DataAccess = nil, nil // not needed here
		pending.Verdict = &verdict
	}
	rejected := current.rejectedSecrets()
	if len(rejected) > 0 {
		entry := audit.Entry{
			Action: audit.ActionRotateEnd, Credential: current.ID, Fields: rejected, Outcome: "done", Detail: string(paycor.RotationPending),
		}
		if err := s.record(tx, s.caller, entry); err != nil {
			return after, err
		}
	}
	return s.swapSecrets(tx, current, after, pending, rejected, token)
}

// rejectedSecrets returns the fields of newer secrets that Paycor rejects.
func (s stored) rejectedSecrets() (rejected []fields.Field) {
	verdict := s.LastConclusive
	if verdict == nil || verdict.Outcome != verdicts.OutcomeRejected || verdict.AcceptsSecrets() {
		return nil
	}
	for _, field := range s.Rotation.Fields() {
		if slices.Contains(verdict.Fields, field) {
			rejected = append(rejected, field)
		}
	}
	return rejected
}
