package usage

import (
	"context"
	"fmt"
	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/verdicts"
	"time"
)

// Uses tells of the calls to Paycor that were made through credentials.
type Service interface {
	// Usage tells who used a credential, how often, and what went wrong. It
	// needs the right "view".
	Usage(ctx context.Context, id string) (Usage, error)
}

// UseClass is what came of one use.
type Class string

// The classes of uses.
const (
	ClassDone      Class = "done"      // the caller has an answer that is no error
	ClassRefused   Class = "refused"   // 4xx: the request was not accepted, by Paycor or by this server
	ClassThrottled Class = "throttled" // 429: too many calls, for Paycor or for this server
	ClassFailed    Class = "failed"    // 5xx: Paycor, or the way to it, did not work
	ClassAborted   Class = "aborted"   // nobody was there any more to be answered
)

// UseClasses returns every class, in the order of UseCounts.
func Classes() []Class {
	return []Class{ClassDone, ClassRefused, ClassThrottled, ClassFailed, ClassAborted}
}

// Class returns what came of the use.
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

// Error reports whether a use of the class is one that somebody has to look
// at.
func (c Class) Error() bool { return c == ClassRefused || c == ClassThrottled || c == ClassFailed }

// UseCounts says how many uses came to what.
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

// Calls returns how many there are in all.
func (c Counts) Calls() int64 { return c.Done + c.Refused + c.Throttled + c.Failed + c.Aborted }

// Errors returns how many of them somebody has to look at.
func (c Counts) Errors() int64 { return c.Refused + c.Throttled + c.Failed }

// String writes the counts as an audit entry's Detail holds them.
func (c Counts) String() string {
	return fmt.Sprintf("calls=%d done=%d refused=%d throttled=%d failed=%d aborted=%d",
		c.Calls(), c.Done, c.Refused, c.Throttled, c.Failed, c.Aborted)
}

// Usage is how a credential was used lately.
type Usage struct {
	Hours    []Hour    `json:"hours"`    // the last 24 by the clock in UTC, oldest first; the last one is not over yet
	Users    []User    `json:"users"`    // whoever used it in the days that are kept, the latest first
	Failures []Failure `json:"failures"` // the last ones, those that are alike together, newest first

	// PausedUntil is when the next call may try whether Paycor works again, as
	// long as it is not asked because it failed too often just now.
	PausedUntil time.Time `json:"paused_until,omitzero"`
}

// Total adds the hours up.
func (u Usage) Total() Counts {
	var total Counts
	for _, hour := range u.Hours {
		total.Add(hour.Counts)
	}
	return total
}

// UseHour is how often a credential was used in an hour.
type Hour struct {
	Begins time.Time `json:"begins"`
	Counts
}

// User is whoever used a credential.
type User struct {
	Kind       paycor.CallerKind `json:"kind"`
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	LastUsedAt time.Time         `json:"last_used_at"`
	Day        Counts            `json:"day"` // in the hours of Usage

	// Ended is how the API token of a consumer has ended; empty where it works.
	Ended consumer.State `json:"ended,omitempty"`
}

// UseFailure is what went wrong in one or more uses that are alike: the same
// user, method, status, code and note.
//
// They are counted together as long as less than a day passes from one to the
// next. After a whole day without one, the count begins anew.
type Failure struct {
	At            time.Time     `json:"at"`       // of the last one, as are path and ids
	FirstAt       time.Time     `json:"first_at"` // of the first one that is counted
	Count         int64         `json:"count"`
	UserName      string        `json:"user_name"`
	Method        string        `json:"method"`
	Status        int           `json:"status"`
	Code          verdicts.Code `json:"code,omitempty"`           // why the answer is this server's own; empty where it is Paycor's
	Note          Note          `json:"note,omitempty"`           // what the headers of Paycor's answer tell
	Path          string        `json:"path,omitempty"`           // as PathTemplate gives it
	CorrelationID string        `json:"correlation_id,omitempty"` // Paycor's support asks for it
	RequestID     string        `json:"request_id,omitempty"`     // this server's
}

// UsageHours is how many hours Usage tells of, one by one.
const Hours = 24

// LastHours returns the hours of a Usage without any use.
func LastHours(now time.Time) []Hour {
	hours := make([]Hour, Hours)
	begins := now.UTC().Truncate(time.Hour).Add(-(Hours - 1) * time.Hour)
	for i := range hours {
		hours[i].Begins = begins.Add(time.Duration(i) * time.Hour)
	}
	return hours
}
