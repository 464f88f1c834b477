package store

import (
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/usage"
	"time"
)

// UsageBucket is how often somebody used a credential within one minute.
type UsageBucket struct {
	Workspace  string
	Credential string // id
	CallerKind paycor.CallerKind
	CallerID   string
	CallerName string
	From       string    // the address of the last use
	Minute     time.Time // when it begins
	LastUsedAt time.Time // the last use
	usage.Counts
}

// FailureGroup is a group of uses of a credential that went wrong alike.
type FailureGroup struct {
	Workspace  string
	Credential string // id
	CallerKind paycor.CallerKind
	CallerID   string
	usage.Failure
}

// Matches reports whether two failures of one credential are counted together.
func (f *FailureGroup) Matches(other *FailureGroup) bool {
	return f.CallerKind == other.CallerKind && f.CallerID == other.CallerID &&
		f.Method == other.Method && f.Status == other.Status && f.Code == other.Code && f.Note == other.Note
}

// Merge counts other, which is Alike, to f.
func (f *FailureGroup) Merge(other *FailureGroup) {
	f.Count += other.Count
	if other.FirstAt.Before(f.FirstAt) {
		f.FirstAt = other.FirstAt
	}
	if !other.At.Before(f.At) {
		f.At, f.UserName, f.Path, f.CorrelationID, f.RequestID = other.At, other.UserName, other.Path, other.CorrelationID, other.RequestID
	}
}

// UsageReader reads what was counted.
type UsageReader interface {
	// Usage tells how a credential was used: all that is kept of its users and
	// failures, and the hours that began at since or later, without those in
	// which nobody used it.
	Usage(workspace, id string, since time.Time) (usage.Usage, error)

	// CredentialHistory lists a credential's newest audit entries but for its uses,
	// newest first.
	CredentialHistory(workspace, id string) ([]audit.Entry, error)
}

// UsageWriter counts uses.
type UsageWriter interface {
	// AddUsage adds a tally: to the hours, to what TakeUsageBuckets gives out, and to
	// when the credential was used last. For a credential that is gone, it is
	// only given out.
	AddUsage(UsageBucket) error

	// AddFailure adds a failure to those that are alike, whoever wrote them,
	// and lets the oldest group of its credential go where there are too many.
	// A group that was let go, or whose last one is more than a day older than
	// the first of these, begins anew. Of a credential that is gone it keeps
	// none.
	AddFailure(FailureGroup) error

	// TakeUsageBuckets gives out, once, the tallies of minutes that began before: at
	// most so many, the oldest first.
	TakeUsageBuckets(before time.Time, most int) ([]UsageBucket, error)

	// DeleteUsage removes hours and failures that are older.
	DeleteUsage(before time.Time) error
}
