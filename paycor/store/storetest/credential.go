package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

func testCredentialRoundTrip(t *testing.T, s store.Store) {
	insert(t, s, "w", fullCredential("a"), someSecrets("a"))
	assert.Equal(t, fullCredential("a"), credential(t, s, "w", "a"))
	assert.Equal(t, someSecrets("a"), secrets(t, s, "w", "a"))

	insert(t, s, "w", newCredential("b", "no secrets, no verdict"), nil)
	assert.Equal(t, newCredential("b", "no secrets, no verdict"), credential(t, s, "w", "b"))
	assert.Empty(t, secrets(t, s, "w", "b"))

	zoned := newCredential("c", "a time in another zone")
	zoned.CreatedAt = at(0).In(time.FixedZone("", 3600))
	insert(t, s, "w", zoned, nil)
	assert.Equal(t, at(0), credential(t, s, "w", "c").CreatedAt, "times are returned in UTC")

	claiming := newCredential("d", "claims a secret")
	claiming.HasClientSecret = true
	insert(t, s, "w", claiming, nil)
	assert.False(t, credential(t, s, "w", "d").HasClientSecret, "it depends on the stored secrets")
}

func testCredentialLifecycle(t *testing.T, s store.Store) {
	insert(t, s, "w", fullCredential("a"), someSecrets("a"))
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error {
		return tx.InsertCredential("w", newCredential("a", "again"), someSecrets("again"))
	}), store.ErrExists)
	assert.Equal(t, fullCredential("a"), credential(t, s, "w", "a"))
	assert.Equal(t, someSecrets("a"), secrets(t, s, "w", "a"))

	changed := newCredential("a", "changed")
	changed.Version, changed.LastUsedAt = 13, fullCredential("a").LastUsedAt // it never moves back
	update(t, s, func(tx store.Tx) error { return tx.UpdateCredential("w", changed, 12, nil) })
	changed.HasClientSecret, changed.HasSubscriptionKey = true, true
	changed.ClientSecretSavedAt, changed.SubscriptionKeySavedAt = at(1), at(2)
	assert.Equal(t, changed, credential(t, s, "w", "a"))

	update(t, s, func(tx store.Tx) error { return tx.DeleteCredential("w", "a", 13) })
	view(t, s, func(r store.Reader) error {
		_, err := r.Credential("w", "a")
		assert.ErrorIs(t, err, store.ErrNotFound)
		_, err = r.Secrets("w", "a")
		assert.ErrorIs(t, err, store.ErrNotFound)
		return nil
	})

	insert(t, s, "w", newCredential("a", "another with this id"), nil)
	assert.Empty(t, secrets(t, s, "w", "a"), "secrets are deleted with the credential")
}

func testStaleVersion(t *testing.T, s store.Store) {
	insert(t, s, "w", fullCredential("a"), someSecrets("a"))
	for _, version := range []int64{0, 11, 13, -1} {
		assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error {
			return tx.UpdateCredential("w", newCredential("a", "stale"), version, someSecrets("stale"))
		}), store.ErrStale)
		assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error {
			return tx.DeleteCredential("w", "a", version)
		}), store.ErrStale)
	}
	require.Equal(t, fullCredential("a"), credential(t, s, "w", "a"))
	require.Equal(t, someSecrets("a"), secrets(t, s, "w", "a"))
}

func testWorkspaceIsolation(t *testing.T, s store.Store) {
	insert(t, s, "mine", fullCredential("a"), someSecrets("a"))
	insert(t, s, "mine", newCredential("only-mine", "only mine"), nil)
	insert(t, s, "theirs", newCredential("a", "same id"), someSecrets("theirs"))
	update(t, s, func(tx store.Tx) error {
		if err := tx.InsertIdempotencyRecord(store.IdempotencyRecord{Workspace: "mine", Caller: "c", Key: "k", Credential: "a"}); err != nil {
			return err
		}
		return tx.AppendAudit(audit.Entry{Sequence: 1, At: at(0), Workspace: "mine", Credential: "only-mine"})
	})

	for _, workspace := range []string{"theirs", "", "MINE", "mine ", "%"} {
		t.Run(fmt.Sprintf("%q", workspace), func(t *testing.T) {
			view(t, s, func(r store.Reader) error {
				_, err := r.Credential(workspace, "only-mine")
				assert.ErrorIs(t, err, store.ErrNotFound)
				_, err = r.Secrets(workspace, "only-mine")
				assert.ErrorIs(t, err, store.ErrNotFound)
				_, err = r.IdempotencyRecord(workspace, "c", "k")
				assert.ErrorIs(t, err, store.ErrNotFound)
				for _, query := range []audit.Query{{}, {Credential: "only-mine"}} {
					entries, _, err := r.SearchAudit(workspace, query, wholeTrail)
					assert.NoError(t, err)
					assert.Empty(t, entries)
					lines, _, err := r.AuditLines(workspace, query, wholeTrail)
					assert.NoError(t, err)
					assert.Empty(t, lines)
				}
				page, err := r.Credentials(workspace, paycor.Query{}, []string{"only-mine"})
				assert.NoError(t, err)
				assert.Zero(t, page.Total)
				page, err = r.Credentials(workspace, paycor.Query{Search: "mine"}, nil)
				assert.NoError(t, err)
				assert.Empty(t, page.Credentials)
				return nil
			})
			assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error {
				return tx.UpdateCredential(workspace, newCredential("only-mine", "taken over"), 1, someSecrets("x"))
			}), store.ErrNotFound)
			assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error {
				return tx.DeleteCredential(workspace, "only-mine", 1)
			}), store.ErrNotFound)
		})
	}
	assert.Equal(t, "only mine", credential(t, s, "mine", "only-mine").Name)

	update(t, s, func(tx store.Tx) error { return tx.DeleteCredential("theirs", "a", 1) })
	assert.Equal(t, fullCredential("a"), credential(t, s, "mine", "a"), "same id in another workspace")
	assert.Equal(t, someSecrets("a"), secrets(t, s, "mine", "a"))
}

func testUsedEnvironments(t *testing.T, s store.Store) {
	used := func() (used map[string]int) {
		view(t, s, func(r store.Reader) (err error) { used, err = r.UsedEnvironments(); return err })
		return used
	}
	assert.Empty(t, used())
	for id, environment := range map[string]string{"a": "production", "b": "simulator", "c": "simulator"} {
		c := fullCredential(id)
		c.Environment = environment
		insert(t, s, "w", c, nil)
	}
	c := fullCredential("a")
	c.Environment = "simulator"
	insert(t, s, "other", c, nil)
	assert.Equal(t, map[string]int{"production": 1, "simulator": 3}, used())
}
