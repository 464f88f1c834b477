package upstream

import (
	"errors"
	"fmt"
	"math"
	"time"

	"paycorcred/paycor/verdicts"
)

// Layer tells who answered.
type Layer string

// The layers. It is empty if the author is unknown.
const (
	LayerGateway Layer = "gateway" // Azure API Management, which checks the key
	LayerPaycor  Layer = "paycor"  // behind the gateway
)

// Failure is an unsuccessful answer, or the reason why none arrived. It is an error
// and is safe to show, store and log.
type Failure struct {
	Code          verdicts.Code
	Layer         Layer
	Status        int           // HTTP status; 0 if no answer arrived
	Detail        string        // the answer's text, redacted
	CorrelationID string        // what Paycor's support asks for
	RetryAfter    time.Duration // 0 if not stated
	Cause         string        // the transport error, redacted, for the operator
	Unsent        bool          // no part of the request left this machine
}

// Error returns code, status, detail and cause.
func (f *Failure) Error() string {
	text := "asking Paycor: " + string(f.Code)
	if f.Status != 0 {
		text += fmt.Sprintf(" (status %d)", f.Status)
	}
	for _, more := range []string{f.Detail, f.Cause} {
		if more != "" {
			text += ": " + more
		}
	}
	return text
}

// AsFailure returns the Failure in err.
func AsFailure(err error) (*Failure, bool) {
	var failure *Failure
	return failure, errors.As(err, &failure)
}

// Verdict returns what the failure means for the credential, without time and steps.
func (f *Failure) Verdict() verdicts.Verdict {
	verdict := f.Code.Verdict()
	verdict.Detail, verdict.CorrelationID = f.Detail, f.CorrelationID
	if !verdict.Outcome.Conclusive() {
		verdict = verdict.Waiting(int(math.Ceil(f.RetryAfter.Seconds())))
	}
	return verdict
}

// keyAccepted reports whether the subscription key was accepted: the gateway or
// Paycor answered, and not about the key.
func (f *Failure) keyAccepted() bool {
	if f.Code == verdicts.CodeKeyRejected || f.Code == verdicts.CodeKeyInactive || f.Code == verdicts.CodeKeyMissing {
		return false
	}
	if f.Layer == LayerGateway && (f.Code == verdicts.CodeServerError || f.Code == verdicts.CodeRouteUnknown) {
		return false // the gateway may have failed before it looked at the key
	}
	return f.Layer != "" || f.Code.Verdict().Outcome.Conclusive()
}

// Transient reports whether an immediate retry may succeed.
func (f *Failure) Transient() bool {
	switch f.Code {
	case verdicts.CodeReset, verdicts.CodeTruncated, verdicts.CodeServerError:
		return f.RetryAfter == 0
	}
	return false
}
