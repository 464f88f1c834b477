package events

import (
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
)

// Change tells open pages that something about a credential changed, or what
// they may do.
type Change struct {
	ID     string        `json:"id"`               // of a credential; empty where it is about none
	Action audit.Action  `json:"action"`           // empty where it tells rights alone
	Rights paycor.Rights `json:"rights,omitempty"` // what the listener may do now, where that changed

	// Who could see it before, where it is deleted or shared otherwise now. What
	// holds now, the store knows.
	Owner   string          `json:"-"`
	Sharing *paycor.Sharing `json:"-"`
}
