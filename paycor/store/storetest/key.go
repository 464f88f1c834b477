package storetest

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

// keysOf lists the keys of a store.
func keysOf(t *testing.T, s store.Store) (keys []store.Key) {
	t.Helper()
	view(t, s, func(r store.Reader) (err error) { keys, err = r.Keys(); return err })
	return keys
}

// reencrypt encrypts all values again, a few in each transaction.
func reencrypt(t *testing.T, s store.Store, limit int) (all store.Reencrypted) {
	t.Helper()
	for {
		var done store.Reencrypted
		update(t, s, func(tx store.Tx) (err error) { done, err = tx.Reencrypt(all.Next, limit); return err })
		assert.LessOrEqual(t, done.Values, limit)
		all = store.Reencrypted{Next: done.Next, Values: all.Values + done.Values, Unopened: all.Unopened + done.Unopened}
		if all.Next == "" {
			return all
		}
	}
}

// ChangeKeys changes the keys of a store.
func ChangeKeys(s store.Store, make func(store.KeyChange) error) error {
	change, err := keyChange(s)
	if err == nil {
		err = make(change)
	}
	if err != nil {
		return err
	}
	return s.Update(context.Background(), func(tx store.Tx) error { return tx.StoreKeys(change) })
}

// AddKey adds a key to a store.
func AddKey(s store.Store) error {
	return ChangeKeys(s, func(change store.KeyChange) error { _, err := change.AddKey(); return err })
}

// keyChange returns a change of the keys of a store.
func keyChange(s store.Store) (change store.KeyChange, err error) {
	err = s.View(context.Background(), func(r store.Reader) error { change, err = r.KeyChange(); return err })
	return change, err
}

// addKey adds a key.
func addKey(t *testing.T, s store.Store) (id string) {
	t.Helper()
	require.NoError(t, ChangeKeys(s, func(change store.KeyChange) (err error) { id, err = change.AddKey(); return err }))
	return id
}

// removeUnusedKeys removes the keys that nothing needs.
func removeUnusedKeys(t *testing.T, s store.Store) (removed []string) {
	t.Helper()
	for _, key := range keysOf(t, s) {
		if !key.Primary && key.Values == 0 {
			removed = append(removed, key.ID)
		}
	}
	if removed != nil {
		require.NoError(t, ChangeKeys(s, func(change store.KeyChange) error { return change.RemoveKeys(removed) }))
	}
	return removed
}

func testKeyRotation(t *testing.T, s store.Store) {
	for _, id := range []string{"a", "b", "c"} {
		insert(t, s, "w", fullCredential(id), someSecrets(id))
	}
	session := store.Session{Hash: []byte{1}, ID: "s", IDTokenHint: paycor.NewSecret("an ID token"), CreatedAt: at(0), ExpiresAt: at(9)}
	activation := store.Activation{Hash: []byte("h"), Workspace: "w", Credential: "a", Verifier: paycor.NewSecret("verifier"), CreatedAt: at(0), ExpiresAt: at(9)}
	update(t, s, func(tx store.Tx) error { return tx.InsertSession(session) })
	update(t, s, func(tx store.Tx) error {
		return tx.InsertSession(store.Session{Hash: []byte{2}, ID: "without", CreatedAt: at(0), ExpiresAt: at(9)})
	})
	update(t, s, func(tx store.Tx) error { return tx.InsertActivation(activation) })
	before := keysOf(t, s)
	require.Len(t, before, 1)
	assert.True(t, before[0].Primary)
	assert.Equal(t, 8, before[0].Values)

	first, second := before[0].ID, addKey(t, s)
	assert.NotEqual(t, first, second)
	assert.Equal(t, []store.Key{{ID: second, Primary: true}, {ID: first, Values: 8}}, keysOf(t, s))
	assert.Empty(t, removeUnusedKeys(t, s), "the earlier key is needed")
	insert(t, s, "w", fullCredential("d"), someSecrets("d"))
	assert.Equal(t, []store.Key{{ID: second, Primary: true, Values: 2}, {ID: first, Values: 8}}, keysOf(t, s), "the new key encrypts")

	assert.Equal(t, store.Reencrypted{Values: 8}, reencrypt(t, s, 3))
	assert.Equal(t, store.Reencrypted{}, reencrypt(t, s, 100), "nothing is left")
	assert.Equal(t, []string{first}, removeUnusedKeys(t, s))
	assert.Equal(t, []store.Key{{ID: second, Primary: true, Values: 10}}, keysOf(t, s))
	assert.Empty(t, removeUnusedKeys(t, s), "the primary key stays")
	for _, id := range []string{"a", "b", "c", "d"} {
		assert.Equal(t, someSecrets(id), secrets(t, s, "w", id))
	}
	view(t, s, func(r store.Reader) error {
		found, err := r.Session([]byte{1})
		assert.NoError(t, err)
		assert.Equal(t, session.IDTokenHint, found.IDTokenHint)
		_, err = r.Session([]byte{2})
		assert.NoError(t, err)
		started, err := r.Activation([]byte("h"))
		assert.Equal(t, activation.Verifier, started.Verifier)
		return err
	})
	err := s.Update(testContext(t), func(tx store.Tx) error { _, err := tx.Reencrypt("elsewhere", 1); return err })
	assert.Error(t, err)
}

