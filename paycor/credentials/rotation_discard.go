package credentials

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// discardBatch is how many expired rotations one query returns.
const discardBatch = 100

// EndRotation implements api.Service.
func (s rotator) EndRotation(ctx context.Context, id string) (paycor.Credential, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionRotateEnd, id); err != nil {
		return paycor.Credential{}, err
	}
	var after paycor.Credential
	var others []string
	var discarded bool
	err := s.config.Store.Update(ctx, func(tx Tx) (err error) {
		if after, err = tx.Credential(s.caller.Workspace, id); err != nil {
			return err
		}
		if discarded = after.Rotation != nil; !discarded {
			return nil
		}
		entry := discardEntry(after)
		if others, err = othersOf(tx, s.caller.Workspace, after); err != nil {
			return err
		}
		if after, err = s.discardRotation(tx, s.caller.Workspace, after); err != nil {
			return err
		}
		// They kept it apart from one with the same secrets.
		var joined []string
		if after, joined, err = s.joinEqual(tx, after, "", nil); err != nil {
			return err
		}
		others = append(others, joined...)
		return s.record(tx, s.caller, entry)
	})
	if err != nil {
		return paycor.Credential{}, s.denied(ctx, audit.ActionRotateEnd, id, err)
	}
	if discarded {
		s.publishAll(s.caller.Workspace, id, others, audit.ActionRotateEnd)
	}
	return after, nil
}

// discardRotation deletes the kept secrets of a rotation.
func (s *Service) discardRotation(tx Tx, workspace string, credential paycor.Credential) (paycor.Credential, error) {
	kept := secretFields(credential.Rotation)
	credential.Rotation = nil
	if err := tx.UpdateCredential(workspace, credential, credential.Version, nil); err != nil {
		return credential, err
	}
	return credential, tx.DeleteSecrets(workspace, credential.ID, kept...)
}

// discardPending discards a rotation that ended without a verdict.
func (s rotator) discardPending(ctx context.Context, started startedRotation) error {
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		current, err := s.load(tx, started.ID)
		if err != nil || !started.matches(current) {
			return err
		}
		_, err = s.discardRotation(tx, s.caller.Workspace, current.Credential)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// recordLeft records that the kept secrets of an application are deleted with it, because
// its only credential moves to another one.
func (s *bound) recordLeft(tx Tx, before stored) error {
	if before.Rotation == nil || len(before.others) > 0 {
		return nil
	}
	return s.record(tx, s.caller, discardEntry(before.Credential))
}

func discardEntry(credential paycor.Credential) audit.Entry {
	return audit.Entry{
		Action: audit.ActionRotateEnd, Credential: credential.ID, Fields: credential.Rotation.Fields(),
		Outcome: "done", Detail: string(credential.Rotation.State),
	}
}

// DiscardExpiredSecrets deletes, in all workspaces, the previous secrets that
// rotations no longer keep.
func (s *Service) DiscardExpiredSecrets(ctx context.Context) error {
	now, ready := s.config.Retention.Now()
	if !ready {
		return nil
	}
	for {
		var expired []paycor.CredentialKey
		err := s.config.Store.View(ctx, func(r Reader) (err error) {
			expired, err = r.ExpiredRotations(now, discardBatch)
			return err
		})
		if err != nil || len(expired) == 0 {
			return err
		}
		for _, credential := range expired {
			if err := s.discardExpired(ctx, credential, now); err != nil {
				return err
			}
		}
	}
}

func (s *Service) discardExpired(ctx context.Context, owned paycor.CredentialKey, now time.Time) error {
	done := false
	var others []string
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		credential, err := tx.Credential(owned.Workspace, owned.Credential)
		if done = false; err != nil {
			return err
		}
		if credential.Rotation == nil || credential.Rotation.DiscardAt.IsZero() || credential.Rotation.DiscardAt.After(now) {
			return nil // discarded or replaced meanwhile
		}
		done = true
		entry := discardEntry(credential)
		if others, err = othersOf(tx, owned.Workspace, credential); err != nil {
			return err
		}
		if _, err := s.discardRotation(tx, owned.Workspace, credential); err != nil {
			return err
		}
		return s.record(tx, serverCaller(owned.Workspace), entry)
	})
	if done && err == nil {
		s.publishAll(owned.Workspace, owned.Credential, others, audit.ActionRotateEnd)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
