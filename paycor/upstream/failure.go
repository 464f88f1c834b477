package upstream

import (
	"errors"
	"fmt"
	"math"
	"paycorcred/paycor/verdicts"
	"time"
)

// Layer is the party that gave an answer.
type Layer string

// The parties. An answer whose author cannot be told has none.
const (
	LayerGateway Layer = "gateway" // Azure API Management: it looks at the key
	LayerPaycor  Layer = "paycor"  // behind the gateway
)

// Failure is an answer that is no success, or the reason why there is none.
// It is an error and is safe to show, store and log.
type Failure struct {
	Code          verdicts.Code
	Layer         Layer
	Status        int           // of HTTP; 0 where no answer came
	Detail        string        // the answer's own words, redacted
	CorrelationID string        // what Paycor's support asks for
	RetryAfter    time.Duration // 0 where nothing is said
	Cause         string        // the transport's error, redacted; for the operator
	Unsent        bool          // nothing of the request left this machine
}

// Error names the code, the status and what is known beyond them.
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

// Verdict returns what the failure means for the credential, without time and
// steps.
func (f *Failure) Verdict() verdicts.Verdict {
	verdict := f.Code.Verdict()
	verdict.Detail, verdict.CorrelationID = f.Detail, f.CorrelationID
	if !verdict.Outcome.Conclusive() {
		verdict = verdict.Waiting(int(math.Ceil(f.RetryAfter.Seconds())))
	}
	return verdict
}

// keyTaken reports whether whoever answered had let the subscription key
// through: the gateway or Paycor said something, and it was not about the key.
func (f *Failure) keyTaken() bool {
	if f.Code == verdicts.CodeKeyRejected || f.Code == verdicts.CodeKeyInactive || f.Code == verdicts.CodeKeyMissing {
		return false
	}
	return f.Layer != "" || f.Code.Verdict().Outcome.Conclusive()
}

// passing reports whether another try may well succeed at once.
func (f *Failure) passing() bool {
	switch f.Code {
	case verdicts.CodeReset, verdicts.CodeTruncated, verdicts.CodeServerError:
		return f.RetryAfter == 0
	}
	return false
}
