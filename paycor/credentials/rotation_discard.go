package credentials

import (
	"context"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
)

// discardRotation destroys what a rotation keeps besides the secrets in use.
func (m *Manager) discardRotation(tx store.Tx, workspace string, credential paycor.Credential) (paycor.Credential, error) {
	kept := secretFields(credential.Rotation)
	credential.Rotation = nil
	if err := tx.UpdateCredential(workspace, credential, credential.Version, nil); err != nil {
		return credential, err
	}
	return credential, tx.DeleteSecrets(workspace, credential.ID, kept...)
}

func (s *service) discard(tx store.Tx, credential paycor.Credential) (paycor.Credential, error) {
	return s.discardRotation(tx, s.caller.Workspace, credential)
}

// RotateBack implements api.Service.
func (s *service) RotateBack(ctx context.Context, id string, anyway bool, progress paycor.Progress) (paycor.Rotated, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionRotateBack, id); err != nil {
		return paycor.Rotated{}, err
	}
	var started startedRotation
	var restored stored
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		current, err := s.load(tx, id)
		if err != nil {
			return err
		}
		if current.Rotation == nil || current.Rotation.State != paycor.RotationPrevious {
			return paycor.Errorf(paycor.KindConflict, "Nothing is kept to go back to. It was destroyed, or there was no rotation.")
		}
		entry := audit.Entry{Action: audit.ActionRotateBack, Credential: id, Fields: current.Rotation.Fields(), Outcome: audit.OutcomeStarted}
		if !anyway {
			started = rollback(current)
			return s.record(tx, s.caller, entry)
		}
		after := current.Credential.WithoutVerdict()
		after.LegalEntityName = current.LegalEntityName
		if _, err := s.rollBack(tx, current, after, tokens.Token{}); err != nil {
			return err
		}
		if restored, err = s.load(tx, id); err != nil {
			return err
		}
		entry.Outcome = "done"
		return s.record(tx, s.caller, entry)
	})
	switch {
	case err != nil:
		return paycor.Rotated{}, s.denied(ctx, audit.ActionRotateBack, id, err)
	case !anyway:
		return s.probe(ctx, started, progress)
	}
	s.tokens.Forget(s.key(id))
	s.changes.Publish(s.caller.Workspace, events.Change{ID: id, Action: audit.ActionRotateBack})
	back := paycor.Rotated{Promoted: true, Credential: s.verifySaved(ctx, restored.Credential, restored.draft(), nil, progress)}
	if back.Credential.Verdict != nil {
		back.Verdict = *back.Credential.Verdict
	}
	return back, nil
}

// rollback is the way back to the secrets that are kept.
func rollback(current stored) startedRotation {
	var request paycor.RotateRequest
	request.ClientSecret = current.secrets[fields.ClientSecretPrevious]
	request.SubscriptionKey = current.secrets[fields.SubscriptionKeyPrevious]
	return startedRotation{stored: current, pending: request.ApplyTo(current.draft()), keep: true}
}

// rollBack makes the kept secrets the credential's again, and the token that
// came of them. The newer ones stay as pending, with what Paycor said of them
// last: it may have shown them only once.
func (s *service) rollBack(tx store.Tx, current stored, after paycor.Credential, token tokens.Token) (paycor.Credential, error) {
	kept, now := *current.Rotation, s.now()
	pending := paycor.Rotation{State: paycor.RotationPending, Keep: kept.Keep, RotateBy: current.RotateBy, StartedAt: now, StartedBy: s.caller.Name, UsedUntil: now}
	if current.LastConclusive != nil {
		verdict := *current.LastConclusive
		verdict.Entities, verdict.DataAccess = nil, nil // they are of no use here
		pending.Verdict = &verdict
	}
	secrets := store.Secrets{}
	for _, value := range kept.Values {
		pending.Values = append(pending.Values, paycor.RotationValue{Field: value.Field, SavedAt: s.swapSavedAt(&after, value)})
		secrets[value.Field] = current.secrets[paycor.RotationPrevious.SecretField(value.Field)]
		secrets[paycor.RotationPending.SecretField(value.Field)] = current.secrets[value.Field]
	}
	after.Rotation, after.RotateBy, after.UpdatedAt = &pending, kept.RotateBy, now
	after.Version++
	if err := tx.UpdateCredential(s.caller.Workspace, after, current.Version, secrets); err != nil {
		return after, err
	}
	if err := tx.DeleteSecrets(s.caller.Workspace, after.ID, secretFields(&kept)...); err != nil {
		return after, err
	}
	return after, s.storeProbedToken(tx, after.ID, token)
}

// EndRotation implements api.Service.
func (s *service) EndRotation(ctx context.Context, id string) (paycor.Credential, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionRotateEnd, id); err != nil {
		return paycor.Credential{}, err
	}
	var after paycor.Credential
	var ended bool
	err := s.config.Store.Update(ctx, func(tx store.Tx) (err error) {
		if after, err = tx.Credential(s.caller.Workspace, id); err != nil {
			return err
		}
		if ended = after.Rotation != nil; !ended {
			return nil
		}
		entry := discardEntry(after)
		if after, err = s.discard(tx, after); err != nil {
			return err
		}
		return s.record(tx, s.caller, entry)
	})
	if err != nil {
		return paycor.Credential{}, s.denied(ctx, audit.ActionRotateEnd, id, err)
	}
	if ended {
		s.changes.Publish(s.caller.Workspace, events.Change{ID: id, Action: audit.ActionRotateEnd})
	}
	return after, nil
}

func discardEntry(credential paycor.Credential) audit.Entry {
	return audit.Entry{
		Action: audit.ActionRotateEnd, Credential: credential.ID, Fields: credential.Rotation.Fields(),
		Outcome: "done", Detail: string(credential.Rotation.State),
	}
}

// DiscardExpiredSecrets destroys, for all workspaces, the secrets whose time is over.
func (m *Manager) DiscardExpiredSecrets(ctx context.Context) error {
	for {
		var ended []store.CredentialKey
		err := m.config.Store.View(ctx, func(r store.Reader) (err error) {
			ended, err = r.ExpiredRotations(m.now(), discardBatch)
			return err
		})
		if err != nil || len(ended) == 0 {
			return err
		}
		for _, one := range ended {
			if err := m.discardExpired(ctx, one); err != nil {
				return err
			}
		}
	}
}

func (m *Manager) discardExpired(ctx context.Context, one store.CredentialKey) error {
	done := false
	err := m.config.Store.Update(ctx, func(tx store.Tx) error {
		credential, err := tx.Credential(one.Workspace, one.Credential)
		if done = false; err != nil {
			return err
		}
		if credential.Rotation == nil || credential.Rotation.DiscardAt.IsZero() || credential.Rotation.DiscardAt.After(m.now()) {
			return nil // somebody was faster
		}
		done = true
		entry := discardEntry(credential)
		if _, err := m.discardRotation(tx, one.Workspace, credential); err != nil {
			return err
		}
		return m.record(tx, serverCaller(one.Workspace), entry)
	})
	if done && err == nil {
		m.changes.Publish(one.Workspace, events.Change{ID: one.Credential, Action: audit.ActionRotateEnd})
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
