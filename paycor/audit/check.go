package audit

import (
	"iter"
	"paycorcred/paycor/message"
	"strings"
)

// window is how many entries behind a broken one are looked at to tell what
// happened to it.
const window = 256

// longestGap is how many removed entries are thought of where the later ones
// were numbered anew.
const longestGap = 4096

// Fault is what can be wrong with an entry's place in the chain.
type Fault string

// The faults.
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

// Verify checks that entries, oldest first and of all workspaces, follow
// previous and each other. previous is nil where entries begin with the very
// first. The error is a *BrokenError for the first entry that does not fit.
//
// An entry counts as changed also where the one before it was replaced as a
// whole, its hash included: the two no longer fit each other.
func Verify(previous *Entry, entries iter.Seq[Entry]) error {
	_, err := Check(previous, func(yield func(Entry, error) bool) {
		for entry := range entries {
			if !yield(entry, nil) {
				return
			}
		}
	})
	return err
}

// Check is Verify for entries that have to be read, and besides holds the
// chain against heads that were noted elsewhere. It returns the newest entry,
// the zero one where there is none, and reads no further than the first break.
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

// cutOff reports the first noted entry behind the end of the chain.
func cutOff(end Head, heads []Head) error {
	for _, noted := range heads {
		if noted.Sequence > end.Sequence {
			return &BrokenError{end.Sequence + 1, CutOff}
		}
	}
	return nil
}

// fits reports whether an entry's hash is the one that it has behind before.
func fits(before string, entry Entry) bool { return entry.Hash == hash(before, entry) }

// diagnose tells what happened at the first entry behind head that does not
// fit, from that entry and those behind it. Only the place is certain: whoever
// changed the trail may have tried to look like something else.
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
		// The entry that belongs here stands further on. The one that stands
		// here is of the chain too where another one follows it.
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
				return Missing // and the later ones were numbered anew
			}
		}
	}
	return Changed
}
