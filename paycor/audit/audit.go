// Package audit chains the entries of the audit trail, so that a changed,
// missing or reordered entry shows. Each entry's hash covers every field of
// the entry and the hash of the one before; whoever changes an old entry has
// to change all later ones too, and a copy of any later hash, kept elsewhere,
// gives that away. What the chain alone cannot show is that its newest
// entries were cut off.
//
// The package is pure functions over paycor.Entry. It does no I/O and
// imports only paycor: who stores the entries, and where, is not its matter.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"
)

// Precision is what an entry's time is cut to. Every engine keeps as much.
const Precision = time.Microsecond

// Link returns entry as the one that follows previous, which is nil for the
// very first: with its Sequence, its time in UTC and cut to Precision, its
// texts without bytes that are no UTF-8, which no export could show, and its
// Hash.
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

// hash covers the entry, except for its Hash, and the hash before. Each part
// is written after its length, so that no two entries write the same bytes.
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
	sum := sha256.Sum256(covered)
	return hex.EncodeToString(sum[:])
}
