package verdicts

import (
	"time"

	"paycorcred/paycor/fields"
)

// LastSuccess says until when Paycor accepted the credential, and what changed since.
type LastSuccess struct {
	At     time.Time `json:"at"`
	Change *Change   `json:"change,omitempty"` // the latest one since; nil if nothing that Paycor verifies changed here
}

// Change is a change of a credential that may be why Paycor no longer accepts it.
type Change struct {
	Kind   ChangeKind     `json:"kind"`
	At     time.Time      `json:"at"`
	By     string         `json:"by,omitempty"`     // name of the caller; empty if unknown
	Fields []fields.Field `json:"fields,omitempty"` // what changed
}

// ChangeKind says what was done.
type ChangeKind string

// The kinds.
const (
	ChangeEdited     ChangeKind = "edited"      // a value was replaced
	ChangeRotated    ChangeKind = "rotated"     // a secret was rotated
	ChangeRolledBack ChangeKind = "rolled_back" // the previous secret is in use again
	ChangeActivated  ChangeKind = "activated"
)
