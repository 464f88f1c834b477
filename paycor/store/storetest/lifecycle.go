package storetest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

func testClosed(t *testing.T, s store.Store) {
	insert(t, s, "w", newCredential("a", "a"), nil)
	require.NoError(t, s.Ping(testContext(t)))
	require.NoError(t, s.Close())
	assert.NoError(t, s.Close(), "a second Close does nothing")
	assert.Error(t, s.Ping(testContext(t)))
	assert.Error(t, s.View(testContext(t), func(store.Reader) error { return nil }))
	assert.Error(t, s.Update(testContext(t), func(store.Tx) error { return nil }))
}

func testReopen(t *testing.T, s store.Store, reopen func(*testing.T, store.Store) store.Store) {
	update(t, s, func(tx store.Tx) error { return insertAll(tx, "a") })
	digest := s.Fingerprint("purpose", []byte("data"))
	insert(t, s, "w", newCredential("b", "b"), nil)
	first := list(t, s, "w", paycor.Query{Limit: 1})

	s = reopen(t, s)
	assertInserted(t, s, "a", true)
	assert.Equal(t, fullCredential("a"), credential(t, s, "w", "a"))
	assert.Equal(t, someSecrets("a"), secrets(t, s, "w", "a"))
	assert.Equal(t, digest, s.Fingerprint("purpose", []byte("data")))
	assert.Equal(t, []string{"a"}, ids(list(t, s, "w", paycor.Query{Limit: 1, Cursor: first.Next})), "a cursor stays valid")
}
