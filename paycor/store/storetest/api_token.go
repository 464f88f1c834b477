package storetest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

func apiToken(id, workspace string, seconds int) store.APIToken {
	return store.APIToken{
		ID: id, Hash: []byte("hash of " + id), Name: "Ünïcode " + id, Workspace: workspace, Rights: paycor.Rights{paycor.RightUse},
		CreatedAt: at(seconds), CreatedBy: "Ann", ExpiresAt: at(seconds + 100), LastUsedAt: at(seconds + 1),
	}
}

func testAPITokens(t *testing.T, s store.Store) {
	want := store.APIToken{
		ID: "t1", Hash: bytes.Repeat([]byte{0xfe}, 32), Name: "nightly", Workspace: "w",
		Rights: paycor.Rights{paycor.RightView, paycor.RightUse}, Credentials: []string{"a", "b,c"}, CreatedAt: at(0), ExpiresAt: at(1),
	}
	plain := store.APIToken{ID: "t2", Hash: []byte{1}, CreatedAt: at(0)}
	update(t, s, func(tx store.Tx) error { return errors.Join(tx.InsertAPIToken(want), tx.InsertAPIToken(plain)) })
	view(t, s, func(r store.Reader) error {
		found, err := r.APIToken(want.Hash)
		assert.NoError(t, err)
		assert.Equal(t, want, found)
		found, err = r.APIToken(plain.Hash)
		assert.NoError(t, err)
		assert.Equal(t, plain, found)
		for _, hash := range [][]byte{nil, {}, {2}, want.Hash[:31]} {
			_, err := r.APIToken(hash)
			assert.ErrorIs(t, err, store.ErrNotFound)
		}
		return nil
	})
	sameHash, sameID := want, want
	sameHash.ID, sameID.Hash = "t3", []byte{3}
	for _, token := range []store.APIToken{sameHash, sameID} {
		assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertAPIToken(token) }), store.ErrExists)
	}
}

func testAPITokenList(t *testing.T, s store.Store) {
	older, newer, foreign := apiToken("t1", "w", 1), apiToken("t2", "w", 2), apiToken("t3", "other", 3)
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.InsertAPIToken(older), tx.InsertAPIToken(newer), tx.InsertAPIToken(foreign))
	})
	listed := func(workspace string) (found []store.APIToken) {
		view(t, s, func(r store.Reader) (err error) {
			found, err = r.APITokens(workspace, store.APITokenPosition{}, 100)
			return err
		})
		return found
	}
	assert.Equal(t, []store.APIToken{newer, older}, listed("w"))
	assert.Equal(t, []store.APIToken{foreign}, listed("other"))
	view(t, s, func(r store.Reader) error {
		for _, total := range []struct {
			at          time.Time
			total, live int
		}{{at(0), 2, 2}, {newer.ExpiresAt.Add(-1), 2, 1}, {newer.ExpiresAt, 2, 0}} {
			found, live, err := r.CountAPITokens("w", total.at)
			assert.NoError(t, err)
			assert.Equal(t, []int{total.total, total.live}, []int{found, live}, total.at)
		}
		first, err := r.APITokens("w", store.APITokenPosition{}, 1)
		assert.NoError(t, err)
		assert.Equal(t, []store.APIToken{newer}, first)
		second, err := r.APITokens("w", store.APITokenPosition{CreatedAt: newer.CreatedAt, ID: newer.ID}, 1)
		assert.Equal(t, []store.APIToken{older}, second)
		return err
	})
	assert.Equal(t, []store.APIToken{}, listed("unknown"))
	view(t, s, func(r store.Reader) error {
		found, err := r.APITokenByID("w", "t1")
		assert.NoError(t, err)
		assert.Equal(t, older, found)
		_, err = r.APITokenByID("w", "t3")
		assert.ErrorIs(t, err, store.ErrNotFound, "another workspace")
		return nil
	})

	// Revoke.
	for _, unknown := range [][2]string{{"w", "t3"}, {"w", "none"}, {"", "t1"}} {
		err := s.Update(testContext(t), func(tx store.Tx) error { return tx.RevokeAPIToken(unknown[0], unknown[1], at(9), "Bob") })
		assert.ErrorIs(t, err, store.ErrNotFound)
	}
	update(t, s, func(tx store.Tx) error { return tx.RevokeAPIToken("w", "t1", at(10), "Bob") })
	update(t, s, func(tx store.Tx) error { return tx.RevokeAPIToken("w", "t1", at(11), "Eve") })
	older.RevokedAt, older.RevokedBy = at(10), "Bob"
	assert.Equal(t, []store.APIToken{newer, older}, listed("w"), "the first revocation stays, of this token only")

	// Time of last use.
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.SetAPITokenLastUsed("t2", at(20)), tx.SetAPITokenLastUsed("t2", at(19)), tx.SetAPITokenLastUsed("none", at(20)))
	})
	newer.LastUsedAt = at(20)
	assert.Equal(t, []store.APIToken{newer, older}, listed("w"))

	// Delete ended tokens.
	unlimited := apiToken("t4", "w", 0)
	unlimited.ExpiresAt = time.Time{}
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.InsertAPIToken(unlimited), tx.DeleteEndedAPITokens(at(10)))
	})
	assert.Equal(t, []store.APIToken{newer, older, unlimited}, listed("w"), "a token that ended at this time stays")
	update(t, s, func(tx store.Tx) error { return tx.DeleteEndedAPITokens(at(11)) })
	assert.Equal(t, []store.APIToken{newer, unlimited}, listed("w"))
	update(t, s, func(tx store.Tx) error { return tx.DeleteEndedAPITokens(at(1_000_000)) })
	assert.Equal(t, []store.APIToken{unlimited}, listed("w"))
}
