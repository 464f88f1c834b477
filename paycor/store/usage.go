package store

import (
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/usage"
	"time"
)

// Tally is how often somebody used a credential within one minute.
type Tally struct {
	Workspace  string
	Credential string // id
	CallerKind paycor.CallerKind
	CallerID   string
	CallerName string
	From       string    // the address of the last use
	Minute     time.Time // when it begins
	Last       time.Time // the last use
	usage.Counts
}

// Failure is a group of uses of a credential that went wrong alike.
type Failure struct {
	Workspace  string
	Credential string // id
	CallerKind paycor.CallerKind
	CallerID   string
	usage.Failure
}

// Alike reports whether two failures of one credential are counted together.
func (f *Failure) Alike(other *Failure) bool {
	return f.CallerKind == other.CallerKind && f.CallerID == other.CallerID &&
		f.Method == other.Method && f.Status == other.Status && f.Code == other.Code && f.Note == other.Note
}

// Join counts other, which is Alike, to f.
func (f *Failure) Join(other *Failure) {
	f.Count += other.Count
	if other.FirstAt.Before(f.FirstAt) {
		f.FirstAt = other.FirstAt
	}
	if !other.At.Before(f.At) {
		f.At, f.UserName, f.Path, f.CorrelationID, f.RequestID = other.At, other.UserName, other.Path, other.CorrelationID, other.RequestID
	}
}

// UseReader reads what was counted.
type UseReader interface {
	// Usage tells how a credential was used: all that is kept of its users and
	// failures, and the hours that began at since or later, without those in
	// which nobody used it.
	Usage(workspace, id string, since time.Time) (usage.Usage, error)

	// Changes lists a credential's newest audit entries but for its uses,
	// newest first.
	Changes(workspace, id string) ([]audit.Entry, error)
}

// UseWriter counts uses.
type UseWriter interface {
	// CountUse adds a tally: to the hours, to what TakeUses gives out, and to
	// when the credential was used last. For a credential that is gone, it is
	// only given out.
	CountUse(Tally) error

	// KeepFailure adds a failure to those that are alike, whoever wrote them,
	// and lets the oldest group of its credential go where there are too many.
	// A group that was let go, or whose last one is more than a day older than
	// the first of these, begins anew. Of a credential that is gone it keeps
	// none.
	KeepFailure(Failure) error

	// TakeUses gives out, once, the tallies of minutes that began before: at
	// most so many, the oldest first.
	TakeUses(before time.Time, most int) ([]Tally, error)

	// SweepUses removes hours and failures that are older.
	SweepUses(before time.Time) error
}
