// Package audit defines the entries of the audit trail and the hash chain that
// makes changes evident. Each entry's hash covers every field of the entry and the
// hash of the previous entry, so changing an old entry requires changing all later
// ones, and a copy of any later hash, stored elsewhere, reveals that. The chain
// alone cannot show that its newest entries were removed; a Head stored elsewhere
// can.
//
// The package does no I/O. Package trail records, searches and exports entries.
package audit

import (
	"encoding/binary"
	"strings"
	"time"
)

// Precision is the precision of an entry's time. Every database engine supports it.
const Precision = time.Microsecond

// Link returns entry as the successor of previous, which is nil for the first entry.
// It sets Sequence and Hash, converts the time to UTC and Precision, and replaces
// invalid UTF-8, which an export could not represent.
func Link(previous *Entry, entry Entry) Entry {
	entry.Sequence, entry.At = 1, entry.At.UTC().Truncate(Precision)
	for _, text := range []*string{
		&entry.Workspace, &entry.CallerID, &entry.CallerName, &entry.From, &entry.RequestID, &entry.Credential, &entry.Outcome, &entry.Detail,
	} {
		*text = strings.ToValidUTF8(*text, "\uFFFD")
	}
	before := ""
	if previous != nil {
		entry.Sequence, before = previous.Sequence+1, previous.Hash
	}
	entry.Hash = hash(before, entry)
	return entry
}

// hash returns the hash over the previous hash and all fields except Hash. Each
// part is preceded by its length, so that different entries never hash the same
// bytes.
func hash(before string, e Entry) string {
	covered := make([]byte, 0, 1024)
	number := func(n int64) { covered = binary.BigEndian.AppendUint64(covered, uint64(n)) }
	text := func(s string) {
		number(int64(len(s)))
		covered = append(covered, s...)
	}
	text("paycorcred audit entry 1")
	text(before)
	number(e.Sequence)
	text(e.At.UTC().Format(time.RFC3339Nano))
	text(e.Workspace)
	text(string(e.CallerKind))
	text(e.CallerID)
	text(e.CallerName)
	text(e.From)
	text(e.RequestID)
	text(string(e.Action))
	text(e.Credential)
	number(int64(len(e.Fields)))
	for _, field := range e.Fields {
		text(string(field))
	}
	text(e.Outcome)
	text(e.Detail)
	return sum(covered)
}
