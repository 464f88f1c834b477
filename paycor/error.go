package paycor

import (
	"errors"
	"time"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// Kind classifies an Error. Callers branch on it.
type Kind string

// The kinds. Each corresponds to one HTTP status.
const (
	KindInvalid      Kind = "invalid"      // 422: Problems says which fields
	KindMalformed    Kind = "malformed"    // 400: cannot be parsed
	KindUnauthorized Kind = "unauthorized" // 401: not signed in
	KindForbidden    Kind = "forbidden"    // 403: signed in, without the right
	KindNotFound     Kind = "not_found"    // 404
	KindConflict     Kind = "conflict"     // 409
	KindStale        Kind = "stale"        // 412: changed by another caller meanwhile
	KindTooLarge     Kind = "too_large"    // 413
	KindMediaType    Kind = "media_type"   // 415: the body is not JSON
	KindKeyReused    Kind = "key_reused"   // 422: the Idempotency-Key came with another body
	KindBusy         Kind = "busy"         // 429: too much at once
	KindActivation   Kind = "activation"   // 422: Paycor did not activate it; Verdict says why
	KindNotAccepted  Kind = "not_accepted" // 422: Paycor does not accept the new secrets, so the saved ones stay; SavedVerdict is about them
	KindNotTested    Kind = "not_tested"   // 503: Paycor could not test the new secrets, so the saved ones stay
	KindUnavailable  Kind = "unavailable"  // 503: the server cannot do it now
	KindFull         Kind = "storage_full" // 507: the disk of the server is full
	KindUpstream     Kind = "upstream"     // 502: no response from Paycor to forward
	KindLate         Kind = "late"         // 504: Paycor did not respond in time
)

// Error is an error for the caller: what happened and how to fix it. Err, the cause, is
// for the operator's log and never for the caller.
type Error struct {
	Kind     Kind
	Message  message.Message
	Problems []fields.Problem
	Verdict  *verdicts.Verdict // Paycor's verdict, if it is the reason

	SavedVerdict *verdicts.Verdict // about the saved values that stay in use; nil if there is none
	Err          error

	Code       verdicts.Code // of a call through a credential: why this server responded itself
	RetryAfter time.Duration // when it is worth trying again; 0 if unknown
}

// Error returns the message and the cause, if any.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message.String() + ": " + e.Err.Error()
	}
	return e.Message.String()
}

// Sentence returns what people read.
func (e *Error) Sentence() message.Message { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an Error of a kind. Its message is the catalogue's sentence for
// a key, with the arguments filled in.
func Errorf(kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Message: message.New(key, args...)}
}

// ErrStopped is the cause of a request's context that a stopping server canceled.
var ErrStopped = errors.New("the server was stopped")

// KindOf returns the kind of err, or "" for an internal error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// ProblemsOf returns the problems with single fields in err, if any.
func ProblemsOf(err error) []fields.Problem {
	var e *Error
	if errors.As(err, &e) {
		return e.Problems
	}
	return nil
}
