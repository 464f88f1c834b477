package store

import (
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
)

// FullError means that the disk is full. It is ErrFull, and for the callers of the API a
// *paycor.Error that does not name the database.
type FullError struct {
	Database string // path or address
	Cause    error  // the engine's
}

// Error names the database, for logs.
func (e *FullError) Error() string { return e.Sentence().String() + ": " + e.Cause.Error() }

// Sentence returns what happened, for the operator.
func (e *FullError) Sentence() message.Message { return message.New("store.disk-full", e.Database) }

// Unwrap returns the engine's error.
func (e *FullError) Unwrap() error { return e.Cause }

// Is reports whether the error is ErrFull.
func (e *FullError) Is(target error) bool { return target == ErrFull }

// As sets a *paycor.Error to the error for callers of the API.
func (e *FullError) As(target any) bool {
	public, ok := target.(**paycor.Error)
	if ok {
		*public = &paycor.Error{Kind: paycor.KindFull, Message: message.New("error.storage-full"), Err: errors.New(e.Error())}
	}
	return ok
}
