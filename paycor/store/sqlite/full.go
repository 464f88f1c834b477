package sqlite

import (
	"context"
	"errors"
	"path/filepath"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

// minFree is the free space in bytes below which the store is not ready: a few saves more
// and it would be full.
const minFree = 4 << 20

// fullError means that the disk is full. It is store.ErrFull, and for the callers of the
// API a *paycor.Error that names no file.
type fullError struct {
	path  string
	cause error
}

// Error names the file, for logs.
func (e *fullError) Error() string { return e.Sentence().String() + ": " + e.cause.Error() }

// Sentence returns what happened, for the operator.
func (e *fullError) Sentence() message.Message { return message.New("store.disk-full", e.path) }

// Unwrap returns SQLite's error.
func (e *fullError) Unwrap() error { return e.cause }

// Is reports whether the error is store.ErrFull.
func (e *fullError) Is(target error) bool { return target == store.ErrFull }

// As sets a *paycor.Error to the error for callers of the API.
func (e *fullError) As(target any) bool {
	public, ok := target.(**paycor.Error)
	if ok {
		*public = &paycor.Error{Kind: paycor.KindFull, Message: message.New("error.storage-full"), Err: errors.New(e.Error())}
	}
	return ok
}

// checkSpace returns store.ErrFull if the disk is full or nearly so. The free space does
// not tell about a quota; after a write that failed, only one that succeeds does.
func (s *DB) checkSpace(ctx context.Context) error {
	if free, ok := FreeSpace(filepath.Dir(s.config.Path)); ok && free < minFree {
		return &fullError{s.config.Path, errors.New("hardly any space is left")}
	}
	if !s.full.Load() {
		return nil
	}
	return s.Update(ctx, func(tx store.Tx) error { // the smallest write there is
		_, err := tx.(interface {
			Exec(query string, arguments ...any) (int64, error)
		}).Exec(`UPDATE keysets SET made_at = made_at`)
		return err
	})
}
