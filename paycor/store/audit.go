package store

import "paycorcred/paycor/audit"

// AuditReader looks through the audit trail of a workspace. A look goes
// through so many entries at most, whoever they belong to, and says where the
// next one has to begin: that bounds what it costs without an index, for which
// every save would pay.
type AuditReader interface {
	// SearchAudit lists what matches, newest first, of the entries before a
	// sequence; 0 begins at the newest. more is what to give as before the next
	// time, 0 where the first entry was looked at.
	SearchAudit(workspace string, query audit.Query, look AuditScan) (entries []audit.Entry, more int64, err error)

	// AuditLines lists what matches, oldest first, of the entries after a
	// sequence. more is what to give as after the next time, 0 where the newest
	// entry was looked at.
	AuditLines(workspace string, query audit.Query, look AuditScan) (lines []audit.Line, more int64, err error)
}

// AuditScan is one look into the audit trail.
type AuditScan struct {
	From       int64 // sequence: SearchAudit looks before it, AuditLines after it; 0 begins at the end or at the beginning
	MaxScanned int64 // entries to look through at most, 1…
	Limit      int   // entries to return at most, 1…1000
}
