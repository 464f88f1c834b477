package credentials

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// idempotencyLifetime is how long a repeated create is recognized.
const idempotencyLifetime = 24 * time.Hour

// created is the result of an insert.
type created struct {
	credential paycor.Credential
	affected   []string // other credentials of its application whose verdict changed
	duplicates []paycor.Duplicate
	replayed   bool // an earlier create with the same idempotency key made it, and the caller may have lost access since
}

// insert saves a new credential, or finds the one that an earlier create with
// the same idempotency key made.
func (s editor) insert(ctx context.Context, credential paycor.Credential, draft paycor.Draft, request []byte, options paycor.CreateOptions) (created, error) {
	var result created
	err := s.config.Store.Update(ctx, func(tx Tx) (err error) {
		result = created{credential: credential}
		if options.IdempotencyKey != "" {
			found, err := s.replay(tx, options.IdempotencyKey, request)
			if !errors.Is(err, store.ErrNotFound) {
				result = created{credential: found, replayed: found.ID != ""}
				if err == nil {
					result.duplicates, err = s.duplicates(tx, found)
				}
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
		if result.duplicates, err = s.duplicates(tx, credential); err != nil {
			return err
		}
		if result.credential, err = s.insertCredential(tx, credential, draft, options.ApplicationID); err != nil {
			return err
		}
		if err := tx.PutCredentialSharing(s.caller.Workspace, credential.ID, store.CredentialSharing{Owner: s.caller.Owner()}); err != nil {
			return err
		}
		if result.affected, err = s.applyToOthers(tx, s.caller.Workspace, result.credential, applicationChange{verdict: credential.Verdict}); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionCreate, Credential: credential.ID, Outcome: "done", Detail: adoptedCode(credential)})
	})
	return result, err
}

// insertCredential inserts a credential into the given application, or else into the one
// with its values, or into a new one.
func (s editor) insertCredential(tx Tx, c paycor.Credential, draft paycor.Draft, joined string) (_ paycor.Credential, err error) {
	secrets := secretsOf(draft)
	if joined == "" {
		joined, err = s.findApplication(tx, draft)
	} else if _, err = s.usableApplication(tx, joined); errors.Is(err, store.ErrNotFound) { // it went meanwhile
		err = unknownApplication()
	}
	if err != nil {
		return c, err
	}
	if c.ApplicationID = joined; joined == "" {
		c.ApplicationID = newApplicationID(c.CreatedAt)
		return c, tx.InsertCredential(s.caller.Workspace, c, secrets)
	}
	if err := tx.InsertCredential(s.caller.Workspace, c, nil); err != nil {
		return c, err
	}
	saved, err := tx.Credential(s.caller.Workspace, c.ID)
	if err != nil {
		return c, err
	}
	if c.RotateBy != "" && c.RotateBy != saved.RotateBy { // it is about the secrets, which are the application's
		saved.RotateBy, saved.Version = c.RotateBy, saved.Version+1
		if err := tx.UpdateCredential(s.caller.Workspace, saved, c.Version, nil); err != nil {
			return c, err
		}
	}
	return saved, dropEntityToken(tx, s.caller.Workspace, saved)
}

// earlier returns what an earlier create with the same idempotency key made, or
// store.ErrNotFound. The application that both name may have been joined with another one
// since, so it is not looked for.
func (s editor) earlier(ctx context.Context, request []byte, options paycor.CreateOptions) (saved paycor.Saved, err error) {
	if options.IdempotencyKey == "" {
		return saved, store.ErrNotFound
	}
	err = s.config.Store.View(ctx, func(r Reader) (err error) {
		if saved.Credential, err = s.replay(r, options.IdempotencyKey, request); err != nil {
			return err
		}
		duplicates, err := s.duplicates(r, saved.Credential)
		saved = savedWith(saved.Credential, nil, duplicates)
		return err
	})
	if saved.Credential.ID == "" {
		return saved, err
	}
	if denied := s.may(ctx, paycor.RightEdit, audit.ActionCreate, saved.Credential.ID); denied != nil || err != nil {
		return paycor.Saved{}, cmp.Or(denied, err)
	}
	return saved, nil
}

// replay returns the credential that an earlier create with the key made, or
// store.ErrNotFound. Of a deleted one it returns the ID, beside the error.
func (s editor) replay(r Reader, key string, request []byte) (paycor.Credential, error) {
	earlier, err := r.IdempotencyRecord(s.caller.Workspace, s.caller.ID, key)
	if err != nil {
		return paycor.Credential{}, err
	}
	if !bytes.Equal(earlier.Request, request) {
		return paycor.Credential{}, paycor.Errorf(paycor.KindKeyReused, "error.key-reused")
	}
	found, err := r.Credential(s.caller.Workspace, earlier.Credential)
	if errors.Is(err, store.ErrNotFound) {
		return paycor.Credential{ID: earlier.Credential}, paycor.Errorf(paycor.KindConflict, "error.key-of-deleted")
	}
	return found, err
}
