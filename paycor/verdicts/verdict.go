package verdicts

import (
	"time"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Outcome is the result of a verification.
type Outcome string

// The outcomes. The first three are about the credential. The last two are outages
// and limits of Paycor and say nothing about it.
const (
	OutcomeVerified        Outcome = "verified"
	OutcomeRejected        Outcome = "rejected"
	OutcomeNeedsActivation Outcome = "needs_activation"
	OutcomeUnreachable     Outcome = "unreachable"
	OutcomeThrottled       Outcome = "throttled"
)

// Conclusive reports whether the outcome is about the credential, not about an outage or
// a rate limit.
func (o Outcome) Conclusive() bool {
	return o == OutcomeVerified || o == OutcomeRejected || o == OutcomeNeedsActivation
}

// Verdict is the result of a verification with its details. It is safe to show, store
// and log: Paycor's text in it is redacted.
type Verdict struct {
	Outcome       Outcome         `json:"outcome"`
	Fields        []fields.Field  `json:"fields"` // blamed fields; may be empty
	Code          Code            `json:"code"`
	Message       message.Message `json:"message"`                  // one sentence: what happened
	Remedy        message.Message `json:"remedy"`                   // one sentence: how to fix it; may be empty
	Detail        string          `json:"detail,omitempty"`         // Paycor's text, redacted
	CorrelationID string          `json:"correlation_id,omitempty"` // what Paycor's support asks for
	RetryAfter    int             `json:"retry_after,omitempty"`    // seconds
	CheckedAt     time.Time       `json:"checked_at,omitzero"`      // zero if nothing was checked because a call got no token
	Steps         []Step          `json:"steps,omitzero"`           // nil in that case
	Entities      []LegalEntity   `json:"entities,omitempty"`       // what the activation covers, once known
	DataAccess    *DataAccess     `json:"data_access,omitempty"`    // what can be read, once probed
	RequestID     string          `json:"request_id,omitempty"`     // of our request that asked Paycor
	LastSuccess   *LastSuccess    `json:"last_success,omitempty"`   // of a rejection or a missing activation, if Paycor accepted the credential before
}

// Step is one step of a verification.
type Step struct {
	Name  StepName        `json:"name"`
	State StepState       `json:"state"`
	Note  message.Message `json:"note,omitzero"` // one short sentence, such as the legal entity's name
}

// StepName names a step.
type StepName string

// The steps, in order.
const (
	StepFormat      StepName = "format"       // shapes and swaps; nothing is sent
	StepKey         StepName = "key"          // the gateway accepts the subscription key
	StepToken       StepName = "token"        // the token endpoint issues a token
	StepEntities    StepName = "entities"     // Paycor accepts token and key and lists what they cover
	StepLegalEntity StepName = "legal_entity" // the Legal Entity ID is covered and active
	StepDataAccess  StepName = "data_access"  // what can be read; informative
)

// StepNames returns the steps in order.
func StepNames() []StepName {
	return []StepName{StepFormat, StepKey, StepToken, StepEntities, StepLegalEntity, StepDataAccess}
}

// StepState is the state of a step.
type StepState string

// The states.
const (
	StepRunning StepState = "running"
	StepPassed  StepState = "passed"
	StepFailed  StepState = "failed"
	StepOpen    StepState = "open"             // an outage or a rate limit prevented it: says nothing about the values
	StepWarned  StepState = "warned"           // did not pass, but is only informative
	StepPending StepState = "needs_activation" // Paycor accepts the values once the application is activated
	StepSkipped StepState = "skipped"          // an earlier step did not pass
)
