package storetest

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

func testSessions(t *testing.T, s store.Store) {
	want := store.Session{
		Hash: []byte{1, 2, 3}, ID: "sess_1", CreatedAt: at(0), LastSeenAt: at(0), ExpiresAt: at(1),
		Issuer: "https://issuer.example", ProviderSession: "s", IDTokenHint: paycor.NewSecret("an ID token"), From: "192.0.2.1", Browser: "Firefox on Linux",
		Caller: paycor.Caller{Kind: paycor.CallerPerson, ID: "p", Name: "Ünïcode", Workspace: "w", Rights: paycor.AllRights(), Credentials: []string{"a"}},
	}
	update(t, s, func(tx store.Tx) error { return tx.InsertSession(want) })
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertSession(want) }), store.ErrExists)
	view(t, s, func(r store.Reader) error {
		found, err := r.Session(want.Hash)
		assert.Equal(t, want, found)
		return err
	})
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.DeleteSession([]byte{9}), tx.DeleteSession(want.Hash), tx.DeleteSession(want.Hash))
	})
	view(t, s, func(r store.Reader) error {
		_, err := r.Session(want.Hash)
		assert.ErrorIs(t, err, store.ErrNotFound)
		return nil
	})
}

func testSessionLists(t *testing.T, s store.Store) {
	session := func(n byte, workspace, person, issuer, name string) store.Session {
		return store.Session{
			Hash: []byte{n}, ID: string('a' + rune(n)), Caller: paycor.Caller{Kind: paycor.CallerPerson, ID: person, Workspace: workspace},
			Issuer: issuer, ProviderSession: name, CreatedAt: at(int(n)), LastSeenAt: at(int(n)), ExpiresAt: at(100),
		}
	}
	update(t, s, func(tx store.Tx) error {
		return errors.Join(
			tx.InsertSession(session(1, "w", "ann", "issuer", "one")), tx.InsertSession(session(2, "w", "bob", "issuer", "two")),
			tx.InsertSession(session(3, "w", "ann", "", "")), tx.InsertSession(session(4, "other", "ann", "issuer", "one")),
			tx.SetSessionLastSeen([]byte{1}, at(50)))
	})
	ids := func(list []store.Session, err error) string {
		assert.NoError(t, err)
		text := ""
		for _, session := range list {
			text += session.ID
		}
		return text
	}
	view(t, s, func(r store.Reader) error {
		assert.Equal(t, "dcb", ids(r.Sessions("w", "")), "newest first, in one workspace")
		assert.Equal(t, "db", ids(r.Sessions("w", "ann")))
		assert.Empty(t, ids(r.Sessions("w", "eve")))
		assert.Equal(t, "eb", ids(r.ProviderSessions("issuer", "", "one")), "in every workspace")
		assert.Equal(t, "eb", ids(r.ProviderSessions("issuer", "ann", "")))
		assert.Equal(t, "c", ids(r.ProviderSessions("issuer", "bob", "two")))
		assert.Empty(t, ids(r.ProviderSessions("issuer", "bob", "one")))
		assert.Empty(t, ids(r.ProviderSessions("issuer", "", "")), "neither subject nor session")
		assert.Empty(t, ids(r.ProviderSessions("", "ann", "")), "sessions of one-time links have no provider")
		seen, err := r.Session([]byte{1})
		assert.Equal(t, at(50), seen.LastSeenAt)
		return err
	})
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.SetSessionLastSeen([]byte{9}, at(1)) }), store.ErrNotFound)
}
