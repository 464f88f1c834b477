package credentials

import (
	"context"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// Rotate implements api.Service.
//
// The new secrets are stored, sealed under fields of their own, before Paycor
// is asked: whatever happens in between, neither they nor the secrets in use
// are lost. The transaction that stores the verdict also promotes them.
func (s rotator) Rotate(ctx context.Context, id string, request paycor.RotateRequest, progress paycor.Progress) (paycor.Rotated, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionRotate, id); err != nil {
		return paycor.Rotated{}, err
	}
	started, err := s.startRotation(ctx, id, request)
	if err != nil {
		return paycor.Rotated{}, s.denied(ctx, audit.ActionRotate, id, err)
	}
	s.publishAll(s.caller.Workspace, id, started.others, audit.ActionRotate)
	return s.probeRotation(ctx, started, progress)
}

// startedRotation is a rotation or a rollback whose secrets are stored but not
// tested yet.
type startedRotation struct {
	stored                         // as it was at the start
	pending       paycor.Draft     // the stored values with the secrets to test
	swapped       []fields.Problem // warnings that prevent the test
	keepOnFailure bool             // keep the secrets if Paycor rejects them
}

// action returns the audit action: a rollback tests the previous secrets.
func (r startedRotation) action() audit.Action {
	if r.Rotation.State == paycor.RotationPrevious {
		return audit.ActionRotateBack
	}
	return audit.ActionRotate
}

// startRotation checks the new secrets and stores them as pending.
func (s rotator) startRotation(ctx context.Context, id string, request paycor.RotateRequest) (startedRotation, error) {
	var started startedRotation
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		saved, err := s.load(tx, id)
		if err != nil {
			return err
		}
		kept := saved.Rotation
		if kept != nil && kept.State == paycor.RotationPrevious && len(saved.readableKept()) > 0 {
			if rejected := saved.LastConclusive; rejected != nil && rejected.Outcome == verdicts.OutcomeRejected && !rejected.AcceptsSecrets() {
				return paycor.Errorf(paycor.KindConflict, "error.rotation-kept-last")
			}
			return paycor.Errorf(paycor.KindConflict, "error.rotation-kept")
		}
		resumed := len(request.Fields()) == 0
		if resumed {
			if request, err = resume(saved, request); err != nil {
				return err
			}
		}
		if err := checkPendingKept(saved, request); err != nil {
			return err
		}
		replaced, same := replacedBy(saved, request)
		started = startedRotation{stored: saved, pending: request.ApplyTo(saved.draft()), keepOnFailure: request.KeepPending || same}
		if started.swapped, err = s.checkRotation(saved, started.pending, request); err != nil {
			return err
		}
		// Recorded before the call to Paycor, so that a crash leaves a trace.
		entry := audit.Entry{Action: audit.ActionRotate, Credential: id, Fields: request.Fields(), Outcome: audit.OutcomeStarted}
		if resumed && kept.Keep == request.Keep && kept.RotateBy == request.RotateBy && kept.Verdict == nil {
			return s.record(tx, s.caller, entry) // it is stored already
		}
		rotation, secrets := s.newRotation(started, request, resumed)
		if err := tx.DeleteSecrets(s.caller.Workspace, id, secretFields(kept)...); err != nil {
			return err
		}
		started.Rotation = &rotation
		if err := tx.UpdateCredential(s.caller.Workspace, started.Credential, saved.Version, secrets); err != nil {
			return err
		}
		if len(replaced) > 0 {
			discarded := discardEntry(saved.Credential)
			discarded.Fields = replaced
			if err := s.record(tx, s.caller, discarded); err != nil {
				return err
			}
		}
		return s.record(tx, s.caller, entry)
	})
	return started, err
}

// newRotation returns the record of a pending rotation and its secrets. A
// resumed rotation keeps the times of the pending one.
func (s rotator) newRotation(started startedRotation, request paycor.RotateRequest, resumed bool) (paycor.Rotation, store.Secrets) {
	now, kept := s.now(), started.Rotation
	rotation := paycor.Rotation{State: paycor.RotationPending, Keep: request.Keep, RotateBy: request.RotateBy, StartedAt: now, StartedBy: s.caller.Name}
	if rotation.Keep == "" {
		rotation.Keep = paycor.KeepDay
	}
	secrets := store.Secrets{}
	for _, field := range request.Fields() {
		value := paycor.RotationValue{Field: field, SavedAt: now}
		if resumed {
			value.SavedAt, rotation.UsedUntil = savedAt(kept.Values, field), kept.UsedUntil
		}
		rotation.Values = append(rotation.Values, value)
		secrets[paycor.RotationPending.SecretField(field)] = paycor.NewSecret(started.pending.Value(field))
	}
	return rotation, secrets
}

// resume fills a request without secrets with the pending ones.
func resume(saved stored, request paycor.RotateRequest) (paycor.RotateRequest, error) {
	kept := saved.Rotation
	if kept == nil || kept.State != paycor.RotationPending {
		return request, &paycor.Error{
			Kind: paycor.KindInvalid, Message: message.New("error.rotation-empty"),
			Problems: []fields.Problem{{Field: fields.ClientSecret, Code: fields.ProblemRequired, Message: message.New("problem.rotation-required")}},
		}
	}
	if err := saved.requireKept(); err != nil {
		return request, err
	}
	request.ClientSecret = saved.secrets[fields.ClientSecretPending]
	request.SubscriptionKey = saved.secrets[fields.SubscriptionKeyPending]
	request.KeepPending = true // only an explicit request discards them
	if request.Keep == "" {
		request.Keep = kept.Keep
	}
	if request.RotateBy == "" {
		request.RotateBy = kept.RotateBy
	}
	return request, nil
}

// replacedBy returns the pending secrets that a request replaces, and whether
// it repeats one that is pending already.
func replacedBy(saved stored, request paycor.RotateRequest) (replaced []fields.Field, same bool) {
	if saved.Rotation == nil {
		return nil, false
	}
	draft := request.ApplyTo(paycor.Draft{})
	for _, field := range saved.Rotation.Fields() {
		if pending := saved.secrets[paycor.RotationPending.SecretField(field)]; !pending.IsZero() && pending.Reveal() == draft.Value(field) {
			same = true
		} else {
			replaced = append(replaced, field)
		}
	}
	return replaced, same
}

func savedAt(values []paycor.RotationValue, field fields.Field) time.Time {
	i := slices.IndexFunc(values, func(value paycor.RotationValue) bool { return value.Field == field })
	if i < 0 {
		return time.Time{}
	}
	return values[i].SavedAt
}

// secretFields returns the fields that store the kept secrets of a rotation.
func secretFields(rotation *paycor.Rotation) []fields.Field {
	if rotation == nil {
		return nil
	}
	var all []fields.Field
	for _, field := range rotation.Fields() {
		all = append(all, rotation.State.SecretField(field))
	}
	return all
}
