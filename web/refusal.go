package web

import "paycorcred/paycor"

// refusal is an error that the door itself decided on, and that is written
// down before it is answered.
type refusal struct {
	known  *paycor.Error
	detail string // for the trail; empty means the kind
}

// Error returns the message.
func (r *refusal) Error() string { return r.known.Error() }

// Unwrap returns the error as the caller may see it.
func (r *refusal) Unwrap() error { return r.known }

func refuse(kind paycor.Kind, format string, arguments ...any) error {
	return &refusal{known: paycor.Errorf(kind, format, arguments...)}
}
