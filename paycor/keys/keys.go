// Package keys rotates the keys that encrypt the stored values, while servers run. A new
// key encrypts what is stored from then on; the other values are encrypted again, a few
// in each transaction; then the earlier keys go. An interrupted rotation is taken up by
// the next one.
package keys

import (
	"context"
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
	err = r.config.Store.Update(ctx, func(tx Tx) (err error) {
		if key, err = tx.AddKey(); err != nil {
			return err
		}
		return r.config.Recorder.Record(tx, caller, audit.Entry{Action: audit.ActionKeyAdd, Outcome: "done", Detail: key})
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
	err = r.config.Store.Update(ctx, func(tx Tx) (err error) {
		if rotated.Removed, err = tx.RemoveUnusedKeys(); err != nil || len(rotated.Removed) == 0 {
			return err
		}
		return r.config.Recorder.Record(tx, caller, audit.Entry{
			Action: audit.ActionKeyRemove, Outcome: "done", Detail: strings.Join(rotated.Removed, " "),
		})
	})
	if err != nil {
		return rotated, fmt.Errorf("removing earlier keys: %w", err)
	}
	return rotated, nil
}
