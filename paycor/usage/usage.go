package usage

import (
	"context"
	"fmt"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/verdicts"
)

// Service reports the calls to Paycor made through credentials.
type Service interface {
	// Usage returns who used a credential, how often, and what failed. It needs
	// the right view.
	Usage(ctx context.Context, id string) (Usage, error)

	// ApplicationUsage returns who used the credentials of an application that the caller
	// sees, and how often. What failed is with each credential. It is KindNotFound if the
	// caller sees none.
	ApplicationUsage(ctx context.Context, application string) (Usage, error)
}

// Class is the outcome of a call.
type Class string

// The classes of calls.
const (
	ClassDone      Class = "done"      // the caller received an answer that is not an error
	ClassRefused   Class = "refused"   // 4xx: Paycor or this server rejected the request
	ClassThrottled Class = "throttled" // 429: too many calls, for Paycor or for this server
	ClassFailed    Class = "failed"    // 5xx: Paycor or the connection to it failed
	ClassAborted   Class = "aborted"   // the caller disconnected before the answer
)

// Classes returns every class, in the order of Counts.
func Classes() []Class {
	return []Class{ClassDone, ClassRefused, ClassThrottled, ClassFailed, ClassAborted}
}

// Class returns the outcome of the call.
func (u Call) Class() Class {
	switch {
	case u.Status == 0:
		return ClassAborted
	case u.Status == 429:
		return ClassThrottled
	case u.Status >= 500:
		return ClassFailed
	case u.Status >= 400:
		return ClassRefused
	}
	return ClassDone
}

// Error reports whether calls of the class are failures.
func (c Class) Error() bool { return c == ClassRefused || c == ClassThrottled || c == ClassFailed }

// Counts are numbers of calls by class.
type Counts struct {
	Done      int64 `json:"done"`
	Refused   int64 `json:"refused"`
	Throttled int64 `json:"throttled"`
	Failed    int64 `json:"failed"`
	Aborted   int64 `json:"aborted"`
}

// Of returns the counter of a class.
func (c *Counts) Of(class Class) *int64 {
	switch class {
	case ClassRefused:
		return &c.Refused
	case ClassThrottled:
		return &c.Throttled
	case ClassFailed:
		return &c.Failed
	case ClassAborted:
		return &c.Aborted
	}
	return &c.Done
}

// Add adds the other's counts.
func (c *Counts) Add(other Counts) {
	c.Done += other.Done
	c.Refused += other.Refused
	c.Throttled += other.Throttled
	c.Failed += other.Failed
	c.Aborted += other.Aborted
}

// Calls returns the number of all calls.
func (c Counts) Calls() int64 { return c.Done + c.Refused + c.Throttled + c.Failed + c.Aborted }

// Errors returns the number of failures.
func (c Counts) Errors() int64 { return c.Refused + c.Throttled + c.Failed }

// String returns the counts as the detail of an audit entry.
func (c Counts) String() string {
	return fmt.Sprintf("calls=%d done=%d refused=%d throttled=%d failed=%d aborted=%d",
		c.Calls(), c.Done, c.Refused, c.Throttled, c.Failed, c.Aborted)
}

// Usage is how a credential was used recently.
type Usage struct {
	Hours    []Hour    `json:"hours"`    // the last 24 hours by the clock in UTC, oldest first; the last is not over
	Week     []Hour    `json:"week"`     // the last 7 days in parts of 6 hours, oldest first; the last is not over
	Users    []User    `json:"users"`    // within the retention, most recent first
	Failures []Failure `json:"failures"` // grouped by equal failures, newest first

	// Incomplete is set if the part of the database that has further calls is damaged.
	Incomplete bool `json:"incomplete,omitempty"`

	// PausedUntil is when the circuit breaker lets the next call through; zero
	// while calls are not paused.
	PausedUntil time.Time `json:"paused_until,omitzero"`

	// TokenExpiresAt is when the stored access token expires; zero without one. Calls
	// use it until then, even if Paycor no longer accepts the secrets.
	TokenExpiresAt time.Time `json:"token_expires_at,omitzero"`
}

// Total returns the sum of all hours.
func (u Usage) Total() Counts {
	var total Counts
	for _, hour := range u.Hours {
		total.Add(hour.Counts)
	}
	return total
}

// Hour is the usage of one hour, or of a longer part of a week.
type Hour struct {
	Begins time.Time `json:"begins"`
	Counts
	Durations Durations `json:"-"` // of the calls that Paycor answered

	// P95 is the duration in milliseconds within which 95 of 100 calls were answered, of
	// those that Paycor answered; 0 without any, and for hours of earlier versions.
	P95 int64 `json:"p95_ms,omitempty"`
}

// User is a caller that used a credential.
type User struct {
	Kind       paycor.CallerKind `json:"kind"`
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	LastUsedAt time.Time         `json:"last_used_at"`
	Day        Counts            `json:"day"` // in the hours of Usage

	// Ended is how the API token of a consumer ended; empty while it works.
	Ended consumer.State `json:"ended,omitempty"`
}

// Failure is a group of failed calls with the same user, method, status, code and
// note. After a day without such a failure, counting starts again.
type Failure struct {
	At            time.Time     `json:"at"`       // of the latest failure, as are path and ids
	FirstAt       time.Time     `json:"first_at"` // of the first counted failure
	Count         int64         `json:"count"`
	UserName      string        `json:"user_name"`
	Method        string        `json:"method"`
	Status        int           `json:"status"`
	Code          verdicts.Code `json:"code,omitempty"`           // why this server answered instead of Paycor; empty for Paycor's answers
	Note          Note          `json:"note,omitempty"`           // what the headers of Paycor's answer reveal
	Path          string        `json:"path,omitempty"`           // as PathTemplate returns it
	CorrelationID string        `json:"correlation_id,omitempty"` // Paycor's support asks for it
	RequestID     string        `json:"request_id,omitempty"`     // this server's
}

// Hours is the number of hours in a Usage.
const Hours = 24

// The parts of the week in a Usage.
const (
	WeekParts = 28
	WeekPart  = 6 * time.Hour
)

// LastHours returns the hours of a Usage, without any calls.
func LastHours(now time.Time) []Hour { return lastParts(now, Hours, time.Hour) }

// LastWeek returns the parts of the week of a Usage, without any calls.
func LastWeek(now time.Time) []Hour { return lastParts(now, WeekParts, WeekPart) }

// lastParts returns n parts of the time until now, which begin at multiples of their
// length in UTC.
func lastParts(now time.Time, n int, long time.Duration) []Hour {
	parts := make([]Hour, n)
	begins := now.UTC().Truncate(long).Add(-time.Duration(n-1) * long)
	for i := range parts {
		parts[i].Begins = begins.Add(time.Duration(i) * long)
	}
	return parts
}
