package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/audit"
)

// exported returns a chain as an export writes it.
func exported(t *testing.T, entries []audit.Entry) []string {
	t.Helper()
	var lines []string
	previous := ""
	for _, entry := range entries {
		line, err := json.Marshal(audit.Line{Entry: entry, Previous: previous})
		require.NoError(t, err)
		lines = append(lines, string(line))
		previous = entry.Hash
	}
	return lines
}

func checkLines(lines []string, gaps bool, heads ...audit.Head) (audit.Checked, error) {
	return audit.CheckLines(audit.ReadLines(strings.NewReader(strings.Join(lines, "\n"))), gaps, heads...)
}

func TestAnExportCanBeCheckedElsewhere(t *testing.T) {
	entries := chain(6)
	lines := exported(t, entries)
	found, err := checkLines(lines, false)
	require.NoError(t, err)
	assert.Equal(t, audit.Checked{Last: audit.Head{Sequence: 6, Hash: entries[5].Hash}, Lines: 6}, found)

	found, err = checkLines(lines[3:], false)
	require.NoError(t, err, "one that was resumed")
	assert.Equal(t, audit.Head{Sequence: 3, Hash: entries[2].Hash}, found.First, "says after which entry it begins")

	found, err = checkLines([]string{lines[1], lines[3], lines[4]}, true)
	require.NoError(t, err, "a filtered one")
	assert.EqualValues(t, 1, found.Gaps)
}

func TestATamperedExport(t *testing.T) {
	forge := func(t *testing.T, line string) string {
		forged := strings.Replace(line, `"outcome":"done"`, `"outcome":"refused"`, 1)
		require.NotEqual(t, line, forged)
		return forged
	}
	broken := func(sequence int64, fault audit.Fault) error {
		return &audit.BrokenError{Sequence: sequence, Fault: fault}
	}
	for name, test := range map[string]struct {
		tamper func(t *testing.T, lines []string) []string
		gaps   bool
		err    error
	}{
		"a changed line":                      {func(t *testing.T, l []string) []string { l[2] = forge(t, l[2]); return l }, false, broken(3, audit.Changed)},
		"a changed line of a filtered export": {func(t *testing.T, l []string) []string { return []string{l[0], forge(t, l[2]), l[4]} }, true, broken(3, audit.Changed)},
		"a missing line":                      {func(_ *testing.T, l []string) []string { return slices.Delete(l, 2, 3) }, false, broken(3, audit.Missing)},
		"lines out of order":                  {func(_ *testing.T, l []string) []string { l[2], l[3] = l[3], l[2]; return l }, true, broken(3, audit.Reordered)},
		"a line twice":                        {func(_ *testing.T, l []string) []string { return slices.Insert(l, 3, l[2]) }, false, broken(3, audit.Reordered)},
		"a line of another chain": {func(t *testing.T, l []string) []string {
			other := chain(2)
			other[0].Detail = "another"
			other[0] = audit.Link(nil, other[0])
			l[1] = exported(t, []audit.Entry{other[0], audit.Link(&other[0], sample())})[1]
			return l
		}, false, broken(2, audit.Changed)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := checkLines(test.tamper(t, exported(t, chain(6))), test.gaps)
			assert.Equal(t, test.err, err)
		})
	}
}

func TestLinesThatAreNone(t *testing.T) {
	whole := exported(t, chain(1))[0]
	for name, text := range map[string]string{
		"no JSON": "hello", "a list": "[1]", "cut off": whole[:40], "two in a line": whole + whole,
		"a field that no hash covers": strings.Replace(whole, "{", `{"note":"trust me",`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := checkLines([]string{text}, false)
			require.ErrorContains(t, err, "line 1 is no audit entry")
			assert.False(t, errors.As(err, new(*audit.BrokenError)))
		})
	}
}

// A line too long for any entry, and a reader that fails, are errors of the reading.
func TestLinesThatCannotBeRead(t *testing.T) {
	_, err := checkLines([]string{strings.Repeat("x", 2<<20)}, false)
	require.ErrorContains(t, err, "reading the lines")
	_, err = audit.CheckLines(audit.ReadLines(iotest.ErrReader(assert.AnError)), false)
	assert.ErrorIs(t, err, assert.AnError)
}

