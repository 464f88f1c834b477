package storetest

import (
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
	"testing"

	"github.com/stretchr/testify/assert"
)

func tokenState(t *testing.T, s store.Store, workspace, id string) (found store.TokenState, err error) {
	t.Helper()
	view(t, s, func(r store.Reader) error {
		found, err = r.TokenState(workspace, id)
		return nil
	})
	return found, err
}

func testTokenState(t *testing.T, s store.Store) {
	_, err := tokenState(t, s, "w", "a")
	assert.ErrorIs(t, err, store.ErrNotFound)
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error {
		return tx.PutTokenState("w", "a", store.TokenState{}, nil)
	}), store.ErrNotFound)

	insert(t, s, "w", fullCredential("a"), someSecrets("a"))
	insert(t, s, "other", fullCredential("a"), someSecrets("other"))
	found, err := tokenState(t, s, "w", "a")
	assert.NoError(t, err)
	assert.Zero(t, found)
	assert.Equal(t, fullCredential("a"), credential(t, s, "w", "a"))

	held := store.TokenState{
		Epoch: 7, ExpiresAt: at(10), RenewAt: at(9), RejectedAt: at(8),
		LeaseOwner: "me", LeaseEndsAt: at(7), ExchangeStartedAt: at(6),
	}
	tokens := store.Secrets{fields.AccessToken: paycor.NewSecret("access"), fields.RefreshToken: paycor.NewSecret("refresh")}
	update(t, s, func(tx store.Tx) error { return tx.PutTokenState("w", "a", held, tokens) })
	found, err = tokenState(t, s, "w", "a")
	assert.NoError(t, err)
	assert.Equal(t, held, found)
	want := someSecrets("a")
	want[fields.AccessToken], want[fields.RefreshToken] = tokens[fields.AccessToken], tokens[fields.RefreshToken]
	assert.Equal(t, want, secrets(t, s, "w", "a"))
	with := fullCredential("a")
	with.HasRefreshToken = true
	assert.Equal(t, with, credential(t, s, "w", "a"), "no other field, and no version, changes")
	assert.Equal(t, fullCredential("a"), credential(t, s, "other", "a"))

	held.RefreshTokenError = verdicts.CodeRefreshUsed
	update(t, s, func(tx store.Tx) error {
		return tx.PutTokenState("w", "a", held, store.Secrets{fields.AccessToken: {}})
	})
	delete(want, fields.AccessToken)
	assert.Equal(t, want, secrets(t, s, "w", "a"), "an empty token is removed, an absent one kept")
	assert.False(t, credential(t, s, "w", "a").HasRefreshToken, "one that Paycor takes no longer is none")
	assert.Error(t, s.Update(testContext(t), func(tx store.Tx) error {
		return tx.PutTokenState("w", "a", held, store.Secrets{fields.ClientSecret: paycor.NewSecret("x")})
	}), "only tokens are put this way")

	update(t, s, func(tx store.Tx) error { return tx.DeleteCredential("w", "a", 12) })
	_, err = tokenState(t, s, "w", "a")
	assert.ErrorIs(t, err, store.ErrNotFound)
	insert(t, s, "w", fullCredential("a"), nil)
	found, err = tokenState(t, s, "w", "a")
	assert.NoError(t, err)
	assert.Zero(t, found, "it went with the credential")
	assert.Empty(t, secrets(t, s, "w", "a"))
}

func testActivations(t *testing.T, s store.Store) {
	insert(t, s, "w", fullCredential("a"), nil)
	begun := store.Activation{
		Hash: []byte("hash"), Workspace: "w", Credential: "a", StartedBy: "person ann b1", Verifier: paycor.NewSecret("verifier"),
		RedirectURI: "http://localhost/activation/callback", CreatedAt: at(0), ExpiresAt: at(600),
	}
	find := func(hash string) (found store.Activation, err error) {
		view(t, s, func(r store.Reader) error { found, err = r.Activation([]byte(hash)); return nil })
		return found, err
	}
	update(t, s, func(tx store.Tx) error { return tx.InsertActivation(begun) })
	found, err := find("hash")
	assert.NoError(t, err)
	assert.Equal(t, begun, found)
	_, err = find("another")
	assert.ErrorIs(t, err, store.ErrNotFound)
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertActivation(begun) }), store.ErrExists)

	update(t, s, func(tx store.Tx) error { return tx.DeleteActivation(begun.Hash) })
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.DeleteActivation(begun.Hash) }), store.ErrNotFound, "once")

	for name, end := range map[string]func(store.Tx) error{
		"swept":                    func(tx store.Tx) error { return tx.DeleteExpired(at(601)) },
		"gone with its credential": func(tx store.Tx) error { return tx.DeleteCredential("w", "a", 12) },
	} {
		update(t, s, func(tx store.Tx) error { return tx.InsertActivation(begun) })
		update(t, s, func(tx store.Tx) error { return tx.DeleteExpired(at(599)) })
		_, err = find("hash")
		assert.NoError(t, err)
		update(t, s, end)
		_, err = find("hash")
		assert.ErrorIs(t, err, store.ErrNotFound, name)
		_ = s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertCredential("w", fullCredential("a"), nil) })
	}
}
