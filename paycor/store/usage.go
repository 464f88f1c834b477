package store

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/usage"
)

// UsageBucket counts the calls of one caller through one credential within one
// minute.
type UsageBucket struct {
	Workspace  string
	Credential string // id
	CallerKind paycor.CallerKind
	CallerID   string
	CallerName string
	From       string    // address of the last call
	Minute     time.Time // start of the minute
	LastUsedAt time.Time // time of the last call
	usage.Counts
	Durations usage.Durations // of the calls that Paycor answered
}

// FailureGroup is a number of equal failures of one caller.
type FailureGroup struct {
	Workspace  string
	Credential string // id
	CallerKind paycor.CallerKind
	CallerID   string
	usage.Failure
}

// Matches reports whether two failures of one credential belong to one group.
func (f *FailureGroup) Matches(other *FailureGroup) bool {
	return f.CallerKind == other.CallerKind && f.CallerID == other.CallerID &&
		f.Method == other.Method && f.Status == other.Status && f.Code == other.Code && f.Note == other.Note
}

// Merge adds a group that Matches to f.
func (f *FailureGroup) Merge(other *FailureGroup) {
	f.Count += other.Count
	if other.FirstAt.Before(f.FirstAt) {
		f.FirstAt = other.FirstAt
	}
	if !other.At.Before(f.At) {
		f.At, f.UserName, f.Path, f.CorrelationID, f.RequestID = other.At, other.UserName, other.Path, other.CorrelationID, other.RequestID
	}
}

// UsageReader reads counted calls.
type UsageReader interface {
	// Usage returns all stored callers and failures of a credential, and its
	// hours since a time. Hours without calls are left out. The calls of callers are
	// counted since day. A *DamagedError comes with the lists that can be read.
	Usage(workspace, id string, since, day time.Time) (usage.Usage, error)

	// ApplicationUsage returns the same of those credentials of an application together
	// that a viewer sees, without failures, or ErrNotFound if there are none. A nil viewer
	// sees all; only restricts them by ID, unless it is empty.
	ApplicationUsage(workspace, application string, viewer *paycor.Viewer, only []string, since, day time.Time) (usage.Usage, error)
}

// UsageWriter stores counted calls.
type UsageWriter interface {
	// AddUsage adds a bucket to the credential's minutes, hours and time of last
	// use. For a deleted credential it adds the minute only, for the audit trail.
	AddUsage(UsageBucket) error

	// AddFailure merges failures into the matching group, and deletes the
	// credential's oldest group if there are too many. A group without a failure
	// for a day starts again at these. It ignores failures of a deleted
	// credential.
	AddFailure(FailureGroup) error

	// TakeUsageBuckets returns and deletes buckets of all minutes except one, which
	// is still counted in, at most limit, the oldest first. Minutes in the future are
	// from a clock that was ahead. The zero time excepts none.
	TakeUsageBuckets(except time.Time, limit int) ([]UsageBucket, error)

	// DeleteUsage deletes hours and failures before a time.
	DeleteUsage(before time.Time) error
}
