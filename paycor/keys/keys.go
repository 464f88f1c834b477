// Package keys rotates the keys that encrypt the stored values, and replaces the key that
// encrypts those keys, while servers run. A new
// key encrypts what is stored from then on; the other values are encrypted again, a few
// in each transaction; then the earlier keys go. An interrupted rotation is taken up by
// the next one.
package keys

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/store"
)

// chunk is how many values one transaction examines, so that it does not keep other
// writers waiting.
const chunk = 200

// Reader is what a rotation reads.
type Reader interface{ store.KeyReader }

// Tx is what a rotation writes.
type Tx interface {
	store.KeyReader
	store.KeyWriter
	trail.Appender
}

// Config configures a Rotator. All fields are required.
type Config struct {
	Store    store.Scope[Reader, Tx]
	Recorder *trail.Recorder
}

// Rotator rotates keys.
type Rotator struct{ config Config }

// New returns a rotator over a store.
func New(config Config) *Rotator { return &Rotator{config} }

// Keys lists the keys, the primary one first.
func (r *Rotator) Keys(ctx context.Context) (found []store.Key, err error) {
	err = r.config.Store.View(ctx, func(reader Reader) error {
		found, err = reader.Keys()
		return err
	})
	return found, err
}

// WrappedBy returns the ID of the key that encrypts the keys.
func (r *Rotator) WrappedBy(ctx context.Context) (id string, err error) {
	err = r.config.Store.View(ctx, func(reader Reader) error {
		id, err = reader.WrappedBy()
		return err
	})
	return id, err
}

// Rewrap encrypts the keys with another KEK, and returns the ID of the earlier one. If it is
// interrupted, the keys are encrypted with one of both.
func (r *Rotator) Rewrap(ctx context.Context, caller paycor.Caller, to store.KEK) (earlier string, err error) {
	err = r.change(ctx, caller, func(reader Reader) (prepare, error) {
		if earlier, err = reader.WrappedBy(); err != nil {
			return nil, err
		}
		return func(change store.KeyChange) (audit.Entry, error) {
			return audit.Entry{Action: audit.ActionKeyRewrap, Outcome: "done", Detail: earlier + " " + to.ID()}, change.Rewrap(to)
		}, nil
	})
	return earlier, err
}

// prepare makes a change, outside of a transaction, and returns its entry in the audit trail.
type prepare func(store.KeyChange) (audit.Entry, error)

// maxAttempts is how often a change is made again because the keys were changed meanwhile.
const maxAttempts = 5

// change changes the keys. plan reads what to change and returns how, or nil for nothing.
func (r *Rotator) change(ctx context.Context, caller paycor.Caller, plan func(Reader) (prepare, error)) (err error) {
	for range maxAttempts {
		var planned prepare
		var change store.KeyChange
		err = r.config.Store.View(ctx, func(reader Reader) (err error) {
			if planned, err = plan(reader); err != nil || planned == nil {
				return err
			}
			change, err = reader.KeyChange()
			return err
		})
		if err != nil || planned == nil {
			return err
		}
		entry, err := planned(change)
		if err != nil {
			return err
		}
		err = r.config.Store.Update(ctx, func(tx Tx) error {
			if err := tx.StoreKeys(change); err != nil {
				return err
			}
			return r.config.Recorder.Record(tx, caller, entry)
		})
		if !errors.Is(err, store.ErrStale) {
			return err
		}
	}
	return err
}

// Rotated says what a rotation did.
type Rotated struct {
	Key      string   // the new primary key; empty if the rotation finished an interrupted one
	Values   int      // encrypted again
	Unopened int      // left as they are, because they cannot be decrypted
	Removed  []string // keys that are gone
}

// Rotate replaces the keys, or finishes a rotation that was interrupted. progress is
// called after each step with how many values were examined.
func (r *Rotator) Rotate(ctx context.Context, caller paycor.Caller, progress func(examined int)) (Rotated, error) {
	found, err := r.Keys(ctx)
	if err != nil {
		return Rotated{}, err
	}
	if len(found) > 1 {
		// What is left may also be a key that values need which cannot be decrypted.
		// Then nothing was interrupted.
		finished, err := r.finish(ctx, caller, progress)
		if err != nil || finished.Values > 0 || len(finished.Removed) > 0 {
			return finished, err
		}
	}
	var key string
	err = r.change(ctx, caller, func(Reader) (prepare, error) {
		return func(change store.KeyChange) (_ audit.Entry, err error) {
			key, err = change.AddKey()
			return audit.Entry{Action: audit.ActionKeyAdd, Outcome: "done", Detail: key}, err
		}, nil
	})
	if err != nil {
		return Rotated{}, fmt.Errorf("adding a key: %w", err)
	}
	rotated, err := r.finish(ctx, caller, progress)
	rotated.Key = key
	return rotated, err
}

// finish encrypts the values of earlier keys with the primary key and removes those keys.
func (r *Rotator) finish(ctx context.Context, caller paycor.Caller, progress func(examined int)) (rotated Rotated, err error) {
	at := store.ValuePosition("")
	for examined := chunk; ; examined += chunk {
		var done store.Reencrypted
		err := r.config.Store.Update(ctx, func(tx Tx) (err error) {
			done, err = tx.Reencrypt(at, chunk)
			return err
		})
		if err != nil {
			return rotated, fmt.Errorf("encrypting values again: %w", err)
		}
		rotated.Values, rotated.Unopened = rotated.Values+done.Values, rotated.Unopened+done.Unopened
		if at = done.Next; at == "" {
			break
		}
		progress(examined)
	}
	err = r.change(ctx, caller, func(reader Reader) (prepare, error) {
		if rotated.Removed, err = unused(reader); err != nil || len(rotated.Removed) == 0 {
			return nil, err
		}
		return func(change store.KeyChange) (audit.Entry, error) {
			return audit.Entry{Action: audit.ActionKeyRemove, Outcome: "done", Detail: strings.Join(rotated.Removed, " ")}, change.RemoveKeys(rotated.Removed)
		}, nil
	})
	if err != nil {
		return rotated, fmt.Errorf("removing earlier keys: %w", err)
	}
	return rotated, nil
}

// unused returns the IDs of the keys that no value needs, except for the primary one.
func unused(reader Reader) (ids []string, err error) {
	found, err := reader.Keys()
	for _, key := range found {
		if !key.Primary && key.Values == 0 {
			ids = append(ids, key.ID)
		}
	}
	return ids, err
}
