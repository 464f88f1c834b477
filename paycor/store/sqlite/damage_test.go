package sqlite_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// One damaged row does not keep the others from being listed, and the inspector names it.
func TestDamagedRowIsListed(t *testing.T) {
	t.Parallel()
	for column, value := range map[string]string{
		"verdict": "'{'", "settled": "'[1]'", "rotation": "'x'", "created_at": "'yesterday'", "updated_at": "'x'", "last_used_at": "'x'", "activated_at": "'x'", "shared": "'{'",
	} {
		t.Run(column, func(t *testing.T) {
			t.Parallel()
			path := newDatabase(t)
			s := open(t, sqlite.Config{Path: path})
			require.NoError(t, saveWithAudit(s, "b"))
			_, err := openRaw(t, path).Exec("UPDATE credentials SET " + column + " = " + value + " WHERE id = 'a'")
			require.NoError(t, err)
			require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
				page, err := r.Credentials("w", paycor.Query{}, nil)
				assert.Len(t, page.Credentials, 2)
				damaged, readErr := r.Credential("w", "a")
				assert.NoError(t, readErr)
				assert.Equal(t, paycor.StateNotVerified, damaged.State)
				if column == "shared" {
					assert.Equal(t, &paycor.Sharing{People: []string{}, Groups: []string{}}, damaged.Sharing, "shared with nobody")
				}
				return err
			}))
			assert.Equal(t, []string{"a"}, inspect(t, path).damaged)
		})
	}
}

// inspected is what an inspector found.
type inspected struct {
	integrity error
	damaged   []string
	unopened  []sqlite.UnopenedSecret
	altered   []*store.AlteredError
}

func inspect(t *testing.T, path string) (found inspected) {
	t.Helper()
	i, err := sqlite.OpenInspector(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	defer i.Close()
	schema, own := i.Schema()
	assert.Equal(t, own, schema)
	found.integrity = i.Integrity(t.Context())
	require.NoError(t, i.OpenKey(t.Context()))
	damaged, err := i.DamagedCredentials(t.Context())
	require.NoError(t, err)
	for _, key := range damaged {
		found.damaged = append(found.damaged, key.Credential)
	}
	found.unopened, _, err = i.UnopenedSecrets(t.Context())
	require.NoError(t, err)
	found.altered, err = i.AlteredRecords(t.Context())
	require.NoError(t, err)
	return found
}

func TestInspector(t *testing.T) {
	t.Parallel()
	path := newAuthority(t)
	assert.Equal(t, inspected{}, inspect(t, path), "nothing is wrong")
	_, err := openRaw(t, path).Exec(`UPDATE secrets SET sealed = x'0102' WHERE field = 'client_secret'; UPDATE tokens SET rights = '["admin"]'`)
	require.NoError(t, err)
	found := inspect(t, path)
	assert.NoError(t, found.integrity)
	assert.Equal(t, []sqlite.UnopenedSecret{{Workspace: "w", Record: "a", Field: "client_secret"}}, found.unopened)
	assert.Len(t, found.altered, 1)
	_, err = openRaw(t, path).Exec(`PRAGMA foreign_keys = OFF; DELETE FROM credentials`)
	require.NoError(t, err)
	assert.Error(t, inspect(t, path).integrity, "secrets of no credential")
}

// The inspector tries every sealed value, wherever it is, and the store lets none of
// them keep more from working than what needs it.
func TestInspectorTriesEverySealedValue(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	s := open(t, sqlite.Config{Path: path})
	at := time.Date(2026, 11, 29, 1, 2, 3, 0, time.UTC)
	secret := paycor.NewSecret("invented")
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(
			tx.InsertActivation(store.Activation{Hash: []byte("state"), Workspace: "w", Credential: "a", Verifier: secret, CreatedAt: at, ExpiresAt: at}),
			tx.InsertSession(store.Session{Hash: []byte("session"), ID: "s", Caller: paycor.Caller{ID: "ann", Workspace: "w"}, IDTokenHint: secret, CreatedAt: at, ExpiresAt: at}))
	}))
	require.Empty(t, inspect(t, path).unopened)
	_, err := openRaw(t, path).Exec(`UPDATE activations SET verifier = x'0102'; UPDATE sessions SET hint = x'0102'`)
	require.NoError(t, err)
	assert.Equal(t, []sqlite.UnopenedSecret{
		{Workspace: "w", Record: "a", Field: fields.CodeVerifier}, {Workspace: "w", Record: "s", Field: sqlite.IDTokenField},
	}, inspect(t, path).unopened)
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
		_, err := r.Activation([]byte("state"))
		assert.ErrorIs(t, err, store.ErrNotFound, "it has to be started again")
		sessions, err := r.Sessions("w", "")
		assert.Len(t, sessions, 1)
		return err
	}))
}
