package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

func testVersion(t *testing.T, s store.Store) {
	version := func() store.Version {
		t.Helper()
		found, err := s.Version(testContext(t))
		require.NoError(t, err)
		return found
	}
	seen := map[store.Version]bool{version(): true}
	for n := range 50 {
		before := version()
		update(t, s, func(tx store.Tx) error { return tx.InsertAPIToken(apiToken(fmt.Sprint("t", n), "w", n)) })
		after := version()
		assert.NotEqual(t, before, after, "after an update")
		assert.False(t, seen[after], "a version never repeats")
		seen[after] = true
		list(t, s, "w", paycor.Query{})
		assert.ErrorContains(t, s.Update(testContext(t), func(tx store.Tx) error {
			return errors.Join(tx.InsertAPIToken(apiToken("undone", "w", 1)), errors.New("not kept"))
		}), "not kept")
		assert.Equal(t, after, version(), "a rollback does not change it")
	}
}

func testFingerprint(t *testing.T, s store.Store) {
	digest := s.Fingerprint("purpose", []byte("data"))
	assert.Len(t, digest, 32)
	assert.Equal(t, digest, s.Fingerprint("purpose", []byte("data")))
	assert.NotEqual(t, digest, s.Fingerprint("purpose2", []byte("data")))
	assert.NotEqual(t, digest, s.Fingerprint("purpos", []byte("edata")))
	assert.NotEqual(t, digest, s.Fingerprint("purpose", []byte("data2")))
}
