// Package audit chains the entries of the audit trail, so that a changed,
// missing or reordered entry shows. Each entry's hash covers every field of
// the entry and the hash of the one before; whoever changes an old entry has
// to change all later ones too, and a copy of any later hash, kept elsewhere,
// gives that away. What the chain alone cannot show is that its newest
// entries were cut off.
//
// The package is pure functions over paycor.AuditEntry. It does no I/O and
// imports only paycor: who stores the entries, and where, is not its matter.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"
	"time"

	"paycorcred/paycor"
)

// Precision is what an entry's time is cut to. Every engine keeps as much.
const Precision = time.Microsecond

// Link returns entry as the one that follows previous, which is nil for the
// very first: with its Sequence, its time in UTC and cut to Precision, and its
// Hash.
func Link(previous *paycor.AuditEntry, entry paycor.AuditEntry) paycor.AuditEntry {
	entry.Sequence, entry.At = 1, entry.At.UTC().Truncate(Precision)
	before := ""
	if previous != nil {
		entry.Sequence, before = previous.Sequence+1, previous.Hash
	}
	entry.Hash = hash(before, entry)
	return entry
}

// hash covers the entry, except for its Hash, and the hash before. Each part
// is written after its length, so that no two entries write the same bytes.
func hash(before string, e paycor.AuditEntry) string {
	sum := sha256.New()
	number := func(n int64) {
		var bytes [8]byte
		binary.BigEndian.PutUint64(bytes[:], uint64(n))
		sum.Write(bytes[:])
	}
	text := func(s string) {
		number(int64(len(s)))
		sum.Write([]byte(s))
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
	return hex.EncodeToString(sum.Sum(nil))
}

// Fault is what can be wrong with an entry's place in the chain.
type Fault string

// The faults.
const (
	Changed   Fault = "changed"
	Missing   Fault = "missing"
	Reordered Fault = "out of order"
)

// BrokenError names the first entry at which the chain breaks.
type BrokenError struct {
	Sequence int64
	Fault    Fault
}

// Error returns what happened, in words.
func (e *BrokenError) Error() string {
	return fmt.Sprintf("the audit trail is broken: entry %d is %s", e.Sequence, e.Fault)
}

// Verify checks that entries, oldest first and of all workspaces, follow
// previous and each other. previous is nil where entries begin with the very
// first. The error is a *BrokenError for the first entry that does not fit.
//
// An entry counts as changed also where the one before it was replaced as a
// whole, its hash included: the two no longer fit each other.
func Verify(previous *paycor.AuditEntry, entries iter.Seq[paycor.AuditEntry]) error {
	for entry := range entries {
		want := Link(previous, entry)
		switch {
		case entry.Sequence > want.Sequence:
			return &BrokenError{want.Sequence, Missing}
		case entry.Sequence < want.Sequence:
			return &BrokenError{entry.Sequence, Reordered}
		case entry.Hash != want.Hash || !entry.At.Equal(want.At):
			return &BrokenError{entry.Sequence, Changed}
		}
		previous = &entry
	}
	return nil
}
