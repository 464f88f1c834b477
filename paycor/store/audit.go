package store

import (
	"time"

	"paycorcred/paycor/audit"
)

// AuditScan bounds one scan of the audit trail. A scan reads a limited number
// of entries and returns where the next one continues. That bounds its cost
// without an index, which every write would have to maintain.
type AuditScan struct {
	From       int64 // sequence to continue from: before it in SearchAudit, after it in AuditLines; 0 starts at the newest or oldest entry
	MaxScanned int64 // entries of all workspaces to read, at least 1
	Limit      int   // entries to return, 1 to 1000
}

// AuditReader reads the audit trail.
type AuditReader interface {
	// SearchAudit lists the matching entries of a workspace, the newest first.
	// next is the From of the following scan, or 0 at the end. A *DamagedError comes with
	// the entries that can be read, and counts those of all workspaces that cannot.
	SearchAudit(workspace string, query audit.Query, scan AuditScan) (entries []audit.Entry, next int64, err error)

	// AuditLines lists the matching entries of a workspace, the oldest first,
	// each with the hash of the entry before it. next is the From of the
	// following scan, or 0 at the end. A *DamagedError comes with the lines that can be
	// read, and counts those of all workspaces that cannot.
	AuditLines(workspace string, query audit.Query, scan AuditScan) (lines []audit.Line, next int64, err error)

	// LastAuditEntry returns the newest entry of all workspaces, or ErrNotFound.
	LastAuditEntry() (audit.Entry, error)

	// AuditTrail lists the entries of all workspaces after a sequence, the oldest
	// first, each with the hash of the entry before it. A *DamagedError comes with those
	// that can be read, and counts those before and between them that cannot.
	AuditTrail(after int64, limit int) ([]audit.Line, error)

	// AuditBeginning returns the last archived entry, which the trail begins
	// after; zero if nothing was archived. It returns an *AlteredError if something
	// else wrote it.
	AuditBeginning() (audit.Head, error)

	// CredentialHistory lists the newest entries about a credential, without its
	// calls to Paycor. A *DamagedError comes with those that can be read.
	CredentialHistory(workspace, id string) ([]audit.Entry, error)

	// ApplicationHistory lists the newest entries about other credentials of a
	// credential's application that can be about the application: rotations,
	// activations, token requests and edits of what they share, since both used it. A
	// *DamagedError comes with those that can be read.
	ApplicationHistory(workspace, credential string) ([]audit.Entry, error)
}

// AuditWriter appends to the audit trail.
type AuditWriter interface {
	// AppendAudit returns ErrStale unless the entry's Sequence is the last one
	// plus 1.
	AppendAudit(audit.Entry) error

	// BeginAuditAfter makes the trail begin after an entry that was archived. It
	// returns ErrNotFound or ErrStale unless the head is that of an entry that is
	// not the newest one.
	BeginAuditAfter(head audit.Head, at time.Time) error

	// DeleteArchivedAudit deletes the oldest entries, up to the beginning, and
	// returns how many. No other entry can be deleted.
	DeleteArchivedAudit(limit int) (deleted int, err error)
}
