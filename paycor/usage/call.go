package usage

import (
	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
	"time"
)

// Use is one call to Paycor that somebody made through a credential. It names
// nothing that was sent or that came back but for the template of its path.
type Call struct {
	Caller        paycor.Caller
	Credential    string        // id
	Environment   string        // name
	At            time.Time     // when the call came in
	Method        string        // of the request, or "other"
	Status        int           // what the caller was answered; 0 where nobody was there to be answered any more
	Code          verdicts.Code // why the answer is ours and not Paycor's; empty where it is Paycor's
	Note          Note          // what the headers of Paycor's answer tell; mostly nothing
	Path          string        // of a failure, as PathTemplate gives it
	CorrelationID string        // Paycor's, where a failure had one
	RequestID     string        // ours
	Took          time.Duration // from the request's headers to the end of the answer
	Upstream      time.Duration // of it, until Paycor's headers were there; 0 where Paycor was not asked
	Waited        time.Duration // of it, for the limiter's leave
	Tries         int           // how often Paycor was asked
}
