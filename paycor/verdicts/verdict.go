package verdicts

import (
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"time"
)

// Outcome is what came of asking Paycor about a credential.
type Outcome string

// The outcomes. The first three are about the credential; the last two are
// Paycor's own trouble and say nothing about it.
const (
	OutcomeVerified        Outcome = "verified"
	OutcomeRejected        Outcome = "rejected"
	OutcomeNeedsActivation Outcome = "needs_activation"
	OutcomeUnreachable     Outcome = "unreachable"
	OutcomeThrottled       Outcome = "throttled"
)

// Conclusive reports whether the outcome is about the credential, and not about
// an outage or a rate limit.
func (o Outcome) Conclusive() bool {
	return o == OutcomeVerified || o == OutcomeRejected || o == OutcomeNeedsActivation
}

// Verdict is what came of a verification. It is safe to show, store and log:
// whatever text of Paycor's it carries has passed a Redactor.
type Verdict struct {
	Outcome       Outcome         `json:"outcome"`
	Fields        []fields.Field  `json:"fields"` // the fields to blame, empty when none is
	Code          Code            `json:"code"`
	Message       message.Message `json:"message"`                  // one sentence: what happened
	Remedy        message.Message `json:"remedy"`                   // one sentence: how to mend it; empty when nothing is to be done
	Detail        string          `json:"detail,omitempty"`         // Paycor's own words, redacted
	CorrelationID string          `json:"correlation_id,omitempty"` // what Paycor's support asks for
	RetryAfter    int             `json:"retry_after,omitempty"`    // seconds
	CheckedAt     time.Time       `json:"checked_at,omitzero"`      // zero where nothing was checked: a call got no token
	Steps         []Step          `json:"steps,omitzero"`           // nil there
	Entities      []LegalEntity   `json:"entities,omitempty"`       // what the activation covers, once known
	DataAccess    *DataAccess     `json:"data_access,omitempty"`    // what can be read, once it was looked at
	RequestID     string          `json:"request_id,omitempty"`     // ours, of the request that asked Paycor
}

// Step is one rung of the verification ladder.
type Step struct {
	Name  StepName        `json:"name"`
	State StepState       `json:"state"`
	Note  message.Message `json:"note,omitzero"` // one short sentence, such as the legal entity's name
}

// StepName names a rung.
type StepName string

// The rungs, in order.
const (
	StepFormat      StepName = "format"       // shapes and swaps; nothing is sent
	StepKey         StepName = "key"          // the gateway takes the subscription key
	StepToken       StepName = "token"        // the token endpoint gives a token
	StepEntities    StepName = "entities"     // Paycor takes token and key together and lists what they cover
	StepLegalEntity StepName = "legal_entity" // the Legal Entity ID is among them and alive
	StepDataAccess  StepName = "data_access"  // what can be read of it; informs, and rejects nothing
)

// StepNames returns the rungs in order.
func StepNames() []StepName {
	return []StepName{StepFormat, StepKey, StepToken, StepEntities, StepLegalEntity, StepDataAccess}
}

// StepState is how a rung stands.
type StepState string

// How a rung can stand.
const (
	StepRunning StepState = "running"
	StepPassed  StepState = "passed"
	StepFailed  StepState = "failed"
	StepOpen    StepState = "open"    // an outage or a limit of Paycor's cut it off: it says nothing of the values
	StepWarned  StepState = "warned"  // informative: it did not pass, and nothing hangs on it
	StepSkipped StepState = "skipped" // an earlier rung did not pass
)
