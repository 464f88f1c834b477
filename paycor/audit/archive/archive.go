// Package archive moves the oldest entries of the audit trail into files. Afterwards the
// trail begins after the last archived entry, whose hash is kept and authenticated, so
// that the file and the trail together can still be verified as one chain.
package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/clock"
	"paycorcred/paycor/store"
)

const (
	// readChunk is how many entries are read in one view, and deleteChunk how many
	// are deleted in one update, so that neither keeps others waiting.
	readChunk   = 500
	deleteChunk = 500
)

// Tx is what archiving needs of the store.
type Tx interface {
	store.AuditReader
	store.AuditWriter
}

// Config configures an Archiver. All fields are required.
type Config struct {
	Store    store.Scope[store.AuditReader, Tx]
	Recorder *trail.Recorder
	Clock    func() time.Time
}

// Archiver archives audit entries.
type Archiver struct{ config Config }

// New returns an archiver over a store.
func New(config Config) *Archiver { return &Archiver{config} }

// Archived says what was archived.
type Archived struct {
	First, Last audit.Head // the entry before the first archived one, and the last one
	Entries     int64
	File        string
}

// Archive writes the entries before a time to a new file and verifies it; then it makes
// the trail begin after them, and deletes them. Entries is 0, and there is no file, if
// there are none. It works while a server uses the store. If it is interrupted, the trail
// is as before, or begins after the archived entries; Finish deletes what is left of
// them. A file of that name is an error, unless it has just these entries, as after an
// interruption. name returns the path for the entries.
func (a *Archiver) Archive(ctx context.Context, caller paycor.Caller, before time.Time, name func(first, last int64) string) (Archived, error) {
	if err := a.Finish(ctx); err != nil {
		return Archived{}, err
	}
	first, last, err := a.find(ctx, before)
	if err != nil || last.Sequence == first.Sequence {
		return Archived{}, err
	}
	done := Archived{First: first, Last: last, Entries: last.Sequence - first.Sequence, File: name(first.Sequence+1, last.Sequence)}
	if err := writeFile(done, a.lines(ctx, first.Sequence, last.Sequence)); err != nil {
		return Archived{}, err
	}
	err = a.config.Store.Update(ctx, func(tx Tx) error {
		beginning, err := tx.AuditBeginning()
		if err != nil {
			return err
		}
		if beginning != first {
			return fmt.Errorf("archiving the audit trail after %s: %w", first, store.ErrStale)
		}
		err = a.config.Recorder.Record(tx, caller, audit.Entry{
			Action: audit.ActionArchive, Outcome: "done", Detail: audit.ArchiveDetail(first.Sequence+1, last),
		})
		if err != nil {
			return err
		}
		return tx.BeginAuditAfter(last, a.config.Clock())
	})
	if err != nil {
		return Archived{}, err
	}
	return done, a.Finish(ctx)
}

// Finish deletes the archived entries that are still there.
func (a *Archiver) Finish(ctx context.Context) error {
	for {
		var deleted int
		err := a.config.Store.Update(ctx, func(tx Tx) (err error) {
			deleted, err = tx.DeleteArchivedAudit(deleteChunk)
			return err
		})
		if err != nil || deleted < deleteChunk {
			return err
		}
	}
}

// find returns where the trail begins and its last entry before a time. Entries after one
// that is not before it stay, even if a clock made them look older.
func (a *Archiver) find(ctx context.Context, before time.Time) (first, last audit.Head, err error) {
	err = a.config.Store.View(ctx, func(r store.AuditReader) (err error) {
		first, err = r.AuditBeginning()
		return err
	})
	last = first
	if err != nil {
		return first, last, err
	}
	for line, err := range a.lines(ctx, first.Sequence, 0) {
		if err != nil {
			return first, last, err
		}
		if clock.Ahead(line.At, a.config.Clock()) {
			continue // from a clock that was ahead; it goes with the entry after it
		}
		if !line.At.Before(before) {
			break
		}
		last = audit.Head{Sequence: line.Sequence, Hash: line.Hash}
	}
	return first, last, nil
}

// lines reads the entries after a sequence up to another one; 0 is the end.
func (a *Archiver) lines(ctx context.Context, after, last int64) iter.Seq2[audit.Line, error] {
	return func(yield func(audit.Line, error) bool) {
		for {
			var chunk []audit.Line
			err := a.config.Store.View(ctx, func(r store.AuditReader) (err error) {
				chunk, err = r.AuditTrail(after, readChunk)
				return err
			})
			if err != nil {
				yield(audit.Line{}, err)
				return
			}
			for _, line := range chunk {
				if last != 0 && line.Sequence > last || !yield(line, nil) {
					return
				}
				after = line.Sequence
			}
			if len(chunk) < readChunk {
				return
			}
		}
	}
}

// IsTaken reports whether err means that the file exists and has other entries.
func IsTaken(err error) bool { return errors.Is(err, fs.ErrExist) }
