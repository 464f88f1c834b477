package paycor

import (
	"context"
	"time"
)

// Rotator replaces the secrets of a credential without a gap: new ones are
// tested beside the old, promoted only when Paycor takes them, and the old
// stay for a while, with a way back.
type Rotator interface {
	// Rotate tests new secrets beside the saved ones. Where Paycor takes them
	// they become the credential's and the ones before are kept for a time;
	// where it does not, nothing changes and the verdict says why. A request
	// without secrets tests those again that are kept as pending; KindConflict
	// where there are none, where those of a rotation before are kept still, or
	// where another secret is pending for which the request brings none. A new
	// value takes the place of a pending one of the same field.
	Rotate(ctx context.Context, id string, request RotateRequest, progress Progress) (Rotated, error)

	// RotateBack tests the kept secrets beside those in use. Where Paycor takes
	// them they become the credential's again, and the newer ones stay as pending;
	// where it does not, nothing changes and the verdict says why. anyway makes
	// them the credential's whatever Paycor says, and asks it then.
	RotateBack(ctx context.Context, id string, anyway bool, progress Progress) (Rotated, error)

	// EndRotation destroys what a rotation keeps besides the secrets in use.
	// Where it keeps nothing, nothing is done.
	EndRotation(ctx context.Context, id string) (Credential, error)
}

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
	Promoted   bool       `json:"promoted"`         // the tested secrets are the credential's
	Verdict    Verdict    `json:"verdict,omitzero"` // about them; zero where Paycor could not be asked
	Credential Credential `json:"credential"`
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
	UsedUntil time.Time `json:"used_until,omitzero"`
	Verdict   *Verdict  `json:"verdict,omitempty"` // the latest about pending secrets; nil where there is none
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
	Field   Field     `json:"field"`    // client_secret or subscription_key
	SavedAt time.Time `json:"saved_at"` // when it was saved
}

// Fields returns which secrets are kept.
func (r Rotation) Fields() []Field {
	fields := make([]Field, len(r.Values))
	for i, value := range r.Values {
		fields[i] = value.Field
	}
	return fields
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

// Where the secrets of a rotation are sealed: each in a place of its own, so
// that none can be taken for the one in use.
const (
	FieldClientSecretPrevious    Field = "client_secret_previous"
	FieldSubscriptionKeyPrevious Field = "subscription_key_previous"
	FieldClientSecretPending     Field = "client_secret_pending"
	FieldSubscriptionKeyPending  Field = "subscription_key_pending"
)

// Fields of a rotation that are no credential's.
const (
	FieldKeep        Field = "keep"
	FieldKeepPending Field = "keep_pending"
)

// RotatedFields are the secrets that can be rotated.
func RotatedFields() []Field { return []Field{FieldClientSecret, FieldSubscriptionKey} }

// Kept returns the place in which a rotation keeps a secret; "" where the
// field cannot be rotated.
func (s RotationState) Kept(field Field) Field {
	switch {
	case s == RotationPrevious && field == FieldClientSecret:
		return FieldClientSecretPrevious
	case s == RotationPrevious && field == FieldSubscriptionKey:
		return FieldSubscriptionKeyPrevious
	case s == RotationPending && field == FieldClientSecret:
		return FieldClientSecretPending
	case s == RotationPending && field == FieldSubscriptionKey:
		return FieldSubscriptionKeyPending
	}
	return ""
}

// Over returns stored with the request's secrets laid over it.
func (r RotateRequest) Over(stored Draft) Draft {
	fill(&r.ClientSecret, stored.ClientSecret)
	fill(&r.SubscriptionKey, stored.SubscriptionKey)
	stored.ClientSecret, stored.SubscriptionKey = r.ClientSecret, r.SubscriptionKey
	return stored
}

// Fields returns which secrets the request brings.
func (r RotateRequest) Fields() []Field {
	var fields []Field
	if !r.ClientSecret.IsZero() {
		fields = append(fields, FieldClientSecret)
	}
	if !r.SubscriptionKey.IsZero() {
		fields = append(fields, FieldSubscriptionKey)
	}
	return fields
}

// Check returns what is wrong with the request by itself. What is wrong with
// its secrets, Check of the draft says.
func (r RotateRequest) Check() []Problem {
	var problems []Problem
	if r.Keep != "" && r.Keep != KeepUntil && r.Keep.Until(time.Unix(0, 0)).IsZero() {
		problems = append(problems, Problem{FieldKeep, ProblemUnknownValue, "There is no such time. Choose one of: hour, day, week, until_told."})
	}
	if problem, wrong := r.RotateBy.problem(); wrong {
		problems = append(problems, problem)
	}
	return problems
}

// RotatedProblems keeps, of what is wrong with a draft, what is about the
// secrets that a rotation brings: the rest was saved knowingly.
func RotatedProblems(problems []Problem, fields []Field) []Problem {
	var kept []Problem
	for _, problem := range problems {
		for _, field := range fields {
			if problem.Field == field {
				kept = append(kept, problem)
			}
		}
	}
	return kept
}

// Takes reports whether a verdict says that Paycor takes key, client and
// secret. What it may say beyond them, of a right or a legal entity, it would
// say of the old ones as well.
func (v Verdict) Takes() bool {
	if v.Outcome == OutcomeVerified {
		return true
	}
	passed := 0
	for _, step := range v.Steps {
		if step.State == StepPassed && (step.Name == StepKey || step.Name == StepToken || step.Name == StepEntities) {
			passed++
		}
	}
	return v.Outcome == OutcomeRejected && passed == 3
}

// seen changes whenever what shows of the rotation does.
func (r Rotation) seen() int64 {
	seen := r.BeganAt.UnixMilli()
	if r.Verdict != nil {
		seen += r.Verdict.CheckedAt.UnixMilli()
	}
	return seen
}
