package app

import (
	"context"
	"errors"

	"paycorcred/paycor"
)

// words says what an error means to the person, and how to mend it.
func words(err error) string {
	var e *paycor.Error
	if errors.As(err, &e) && e.Message != "" {
		return e.Message
	}
	if errors.Is(err, context.Canceled) {
		return say("fail.stopped")
	}
	return say("fail.server")
}

// signedOut reports whether the session ended.
func signedOut(err error) bool { return paycor.KindOf(err) == paycor.KindUnauthorized }
