package storetest

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

func testActivations(t *testing.T, s store.Store) {
	insert(t, s, "w", fullCredential("a"), nil)
	started := store.Activation{
		Hash: []byte("hash"), Workspace: "w", Credential: "a", StartedBy: "person ann b1", Verifier: paycor.NewSecret("verifier"),
		RedirectURI: "http://localhost/activation/callback", Link: []byte("link"), CreatedAt: at(0), ExpiresAt: at(600),
	}
	find := func(hash string) (found store.Activation, err error) {
		view(t, s, func(r store.Reader) error { found, err = r.Activation([]byte(hash)); return nil })
		return found, err
	}
	update(t, s, func(tx store.Tx) error { return tx.InsertActivation(started) })
	found, err := find("hash")
	assert.NoError(t, err)
	assert.Equal(t, started, found)
	_, err = find("another")
	assert.ErrorIs(t, err, store.ErrNotFound)
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertActivation(started) }), store.ErrExists)

	update(t, s, func(tx store.Tx) error { return tx.DeleteActivation(started.Hash) })
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.DeleteActivation(started.Hash) }), store.ErrNotFound, "a second time")

	for name, end := range map[string]func(store.Tx) error{
		"expired":                     func(tx store.Tx) error { return tx.DeleteExpired(at(601)) },
		"deleted with its credential": func(tx store.Tx) error { return tx.DeleteCredential("w", "a", 12) },
	} {
		update(t, s, func(tx store.Tx) error { return tx.InsertActivation(started) })
		update(t, s, func(tx store.Tx) error { return tx.DeleteExpired(at(599)) })
		_, err = find("hash")
		assert.NoError(t, err)
		update(t, s, end)
		_, err = find("hash")
		assert.ErrorIs(t, err, store.ErrNotFound, name)
		_ = s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertCredential("w", fullCredential("a"), nil) })
	}
}
