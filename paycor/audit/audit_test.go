package audit_test

import (
	"iter"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/testkit"
)

func sample() audit.Entry {
	return audit.Entry{
		At: time.Date(2031, 1, 2, 3, 4, 5, 678901234, time.FixedZone("", 7200)), Workspace: "w",
		CallerKind: paycor.CallerPerson, CallerID: "id", CallerName: "name", From: "192.0.2.1", RequestID: "r",
		Action: audit.ActionUpdate, Credential: "c", Fields: []fields.Field{fields.Name, fields.Scope},
		Outcome: "done", Detail: "d",
	}
}

func chain(length int) []audit.Entry {
	var entries []audit.Entry
	var previous *audit.Entry
	for range length {
		entries = append(entries, audit.Link(previous, sample()))
		previous = &entries[len(entries)-1]
	}
	return entries
}

func TestLink(t *testing.T) {
	first := audit.Link(nil, sample())
	second := audit.Link(&first, sample())
	assert.EqualValues(t, 1, first.Sequence)
	assert.EqualValues(t, 2, second.Sequence)
	assert.Equal(t, time.Date(2031, 1, 2, 1, 4, 5, 678901000, time.UTC), first.At)
	assert.Len(t, first.Hash, 64)
	assert.NotEqual(t, first.Hash, second.Hash)
	assert.Equal(t, second, audit.Link(&first, second), "linking again changes nothing")
}

// Every later version must be able to read a chain, so the encoding must not
// change.
func TestHashIsFixed(t *testing.T) {
	entries := chain(2)
	assert.Equal(t, "dbdaed7669046237aba06073bfe2e2ffe14d6616d0ef476e101cd2567e842def", entries[0].Hash)
	assert.Equal(t, "8d0eab832ded2f2b3722b439a93286afed02f6a5846390c68dc74e0884de1b27", entries[1].Hash)
}

// insertForged inserts an entry after the second and renumbers the later ones.
func insertForged(entries []audit.Entry, linked bool) []audit.Entry {
	forged := sample()
	forged.Detail = "forged"
	forged = audit.Link(&entries[1], forged)
	if !linked {
		forged.Hash = entries[4].Hash[1:] + "0"
	}
	entries = slices.Insert(entries, 2, forged)
	for i := range entries {
		entries[i].Sequence = int64(i) + 1
	}
	return entries
}

func TestVerify(t *testing.T) {
	swap := func(entries []audit.Entry, i, j int) { entries[i], entries[j] = entries[j], entries[i] }
	tests := []struct {
		name     string
		tamper   func([]audit.Entry) []audit.Entry
		sequence int64
		fault    audit.Fault
	}{
		{"whole", func(e []audit.Entry) []audit.Entry { return e }, 0, ""},
		{"empty", func([]audit.Entry) []audit.Entry { return nil }, 0, ""},
		{"the newest cut off", func(e []audit.Entry) []audit.Entry { return e[:4] }, 0, ""},
		{"one missing", func(e []audit.Entry) []audit.Entry { return slices.Delete(e, 2, 3) }, 3, audit.Missing},
		{"the first missing", func(e []audit.Entry) []audit.Entry { return e[1:] }, 1, audit.Missing},
		{"two swapped", func(e []audit.Entry) []audit.Entry { swap(e, 2, 3); return e }, 3, audit.Reordered},
		{"one twice", func(e []audit.Entry) []audit.Entry { return slices.Insert(e, 3, e[2]) }, 3, audit.Reordered},
		{"swapped and renumbered", func(e []audit.Entry) []audit.Entry {
			swap(e, 2, 3)
			e[2].Sequence, e[3].Sequence = 3, 4
			return e
		}, 3, audit.Reordered},
		{"put in with a hash that fits nothing", func(e []audit.Entry) []audit.Entry {
			return insertForged(e, false)
		}, 3, audit.Inserted},
		{"put in with a hash that fits", func(e []audit.Entry) []audit.Entry {
			return insertForged(e, true)
		}, 4, audit.Changed},
		{"two removed and renumbered", func(e []audit.Entry) []audit.Entry {
			e = slices.Delete(e, 1, 3)
			for i := range e {
				e[i].Sequence = int64(i) + 1
			}
			return e
		}, 2, audit.Missing},
		{"the last changed", func(e []audit.Entry) []audit.Entry { e[5].Outcome = "refused"; return e }, 6, audit.Changed},
		{"removed and renumbered", func(e []audit.Entry) []audit.Entry {
			e = slices.Delete(e, 2, 3)
			for i := range e {
				e[i].Sequence = int64(i) + 1
			}
			return e
		}, 3, audit.Missing},
		{"replaced with a hash that fits", func(e []audit.Entry) []audit.Entry {
			e[2].Detail = "forged"
			e[2] = audit.Link(&e[1], e[2])
			return e
		}, 4, audit.Changed},
		{"a time too fine", func(e []audit.Entry) []audit.Entry {
			e[2].At = e[2].At.Add(1)
			return e
		}, 3, audit.Changed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := testkit.CheckTrail(nil, slices.Values(test.tamper(chain(6))))
			if test.fault == "" {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, &audit.BrokenError{Sequence: test.sequence, Fault: test.fault}, err)
		})
	}

	t.Run("from the middle", func(t *testing.T) {
		entries := chain(6)
		require.NoError(t, testkit.CheckTrail(&entries[2], slices.Values(entries[3:])))
		assert.Error(t, testkit.CheckTrail(&entries[1], slices.Values(entries[3:])))
		assert.Error(t, testkit.CheckTrail(nil, slices.Values(entries[3:])))
	})
}

