package web

import "paycorcred/paycor"

// refusal is an error that the door itself decided on, and that is written
// down before it is answered.
type refusal struct{ known *paycor.Error }

// Error returns the message.
func (r *refusal) Error() string { return r.known.Error() }

// Unwrap returns the error as the caller may see it.
func (r *refusal) Unwrap() error { return r.known }

func refuse(kind paycor.Kind, format string, arguments ...any) error {
	return &refusal{paycor.Errorf(kind, format, arguments...)}
}
