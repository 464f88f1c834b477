package paycor

import (
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
	"time"
)

// RotateRequest is what a rotation begins with.
type RotateRequest struct {
	ClientSecret    Secret // empty keeps the saved one
	SubscriptionKey Secret // empty keeps the saved one
	Keep            Keep   // how long the secrets before are kept; empty means a day
	RotateBy        Day    // of the new secrets; empty where none is planned
	KeepPending     bool   // keep the new ones as pending where Paycor does not take them
	AcceptWarnings  bool   // ask Paycor although a value looks like another field's
}

// Rotated is what came of a rotation.
type Rotated struct {
	Promoted   bool             `json:"promoted"`         // the tested secrets are the credential's
	Verdict    verdicts.Verdict `json:"verdict,omitzero"` // about them; zero where Paycor could not be asked
	Credential Credential       `json:"credential"`
}

// Rotation is what a credential keeps of a rotation besides the secrets in
// use. It holds no value.
type Rotation struct {
	State    RotationState   `json:"state"`
	Values   []RotationValue `json:"values"`              // which secrets are kept
	Keep     Keep            `json:"keep"`                // how long the ones before are kept, once they are that
	RotateBy Day             `json:"rotate_by,omitempty"` // the date that belongs to what is kept
	BeganAt  time.Time       `json:"began_at"`
	BeganBy  string          `json:"began_by,omitempty"`
	EndsAt   time.Time       `json:"ends_at,omitzero"` // when what is kept is destroyed; zero means when somebody says so
	// UsedUntil is when pending secrets that were in use went out of use, by the
	// way back; zero where they never were.
	UsedUntil time.Time         `json:"used_until,omitzero"`
	Verdict   *verdicts.Verdict `json:"verdict,omitempty"` // the latest about pending secrets; nil where there is none
}

// RotationState says what is kept.
type RotationState string

// What can be kept.
const (
	RotationPending  RotationState = "pending"  // newer secrets, which are not in use yet
	RotationPrevious RotationState = "previous" // the secrets before, for the way back
)

// RotationValue is one secret that is kept.
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

// Keep is how long the secrets before a rotation are kept.
type Keep string

// The times to choose from.
const (
	KeepHour  Keep = "hour"
	KeepDay   Keep = "day"
	KeepWeek  Keep = "week"
	KeepUntil Keep = "until_told" // until somebody says so
)

// Keeps returns the times to choose from.
func Keeps() []Keep { return []Keep{KeepHour, KeepDay, KeepWeek, KeepUntil} }

// Until returns when what is kept from now on is destroyed; the zero time
// where somebody has to say so.
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

// RotatedFields are the secrets that can be rotated.
func RotatedFields() []fields.Field {
	return []fields.Field{fields.ClientSecret, fields.SubscriptionKey}
}

// Kept returns the place in which a rotation keeps a secret; "" where the
// field cannot be rotated.
func (s RotationState) Kept(field fields.Field) fields.Field {
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

// Over returns stored with the request's secrets laid over it.
func (r RotateRequest) Over(stored Draft) Draft {
	if !r.ClientSecret.IsZero() {
		stored.ClientSecret = r.ClientSecret
	}
	if !r.SubscriptionKey.IsZero() {
		stored.SubscriptionKey = r.SubscriptionKey
	}
	return stored
}

// Fields returns which secrets the request brings.
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

// Check returns what is wrong with the request by itself. What is wrong with
// its secrets, Check of the draft says.
func (r RotateRequest) Check() []fields.Problem {
	var problems []fields.Problem
	if r.Keep != "" && r.Keep != KeepUntil && r.Keep.Until(time.Unix(0, 0)).IsZero() {
		problems = append(problems, fields.Problem{Field: fields.Keep, Code: fields.ProblemUnknownValue, Message: "There is no such time. Choose one of: hour, day, week, until_told."})
	}
	if problem, wrong := r.RotateBy.problem(); wrong {
		problems = append(problems, problem)
	}
	return problems
}

// RotatedProblems keeps, of what is wrong with a draft, what is about the
// secrets that a rotation brings: the rest was saved knowingly.
func RotatedProblems(problems []fields.Problem, names []fields.Field) []fields.Problem {
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

// seen changes whenever what shows of the rotation does.
func (r Rotation) seen() int64 {
	seen := r.BeganAt.UnixMilli()
	if r.Verdict != nil {
		seen += r.Verdict.CheckedAt.UnixMilli()
	}
	return seen
}
