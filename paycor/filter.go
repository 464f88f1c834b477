package paycor

import (
	"slices"
	"strings"
	"time"

	"paycorcred/paycor/listing"
	"paycorcred/paycor/verdicts"
)

// Filter narrows a list of credentials. An empty member narrows nothing.
type Filter struct {
	State       State             `json:"state,omitempty"`
	Environment string            `json:"environment,omitempty"`
	Tag         string            `json:"tag,omitempty"`   // in any case
	Owner       string            `json:"owner,omitempty"` // whom to ask, in any case
	Attention   listing.Attention `json:"attention,omitempty"`
}

// Clean returns the filter with tag and owner in the form in which they are compared.
func (f Filter) Clean() Filter {
	f.Tag, f.Owner = string(Tags(f.Tag).clean()), NameKey(strings.TrimSpace(f.Owner))
	return f
}

// Matches reports whether a credential passes the filter, which is clean, on a day.
func (f Filter) Matches(c Credential, today Day) bool {
	attention := true
	switch f.Attention {
	case listing.AttentionAny:
		attention = c.NeedsAttention(today)
	case listing.AttentionRotation:
		attention = c.RotatesSoon(today)
	}
	return attention && (f.State == "" || f.State == c.State) && (f.Environment == "" || f.Environment == c.Environment) &&
		(f.Tag == "" || slices.Contains(c.Tags.List(), f.Tag)) && (f.Owner == "" || f.Owner == NameKey(c.Owner))
}

// NeedsAttention reports whether somebody has to do something about the credential. List,
// counts and metrics follow it.
func (c Credential) NeedsAttention(today Day) bool { return c.HasProblem() || c.RotatesSoon(today) }

// HasProblem reports whether the credential needs attention whatever the day is: calls
// through it fail or may fail, or Paycor denies everything that was tried to read.
func (c Credential) HasProblem() bool {
	switch c.State {
	case StateRejected, StateNeedsActivation, StateNotReachable:
		return true
	}
	return c.LastConclusive != nil && c.LastConclusive.Code == verdicts.CodeVerifiedNoAccess
}

// RotatesSoon reports whether the secrets are to be replaced by a day that is near or has
// passed.
func (c Credential) RotatesSoon(today Day) bool {
	return c.RotateBy != "" && c.RotateBy <= today.RemindsUntil()
}

// RemindsUntil returns the last day of which rotations one is reminded on a day.
func (d Day) RemindsUntil() Day {
	at, ok := d.Time()
	if !ok {
		return ""
	}
	return DayOf(at.Add(reminderDays * 24 * time.Hour))
}

// States returns the states of a credential, the one that needs attention most first.
func States() []State {
	return []State{StateRejected, StateNeedsActivation, StateNotReachable, StateNotVerified, StateVerified}
}

// Rank returns the position of the state among States.
func (s State) Rank() int { return slices.Index(States(), s) }
