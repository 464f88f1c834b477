package notification

import (
	"time"

	"paycorcred/paycor"
)

// Event is something that happened and that channels may be told. It is stored in the
// transaction of what happened.
type Event struct {
	Workspace string
	Kind      Kind
	Subject   string   // ID of a credential, an API token or an embedding site; empty for the server
	Name      string   // of the subject; never that of a person
	Tags      []string // of the credential

	// Application is the ID of the application that the credential uses when the event is
	// due. It is not stored.
	Application string

	Days  int    // until the date that the event is about
	Key   string // events with the same key are one; empty for an event that may happen again
	At    time.Time
	DueAt time.Time // when it is told
}

// How long a change of a credential's state has to last before it is told.
const (
	// Settling is for a credential that was not told about for a day. With each
	// message of that day it doubles, up to MaxSettling.
	Settling    = 2 * time.Minute
	MaxSettling = 4 * time.Hour

	// UnreachableAfter is for a credential that cannot be checked with Paycor.
	UnreachableAfter = time.Hour

	// FlapWindow is the time in which messages about a credential count.
	FlapWindow = 24 * time.Hour
)

// burst is the time within which events of one kind become one message.
const burst = time.Minute

// Due returns when an event is told that happened at a time. Events of the same minute
// are due at the same time, and become one message.
func Due(at time.Time, settling time.Duration) time.Time {
	return at.UTC().Add(settling).Truncate(burst).Add(burst)
}

// SettlingOf returns how long a new state has to last before it is told, after a number
// of messages about the credential within FlapWindow.
func SettlingOf(kind Kind, told int) time.Duration {
	settling := Settling << min(told, 7)
	if kind == KindUnreachable {
		settling = max(settling, UnreachableAfter)
	}
	return min(settling, MaxSettling)
}

// KindOfState returns what to tell of a credential in a state, if told is the state that
// was told last, or in which it was before. It returns "" if there is nothing to tell. A
// credential that Paycor never accepted cannot break.
func KindOfState(told, now paycor.State, accepted bool) Kind {
	wellBefore := told == paycor.StateVerified || told == paycor.StateNotVerified || told == ""
	switch {
	case now == told, now == paycor.StateNotVerified, told != paycor.StateVerified && wellBefore && !accepted:
		return ""
	case now == paycor.StateRejected:
		return KindBroke
	case now == paycor.StateNeedsActivation:
		return KindNeedsActivation
	case now == paycor.StateNotReachable && wellBefore:
		return KindUnreachable
	case now == paycor.StateVerified && !wellBefore:
		return KindRecovered
	}
	return ""
}

// State returns the state of a credential that events of the kind tell; "" for others.
func (k Kind) State() paycor.State {
	switch k {
	case KindBroke:
		return paycor.StateRejected
	case KindNeedsActivation:
		return paycor.StateNeedsActivation
	case KindUnreachable:
		return paycor.StateNotReachable
	case KindRecovered:
		return paycor.StateVerified
	}
	return ""
}