// A transaction that is rolled back takes its keys with it: nothing may be encrypted with
// a key that is stored nowhere.
func testKeyRollBack(t *testing.T, s store.Store) {
	before := keysOf(t, s)
	change, err := keyChange(s)
	require.NoError(t, err)
	_, err = change.AddKey()
	require.NoError(t, err)
	require.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error {
		if err := tx.StoreKeys(change); err != nil {
			return err
		}
		return errInvented
	}), errInvented)
	insert(t, s, "w", fullCredential("a"), someSecrets("a"))
	assert.Equal(t, []store.Key{{ID: before[0].ID, Primary: true, Values: 2}}, keysOf(t, s))
	assert.Equal(t, someSecrets("a"), secrets(t, s, "w", "a"))
}

// plainKEK is a KEK of another process, whose ciphertexts begin as those of key files do.
type plainKEK struct{}

const plainKEKPrefix = "\x01\x00\x00\x00\x07"

func (plainKEK) Name() string { return "plain" }
func (plainKEK) ID() string   { return "key-file:7" }

func (plainKEK) Encrypt(plaintext, _ []byte) ([]byte, error) {
	return append([]byte(plainKEKPrefix), plaintext...), nil
}

func (plainKEK) Decrypt(ciphertext, _ []byte) ([]byte, error) {
	return bytes.TrimPrefix(ciphertext, []byte(plainKEKPrefix)), nil
}

// A store whose keys were wrapped again goes on with those that it has. Only what changes
// the keys needs the other KEK.
func testKeyRewrap(t *testing.T, s store.Store) {
	insert(t, s, "w", fullCredential("a"), someSecrets("a"))
	before := wrappedBy(t, s)
	change, err := keyChange(s)
	require.NoError(t, err)
	require.NoError(t, change.Rewrap(plainKEK{}))
	require.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error {
		if err := tx.StoreKeys(change); err != nil {
			return err
		}
		return errInvented
	}), errInvented)
	assert.Equal(t, before, wrappedBy(t, s))
	keys := keysOf(t, s)
	update(t, s, func(tx store.Tx) error { return tx.StoreKeys(change) })
	assert.Equal(t, plainKEK{}.ID(), wrappedBy(t, s))
	assert.Equal(t, keys, keysOf(t, s))
	insert(t, s, "w", fullCredential("b"), someSecrets("b"))
	assert.Equal(t, someSecrets("a"), secrets(t, s, "w", "a"))
	assert.Equal(t, someSecrets("b"), secrets(t, s, "w", "b"))
	assert.Equal(t, "store.key-wrong", message.Of(AddKey(s)).Key)
}

// A KMS may be asked for long before a change is stored. It is not stored if the keys are
// others by then, or if a value needs a key that it removes.
func testStaleKeyChange(t *testing.T, s store.Store) {
	insert(t, s, "w", fullCredential("a"), someSecrets("a"))
	stores := func(change store.KeyChange) error {
		return s.Update(testContext(t), func(tx store.Tx) error { return tx.StoreKeys(change) })
	}
	stale, err := keyChange(s)
	require.NoError(t, err)
	first, second := keysOf(t, s)[0].ID, addKey(t, s)
	require.NoError(t, stale.Rewrap(plainKEK{}))
	require.ErrorIs(t, stores(stale), store.ErrStale)
	used, err := keyChange(s)
	require.NoError(t, err)
	require.NoError(t, used.RemoveKeys([]string{first}))
	require.ErrorIs(t, stores(used), store.ErrStale, "the secrets need it")
	primary, err := keyChange(s)
	require.NoError(t, err)
	require.Error(t, primary.RemoveKeys([]string{second}))
	require.Error(t, primary.RemoveKeys([]string{"no key"}))
	assert.Len(t, keysOf(t, s), 2)
	assert.Equal(t, someSecrets("a"), secrets(t, s, "w", "a"))
}

// wrappedBy returns the ID of the key that encrypts the keys.
func wrappedBy(t *testing.T, s store.Store) (id string) {
	t.Helper()
	view(t, s, func(r store.Reader) (err error) { id, err = r.WrappedBy(); return err })
	return id
}

// Saves that share a transaction with a rotation, or come between its steps, are readable
// afterwards.
func testKeysDuringSaves(t *testing.T, s store.Store) {
	var savers sync.WaitGroup
	names := []string{"a", "b", "c", "d", "e", "f"}
	for _, id := range names {
		insert(t, s, "w", fullCredential(id), someSecrets(id))
		savers.Go(func() {
			for i := range 20 {
				tokens := store.TokenState{Epoch: int64(i), ExpiresAt: at(9), SavedAt: at(1)}
				update(t, s, func(tx store.Tx) error { return tx.PutTokenState("w", id, tokens, someTokens(id)) })
				assert.Equal(t, someTokens(id)["access_token"], secrets(t, s, "w", id)["access_token"])
			}
		})
	}
	for range 10 {
		addKey(t, s)
		reencrypt(t, s, 2)
		removeUnusedKeys(t, s)
	}
	savers.Wait()
	assert.Zero(t, reencrypt(t, s, 100).Unopened)
	for _, id := range names {
		assert.Equal(t, someSecrets(id)["client_secret"], secrets(t, s, "w", id)["client_secret"])
	}
}

func someTokens(salt string) store.Secrets {
	return store.Secrets{"access_token": paycor.NewSecret("access token of " + salt)}
}
