package web

import "paycorcred/paycor"

// denial is an error that this package decided on, not a use case. It goes to
// the audit trail before the response is written.
type denial struct {
	public    *paycor.Error // what the caller may know
	auditCode string        // for the audit trail; empty means the kind
}

// Error returns the public message.
func (d *denial) Error() string { return d.public.Error() }

// Unwrap returns the public error.
func (d *denial) Unwrap() error { return d.public }

func deny(kind paycor.Kind, key string, args ...any) error {
	return &denial{public: paycor.Errorf(kind, key, args...)}
}
