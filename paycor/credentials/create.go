package credentials

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// idempotencyLifetime is how long a repeated create is recognised.
const idempotencyLifetime = 24 * time.Hour

// Create implements api.Service.
func (s *service) Create(ctx context.Context, draft paycor.Draft, options paycor.CreateOptions) (paycor.Saved, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionCreate, ""); err != nil {
		return paycor.Saved{}, err
	}
	draft = draft.Clean()
	report, err := s.check(draft, paycor.Rules{})
	if err != nil {
		return paycor.Saved{}, err
	}
	now := s.now()
	credential, err := paycor.Credential{
		ID: newID(now), HasClientSecret: true, HasSubscriptionKey: true,
		ClientSecretSavedAt: now, SubscriptionKeySavedAt: now,
		State: paycor.StateNotVerified, CreatedAt: now, UpdatedAt: now, Version: 1,
	}.WithDraft(draft)
	if err != nil {
		return paycor.Saved{}, err
	}
	verdict, known := s.cachedVerdict("", draft, options.SkipVerify)
	if known {
		credential = credential.WithVerdict(verdict)
	}
	made, alike, again, err := s.insert(ctx, credential, draft, options)
	if err != nil {
		return paycor.Saved{}, err
	}
	if again {
		return savedWith(made, report.Warnings, alike), nil
	}
	s.changes.Publish(s.caller.Workspace, events.Change{ID: made.ID, Action: audit.ActionCreate})
	if known {
		s.lookLater(made, draft)
	} else if !options.SkipVerify {
		made = s.verifySaved(ctx, made, draft, blockingWarnings(report, options.AcceptWarnings), options.Progress)
	}
	return savedWith(made, report.Warnings, alike), nil
}

// newID returns an id for a credential: the time first, so that new ones lie
// side by side in the store and a save touches fewer of its pages, then 80
// random bits, so that nobody guesses one.
func newID(now time.Time) string {
	id := binary.BigEndian.AppendUint64(nil, uint64(now.UnixMilli())<<16)[:6]
	id = append(id, make([]byte, 10)...)
	_, _ = rand.Read(id[6:]) // never fails
	return "cred_" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(id))
}

// insert saves a new credential, or finds the one that a create with the same
// idempotency key made before.
func (s *service) insert(ctx context.Context, credential paycor.Credential, draft paycor.Draft, options paycor.CreateOptions) (made paycor.Credential, alike []paycor.Duplicate, again bool, err error) {
	request := s.fingerprint("idempotency", draft)
	err = s.config.Store.Update(ctx, func(tx store.Tx) error {
		made, again = credential, false
		if options.IdempotencyKey != "" {
			before, err := tx.IdempotencyRecord(s.caller.Workspace, s.caller.ID, options.IdempotencyKey)
			switch {
			case err == nil:
				again = true
				if made, err = s.replay(tx, before, request); err == nil {
					alike, err = s.duplicates(tx, made)
				}
				return err
			case !errors.Is(err, store.ErrNotFound):
				return err
			}
			err = tx.InsertIdempotencyRecord(store.IdempotencyRecord{
				Workspace: s.caller.Workspace, Caller: s.caller.ID, Key: options.IdempotencyKey,
				Request: request, Credential: credential.ID, ExpiresAt: credential.CreatedAt.Add(idempotencyLifetime),
			})
			if err != nil {
				return err
			}
		}
		if alike, err = s.duplicates(tx, credential); err != nil {
			return err
		}
		if err := tx.InsertCredential(s.caller.Workspace, credential, secretsOf(draft)); err != nil {
			return err
		}
		if err := tx.PutCredentialSharing(s.caller.Workspace, credential.ID, store.CredentialSharing{Owner: s.caller.Owner()}); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionCreate, Credential: credential.ID, Outcome: "done"})
	})
	return made, alike, again, err
}

func (s *service) replay(r store.Reader, before store.IdempotencyRecord, request []byte) (paycor.Credential, error) {
	if !bytes.Equal(before.Request, request) {
		return paycor.Credential{}, paycor.Errorf(paycor.KindKeyReused, "This Idempotency-Key was used for another credential. Send a new key with new values.")
	}
	made, err := r.Credential(s.caller.Workspace, before.Credential)
	if errors.Is(err, store.ErrNotFound) {
		return made, paycor.Errorf(paycor.KindConflict, "The credential that this Idempotency-Key made has been deleted. Send a new key to make another.")
	}
	return made, err
}

// check refuses a draft that has a problem.
func (m *Manager) check(draft paycor.Draft, rules paycor.Rules) (paycor.Report, error) {
	rules.Environments = m.config.Environments
	report := paycor.Check(draft, rules)
	if len(report.Problems) > 0 {
		return report, &paycor.Error{
			Kind: paycor.KindInvalid, Problems: report.Problems,
			Message: "Nothing was saved: " + report.Problems[0].Message,
		}
	}
	return report, nil
}

// blockingWarnings returns the warnings that hold back the call to Paycor.
func blockingWarnings(report paycor.Report, accepted bool) []fields.Problem {
	if accepted {
		return nil
	}
	return report.Swapped()
}

func secretsOf(draft paycor.Draft) store.Secrets {
	return store.Secrets{
		fields.ClientSecret:    draft.ClientSecret,
		fields.SubscriptionKey: draft.SubscriptionKey,
	}
}