// The hash covers every field, including fields added to the entry later.
func TestEveryFieldIsCovered(t *testing.T) {
	kind := reflect.TypeFor[audit.Entry]()
	for i := range kind.NumField() {
		t.Run(kind.Field(i).Name, func(t *testing.T) {
			entries := chain(3)
			switch field := reflect.ValueOf(&entries[1]).Elem().Field(i); value := field.Addr().Interface().(type) {
			case *time.Time:
				*value = value.Add(time.Second)
			case *int64:
				*value++
			case *[]fields.Field:
				*value = []fields.Field{fields.Name + fields.Scope}
			default:
				field.SetString(field.String() + "x")
			}
			assert.Error(t, testkit.CheckTrail(nil, slices.Values(entries)))
		})
	}
}

// Moving text from one field to the next changes the hash.
func TestFieldsHaveBorders(t *testing.T) {
	one, other := sample(), sample()
	one.CallerID, one.CallerName = "ab", "c"
	other.CallerID, other.CallerName = "a", "bc"
	assert.NotEqual(t, audit.Link(nil, one).Hash, audit.Link(nil, other).Hash)

	one, other = sample(), sample()
	one.Fields, one.Outcome = []fields.Field{"a", "b"}, "c"
	other.Fields, other.Outcome = []fields.Field{"a"}, "b"
	other.Detail = "c" + other.Detail
	assert.NotEqual(t, audit.Link(nil, one).Hash, audit.Link(nil, other).Hash)
}

// What happened is named in words, for the command line and the log.
func TestBrokenErrorNamesEntryAndFault(t *testing.T) {
	for _, fault := range []audit.Fault{audit.Changed, audit.Missing, audit.Reordered, audit.Inserted, audit.CutOff, audit.Rewritten} {
		err := &audit.BrokenError{Sequence: 42, Fault: fault}
		assert.Contains(t, err.Sentence().In(locale.English), "42", fault)
		assert.NotContains(t, err.Sentence().In(locale.English), "audit-fault", fault)
		assert.Contains(t, err.Error(), "cli.audit-broken", fault)
	}
}

// Check stops at an entry that cannot be read, and uses it for no diagnosis.
func TestCheckStopsWhereTheTrailCannotBeRead(t *testing.T) {
	entries := chain(4)
	read := func(readable []audit.Entry) iter.Seq2[audit.Entry, error] {
		return func(yield func(audit.Entry, error) bool) {
			for _, entry := range readable {
				if !yield(entry, nil) {
					return
				}
			}
			yield(audit.Entry{}, assert.AnError)
		}
	}
	head, err := audit.Check(nil, read(entries[:3]))
	require.ErrorIs(t, err, assert.AnError)
	assert.EqualValues(t, 3, head.Sequence)
	_, err = audit.Check(nil, read(entries[1:]))
	assert.Equal(t, &audit.BrokenError{Sequence: 1, Fault: audit.Missing}, err)
}

// The other entry that belongs here comes later, and nothing follows the one found here,
// which has a later number.
func TestCheckOfAnEntryMovedAhead(t *testing.T) {
	entries := chain(4)
	_, err := audit.Check(nil, all([]audit.Entry{entries[0], entries[3], entries[1], entries[2]}))
	assert.Equal(t, &audit.BrokenError{Sequence: 2, Fault: audit.Reordered}, err)
}

func TestDetailsAreReadAsTheyAreWritten(t *testing.T) {
	record, id := audit.AlteredRecord(audit.AlteredDetail("api_token", "t 1"))
	assert.Equal(t, []string{"api_token", "t 1"}, []string{record, id})

	entry := chain(1)[0]
	first, last, ok := audit.ArchivedRange(audit.ArchiveDetail(7, audit.Head{Sequence: 12, Hash: entry.Hash}))
	assert.True(t, ok)
	assert.Equal(t, []string{"7", "12"}, []string{first, last})
	for _, wrong := range []string{"", "7", "7 12"} {
		_, _, ok := audit.ArchivedRange(wrong)
		assert.False(t, ok, wrong)
	}
}
