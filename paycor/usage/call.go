// Package usage describes how often a credential is used to call Paycor, by whom,
// and what failed. Package meter counts the calls.
package usage

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// Call is one call to Paycor through a credential. It contains nothing that was
// sent or received, apart from the template of the path.
type Call struct {
	Caller        paycor.Caller
	Credential    string        // id
	Environment   string        // name
	At            time.Time     // when the call came in
	Method        string        // of the request, or "other"
	Status        int           // of the answer; 0 if the caller disconnected before it
	Code          verdicts.Code // why this server answered instead of Paycor; empty for Paycor's answers
	Note          Note          // what the headers of Paycor's answer reveal; usually empty
	Path          string        // of a failure, as PathTemplate returns it
	CorrelationID string        // Paycor's, if a failure had one
	RequestID     string        // this server's
	Took          time.Duration // from the request's headers to the end of the answer
	Upstream      time.Duration // part of Took until Paycor's headers arrived; 0 if Paycor was not called
	Waited        time.Duration // part of Took spent waiting for the rate limit
	Tries         int           // requests sent to Paycor
}
