// Package trail writes the audit trail and reads it back: it appends an entry in
// the transaction of the change it describes, searches and exports entries, and
// logs the head of the chain so that a later check can tell whether entries were
// cut off. Package audit has the entries and the hash chain.
package trail

import (
	"cmp"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// Appender is the part of a transaction that a Recorder needs.
type Appender interface {
	store.AuditWriter

	// LastAuditEntry returns the newest entry of all workspaces, or
	// store.ErrNotFound.
	LastAuditEntry() (audit.Entry, error)
}

// Recorder appends entries to the audit trail.
type Recorder struct{ clock func() time.Time }

// NewRecorder returns a recorder. A nil clock means time.Now.
func NewRecorder(clock func() time.Time) *Recorder {
	if clock == nil {
		clock = time.Now
	}
	return &Recorder{clock}
}

// Record appends an entry about something the caller did, within the transaction
// that makes the change: neither is stored without the other. It fills in the
// time, the caller and the place in the chain.
func (r *Recorder) Record(tx Appender, caller paycor.Caller, entry audit.Entry) error {
	entry.At = r.clock().UTC().Truncate(time.Millisecond)
	entry.Workspace = cmp.Or(caller.Workspace, paycor.DefaultWorkspace)
	entry.CallerKind, entry.CallerID, entry.CallerName = caller.Kind, caller.ID, caller.Name
	entry.From, entry.RequestID = caller.From, caller.RequestID
	last, err := tx.LastAuditEntry()
	switch {
	case err == nil:
		return tx.AppendAudit(audit.Link(&last, entry))
	case errors.Is(err, store.ErrNotFound):
		return tx.AppendAudit(audit.Link(nil, entry))
	}
	return err
}
