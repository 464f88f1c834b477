package events

import (
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
)

// Change tells open pages that a credential changed, or what the caller may do.
type Change struct {
	ID     string        `json:"id"`               // of a credential; may be empty
	Action audit.Action  `json:"action"`           // empty if only rights changed
	Rights paycor.Rights `json:"rights,omitempty"` // what the listener may do now, if that changed
	Missed bool          `json:"missed,omitempty"` // the listener missed changes: anything may have changed

	// Who could see it before it was deleted or shared differently. The store knows
	// who can now.
	Owner   string          `json:"-"`
	Sharing *paycor.Sharing `json:"-"`
}
