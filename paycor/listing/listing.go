// Package listing names what a list of credentials can be sorted and filtered by. It is
// below the domain, whose query has them.
package listing

// Sort is what a list is sorted by, before names and IDs.
type Sort string

// The sorts. Ascending, they begin with what needs attention first: the state that is
// worst, what was never or longest ago used or verified, and the nearest date to replace
// secrets by, of which none is last.
const (
	ByName     Sort = "name"
	ByState    Sort = "state"
	ByLastUsed Sort = "last_used" // to the minute
	ByChecked  Sort = "checked"   // when Paycor was last asked about it
	ByVerified Sort = "verified"  // when Paycor last accepted it
	ByRotateBy Sort = "rotate_by"
)

// Sorts returns all sorts.
func Sorts() []Sort { return []Sort{ByName, ByState, ByLastUsed, ByChecked, ByVerified, ByRotateBy} }

// Attention is why a credential needs attention.
type Attention string

// The reasons.
const (
	AttentionAny      Attention = "any"
	AttentionRotation Attention = "rotation" // the date to replace the secrets by is near or has passed
)