// An exported trail starts with the first entry, or with one that names the one before it.
func TestFirstLine(t *testing.T) {
	entries := chain(3)
	lines := exported(t, entries)
	found, err := checkLines(append([]string{"", "  "}, lines[1:]...), false)
	require.NoError(t, err, "empty lines are no entries")
	assert.Equal(t, audit.Head{Sequence: 1, Hash: entries[0].Hash}, found.First)

	for name, line := range map[string]audit.Line{
		"a first entry with a predecessor": {Entry: entries[0], Previous: entries[1].Hash},
		"a number below one":               {Entry: audit.Entry{Sequence: -3}},
	} {
		text, err := json.Marshal(line)
		require.NoError(t, err)
		_, err = checkLines([]string{string(text)}, false)
		assert.Equal(t, &audit.BrokenError{Sequence: line.Sequence, Fault: audit.Changed}, err, name)
	}
}

func TestHeadsThatWereNoted(t *testing.T) {
	entries := chain(6)
	at := func(i int) audit.Head { return audit.Head{Sequence: entries[i].Sequence, Hash: entries[i].Hash} }
	other := audit.Head{Sequence: 4, Hash: strings.Repeat("0", 64)}
	for name, test := range map[string]struct {
		entries []audit.Entry
		heads   []audit.Head
		err     error
	}{
		"the newest":    {entries, []audit.Head{at(5)}, nil},
		"older ones":    {entries, []audit.Head{at(0), at(3)}, nil},
		"the end gone":  {entries[:4], []audit.Head{at(2), at(5)}, &audit.BrokenError{Sequence: 5, Fault: audit.CutOff}},
		"all gone":      {nil, []audit.Head{at(0)}, &audit.BrokenError{Sequence: 1, Fault: audit.CutOff}},
		"another chain": {entries, []audit.Head{other}, &audit.BrokenError{Sequence: 4, Fault: audit.Rewritten}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audit.Check(nil, all(test.entries), test.heads...)
			assert.Equal(t, test.err, err)
			_, err = checkLines(exported(t, test.entries), false, test.heads...)
			assert.Equal(t, test.err, err, "as lines")
		})
	}
}

func all(entries []audit.Entry) func(func(audit.Entry, error) bool) {
	return func(yield func(audit.Entry, error) bool) {
		for _, entry := range entries {
			if !yield(entry, nil) {
				return
			}
		}
	}
}

func TestHeadsAreReadAsTheyArePrinted(t *testing.T) {
	head := audit.Head{Sequence: 42, Hash: chain(1)[0].Hash}
	again, err := audit.ParseHead(" " + head.String() + "\n")
	require.NoError(t, err)
	assert.Equal(t, head, again)
	for _, wrong := range []string{"", "42", head.Hash, "0:" + head.Hash, "-1:" + head.Hash, "42:" + head.Hash[1:], "42:" + strings.Repeat("g", 64), "x:" + head.Hash} {
		_, err := audit.ParseHead(wrong)
		assert.Error(t, err, wrong)
	}
}

// A text that an export could not reproduce never enters the chain.
func TestTextsAreUTF8(t *testing.T) {
	entry := sample()
	entry.CallerName, entry.Detail = "a\xffb", "\xc3"
	linked := audit.Link(nil, entry)
	_, err := checkLines(exported(t, []audit.Entry{linked}), false)
	require.NoError(t, err)
	assert.Equal(t, "a\uFFFDb", linked.CallerName)
}

func FuzzReadLines(f *testing.F) {
	line, err := json.Marshal(audit.Line{Entry: audit.Link(nil, sample())})
	require.NoError(f, err)
	f.Add(append(line, '\n'))
	f.Add([]byte("{}\n\n{}"))
	f.Add([]byte(`{"sequence":9223372036854775807,"hash":"","previous":""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := audit.CheckLines(audit.ReadLines(bytes.NewReader(data)), true)
		if err == nil && found.Lines > 0 {
			assert.Len(t, found.Last.Hash, 64, "only what has a hash that fits is taken")
		}
	})
}
