package audit

import (
	"iter"
	"strings"

	"paycorcred/paycor/message"
)

// window is how many entries after a broken one are used to diagnose it.
const window = 256

// longestGap is how many removed entries diagnose considers if the later ones were
// renumbered.
const longestGap = 4096

// Fault is how an entry breaks the chain.
type Fault string

// The faults. They are diagnosed from the remaining entries, so only the
// position of the break is certain.
const (
	Changed   Fault = "changed"
	Missing   Fault = "missing"
	Reordered Fault = "out of order"
	Inserted  Fault = "inserted"
	CutOff    Fault = "cut off"
	Rewritten Fault = "rewritten"
)

// BrokenError names the first entry at which the chain breaks.
type BrokenError struct {
	Sequence int64
	Fault    Fault
}

// Error returns the key of what happened, for logs.
func (e *BrokenError) Error() string { return e.Sentence().String() }

// Sentence returns what happened, for people.
func (e *BrokenError) Sentence() message.Message {
	fault := strings.ReplaceAll(string(e.Fault), " ", "-")
	return message.New("cli.audit-broken", int(e.Sequence), message.New("cli.audit-fault."+fault))
}

// Check checks that entries, oldest first and of all workspaces, follow previous and
// each other, and compares the chain with heads that were stored elsewhere. previous
// is nil if entries start with the first entry of the trail. It returns the head of
// the chain, or zero for no entries. It stops at the first entry that does not match,
// with a *BrokenError, or that could not be read.
//
// An entry also counts as changed if its predecessor was replaced together with its
// hash: the two no longer match.
func Check(previous *Entry, entries iter.Seq2[Entry, error], heads ...Head) (Head, error) {
	var head Head
	if previous != nil {
		head = Head{previous.Sequence, previous.Hash}
	}
	next, stop := iter.Pull2(entries)
	defer stop()
	for {
		entry, err, more := next()
		switch {
		case !more:
			return head, cutOff(head, heads)
		case err != nil:
			return head, err
		case entry.Sequence <= head.Sequence:
			return head, &BrokenError{entry.Sequence, Reordered}
		case entry.Sequence > head.Sequence+1 || !fits(head.Hash, entry):
			behind := []Entry{entry}
			for len(behind) < window {
				further, err, more := next()
				if err != nil || !more {
					break
				}
				behind = append(behind, further)
			}
			return head, &BrokenError{head.Sequence + 1, diagnose(head, behind)}
		}
		head = Head{entry.Sequence, entry.Hash}
		for _, noted := range heads {
			if noted.Sequence == head.Sequence && noted.Hash != head.Hash {
				return head, &BrokenError{head.Sequence, Rewritten}
			}
		}
	}
}

// cutOff returns an error for a head beyond the end of the chain.
func cutOff(end Head, heads []Head) error {
	for _, noted := range heads {
		if noted.Sequence > end.Sequence {
			return &BrokenError{end.Sequence + 1, CutOff}
		}
	}
	return nil
}

// fits reports whether an entry's hash is correct after the previous hash.
func fits(before string, entry Entry) bool { return entry.Hash == hash(before, entry) }

// diagnose infers what happened at the first entry after head that does not
// match, from that entry and those after it. An attacker may have disguised it.
func diagnose(head Head, behind []Entry) Fault {
	number := head.Sequence + 1
	first, others := behind[0], behind[1:]
	follows := func(before string, entry Entry, sequence int64) bool {
		entry.Sequence = sequence
		return fits(before, entry)
	}
	for _, other := range others {
		if !follows(head.Hash, other, number) {
			continue
		}
		// The entry that belongs here follows later. The one found here belongs
		// to the chain too if another entry follows it.
		for _, another := range others {
			if fits(first.Hash, another) {
				return Reordered
			}
		}
		if first.Sequence > number {
			return Reordered
		}
		return Inserted
	}
	if first.Sequence > number {
		return Missing
	}
	if len(others) > 0 {
		for gap := int64(1); gap <= longestGap; gap++ {
			if follows(first.Hash, others[0], others[0].Sequence+gap) {
				return Missing // and the later ones were renumbered
			}
		}
	}
	return Changed
}
