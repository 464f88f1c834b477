package paycor

import (
	"time"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// RotateRequest starts a rotation.
type RotateRequest struct {
	ClientSecret    Secret // empty keeps the saved one
	SubscriptionKey Secret // empty keeps the saved one
	Keep            Keep   // how long to keep the previous secrets; empty means a day
	RotateBy        Day    // date to replace the new secrets by; empty if none is planned
	KeepPending     bool   // keep the new secrets as pending if Paycor rejects them
	AcceptWarnings  bool   // verify although a value looks like another field's
}

// Rotated is the result of a rotation.
type Rotated struct {
	Promoted   bool             `json:"promoted"`         // the tested secrets are in use now
	Verdict    verdicts.Verdict `json:"verdict,omitzero"` // about the tested secrets; zero if there is none
	Credential Credential       `json:"credential"`

	AlsoChanged       []string `json:"also_changed,omitempty"`        // as in Saved
	AlsoChangedHidden bool     `json:"also_changed_hidden,omitempty"` // as in Saved
}

// Rotation describes the secrets a credential keeps in addition to the ones in
// use. It holds no secret value.
type Rotation struct {
	State     RotationState   `json:"state"`
	Values    []RotationValue `json:"values"`              // which secrets are kept
	Keep      Keep            `json:"keep"`                // how long the previous secrets are kept after the promotion
	RotateBy  Day             `json:"rotate_by,omitempty"` // date that belongs to the kept secrets
	StartedAt time.Time       `json:"began_at"`
	StartedBy string          `json:"began_by,omitempty"`
	DiscardAt time.Time       `json:"ends_at,omitzero"` // when the kept secrets are discarded; zero means only on request
	// UsedUntil is when a rollback took the pending secrets out of use; zero if
	// they were never in use.
	UsedUntil time.Time         `json:"used_until,omitzero"`
	Verdict   *verdicts.Verdict `json:"verdict,omitempty"` // latest verdict about pending secrets; nil if there is none
}

// RotationState says which secrets are kept.
type RotationState string

// The states.
const (
	RotationPending  RotationState = "pending"  // newer secrets that are not in use yet
	RotationPrevious RotationState = "previous" // the previous secrets, for a rollback
)

// RotationValue is one kept secret.
type RotationValue struct {
	Field   fields.Field `json:"field"`    // client_secret or subscription_key
	SavedAt time.Time    `json:"saved_at"` // when it was saved
}

// Fields returns which secrets are kept.
func (r Rotation) Fields() []fields.Field {
	names := make([]fields.Field, len(r.Values))
	for i, value := range r.Values {
		names[i] = value.Field
	}
	return names
}

// MayWork reports whether pending secrets may work: Paycor has not rejected them.
func (r Rotation) MayWork() bool {
	return r.Verdict == nil || !r.Verdict.Outcome.Conclusive() || r.Verdict.AcceptsSecrets()
}

// Keep is how long a rotation keeps the previous secrets.
type Keep string

// The durations to choose from.
const (
	KeepHour  Keep = "hour"
	KeepDay   Keep = "day"
	KeepWeek  Keep = "week"
	KeepUntil Keep = "until_told" // until somebody discards them
)

// Keeps returns the durations to choose from.
func Keeps() []Keep { return []Keep{KeepHour, KeepDay, KeepWeek, KeepUntil} }

// Until returns when secrets kept from now on are discarded; zero for
// KeepUntil.
func (k Keep) Until(now time.Time) time.Time {
	switch k {
	case KeepHour:
		return now.Add(time.Hour)
	case KeepDay:
		return now.AddDate(0, 0, 1)
	case KeepWeek:
		return now.AddDate(0, 0, 7)
	}
	return time.Time{}
}

// RotatableFields returns the secrets that can be rotated.
func RotatableFields() []fields.Field {
	return []fields.Field{fields.ClientSecret, fields.SubscriptionKey}
}

// SecretField returns the field that stores a kept secret; "" if the field
// cannot be rotated.
func (s RotationState) SecretField(field fields.Field) fields.Field {
	switch {
	case s == RotationPrevious && field == fields.ClientSecret:
		return fields.ClientSecretPrevious
	case s == RotationPrevious && field == fields.SubscriptionKey:
		return fields.SubscriptionKeyPrevious
	case s == RotationPending && field == fields.ClientSecret:
		return fields.ClientSecretPending
	case s == RotationPending && field == fields.SubscriptionKey:
		return fields.SubscriptionKeyPending
	}
	return ""
}

// ApplyTo returns the stored draft with the request's secrets.
func (r RotateRequest) ApplyTo(stored Draft) Draft {
	if !r.ClientSecret.IsZero() {
		stored.ClientSecret = r.ClientSecret
	}
	if !r.SubscriptionKey.IsZero() {
		stored.SubscriptionKey = r.SubscriptionKey
	}
	return stored
}

// Fields returns which secrets the request contains.
func (r RotateRequest) Fields() []fields.Field {
	var names []fields.Field
	if !r.ClientSecret.IsZero() {
		names = append(names, fields.ClientSecret)
	}
	if !r.SubscriptionKey.IsZero() {
		names = append(names, fields.SubscriptionKey)
	}
	return names
}

// Check returns the problems of the request, except those of its secrets, which
// Check of the draft finds.
func (r RotateRequest) Check() []fields.Problem {
	var problems []fields.Problem
	if r.Keep != "" && r.Keep != KeepUntil && r.Keep.Until(time.Unix(0, 0)).IsZero() {
		problems = append(problems, fields.Problem{Field: fields.Keep, Code: fields.ProblemUnknownValue, Message: message.New("problem.keep-unknown")})
	}
	if problem, wrong := r.RotateBy.problem(); wrong {
		problems = append(problems, problem)
	}
	return problems
}

// RotationProblems filters the problems of a draft for the secrets of a
// rotation. The other values were saved before.
func RotationProblems(problems []fields.Problem, names []fields.Field) []fields.Problem {
	var kept []fields.Problem
	for _, problem := range problems {
		for _, field := range names {
			if problem.Field == field {
				kept = append(kept, problem)
			}
		}
	}
	return kept
}

// seen changes whenever the visible part of the rotation does.
func (r Rotation) seen() int64 {
	seen := r.StartedAt.UnixMilli()
	if r.Verdict != nil {
		seen += r.Verdict.CheckedAt.UnixMilli()
	}
	return seen
}
