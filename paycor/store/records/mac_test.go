package records

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A column that a later version adds changes nothing while it has no value. With one, the
// version that does not know it refuses the record.
func TestColumnsOfALaterVersion(t *testing.T) {
	t.Parallel()
	known := authenticatedColumns{columns: []string{"hash", "name"}}
	before := known.covered(authenticatedRow{values: []any{[]byte("h"), "n"}}, false)
	later := authenticatedColumns{columns: []string{"calls", "hash", "name", "networks", "shown", "token"}}
	with := func(calls int64, networks string, shown bool, token []byte) []byte {
		return later.covered(authenticatedRow{values: []any{calls, []byte("h"), "n", networks, shown, token}}, false)
	}
	assert.Equal(t, before, with(0, "", false, nil))
	for _, changed := range [][]byte{with(1, "", false, nil), with(0, "10.0.0.0/8", false, nil), with(0, "", true, nil), with(0, "", false, []byte{0})} {
		assert.NotEqual(t, before, changed)
	}
	absent := known.covered(authenticatedRow{values: []any{[]byte("h"), ""}}, false)
	assert.NotEqual(t, absent, known.covered(authenticatedRow{values: []any{[]byte("h"), nil}}, false), "no text is not an empty text")
	assert.NotEqual(t, absent, known.covered(authenticatedRow{values: []any{[]byte("h"), ""}}, true), "as earlier versions encoded it")
}
