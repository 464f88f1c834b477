package sqlite_test

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
	"paycorcred/paycor/testkit"
)

// allFiles reads all files of a store, including the key file.
func allFiles(t *testing.T, path string) string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	var all strings.Builder
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(filepath.Dir(path), entry.Name()))
		require.NoError(t, err)
		all.Write(content)
	}
	return all.String()
}

func TestNoSecretInAnyFile(t *testing.T) {
	t.Parallel()
	const secret, key = "Canary+secret/with=marks&16", "canary key, 0123456789abcdef"
	path := filepath.Join(t.TempDir(), "data", "store.db")
	s := open(t, sqlite.Config{Path: path})
	secrets := store.Secrets{fields.ClientSecret: paycor.NewSecret(secret), fields.SubscriptionKey: paycor.NewSecret(key)}
	c := paycor.Credential{ID: "a", ApplicationID: "app_a", Name: "findable", ClientID: "findable-client", Version: 1}
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error { return tx.InsertCredential("w", c, secrets) }))
	c.Version = 2
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error { return tx.UpdateCredential("w", c, 1, secrets) }))
	s.Fingerprint("request", []byte(secret))

	search := func(t *testing.T) {
		files := allFiles(t, path)
		assert.True(t, strings.Contains(files, "findable-client"), "the search works")
		for _, value := range []string{secret, key} {
			for _, encoded := range []string{
				value, url.QueryEscape(value), url.PathEscape(value), hex.EncodeToString([]byte(value)), strings.ToUpper(hex.EncodeToString([]byte(value))),
				base64.StdEncoding.EncodeToString([]byte(value)), base64.RawURLEncoding.EncodeToString([]byte(value)),
				strings.ToLower(value), strings.ToUpper(value), value[3:15],
			} {
				assert.False(t, strings.Contains(files, encoded), "found %q", encoded)
			}
		}
	}
	t.Run("while open", search)
	require.NoError(t, s.Close())
	t.Run("after closing", search)
}

// Deleted secrets are overwritten, although they are encrypted.
func TestDeletedSecretIsOverwritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "store.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, storetest.SaveWithAudit(s, "kept"))
	require.NoError(t, storetest.SaveWithAudit(s, "gone"))
	sealed := string(queryOne[[]byte](t, path, "SELECT sealed FROM secrets WHERE application = 'app_gone' AND field = 'client_secret'"))
	require.True(t, strings.Contains(allFiles(t, path), sealed))
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error { return tx.DeleteCredential("w", "gone", 1) }))
	require.NoError(t, s.Close())
	assert.False(t, strings.Contains(allFiles(t, path), sealed))
}

func TestMovedSecretIsRejected(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"to another application": `UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE application = 'app_b' AND field = 'client_secret') WHERE application = 'app_a' AND field = 'client_secret'`,
		"to another field":       `UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE application = 'app_a' AND field = 'client_secret') WHERE application = 'app_a' AND field = 'subscription_key'`,
		"to another workspace":   `PRAGMA foreign_keys = OFF; UPDATE credentials SET workspace = 'v' WHERE id = 'a'; UPDATE applications SET workspace = 'v' WHERE id = 'app_a'; UPDATE secrets SET workspace = 'v' WHERE application = 'app_a'`,
		"changed":                `UPDATE secrets SET sealed = CAST(sealed || x'00' AS BLOB) WHERE application = 'app_a'`,
	}
	for name, move := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			s := open(t, sqlite.Config{Path: path})
			require.NoError(t, storetest.SaveWithAudit(s, "a"))
			require.NoError(t, storetest.SaveWithAudit(s, "b"))
			_, err := openRaw(t, path).Exec(move)
			require.NoError(t, err)
			workspace := queryOne[string](t, path, "SELECT workspace FROM credentials WHERE id = 'a'")
			err = s.View(t.Context(), func(r store.Reader) error {
				_, err := r.Secrets(workspace, "a")
				return err
			})
			assert.ErrorIs(t, err, seal.ErrSealed)
			assert.ErrorContains(t, err, "credential a")
		})
	}
}

func TestAuditEntriesAreImmutable(t *testing.T) {
	t.Parallel()
	for _, tamper := range []string{"UPDATE audit SET detail = 'x' WHERE sequence = 3", "DELETE FROM audit WHERE sequence = 3"} {
		path := filepath.Join(t.TempDir(), "store.db")
		s := open(t, sqlite.Config{Path: path})
		var previous *audit.Entry
		for i := range 5 {
			// A time in another zone, finer than the chain stores.
			at := time.Date(2031, 1, 2, 3, 4, 5, 987654321+i, time.FixedZone("", -3600))
			entry := audit.Link(previous, audit.Entry{
				At: at, Workspace: "w", CallerKind: paycor.CallerOperator, CallerName: "Ünïcode\n", Action: audit.ActionVerify,
				Fields: []fields.Field{fields.Scope}, Outcome: "done",
			})
			require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error { return tx.AppendAudit(entry) }))
			previous = &entry
		}
		require.NoError(t, testkit.CheckTrail(nil, auditTrailOf(t, s)))

		db := openRaw(t, path)
		_, err := db.Exec(tamper)
		assert.ErrorContains(t, err, "audit entries are never")
		_, err = db.Exec("DROP TRIGGER audit_keeps_words; DROP TRIGGER audit_keeps_entries; " + tamper)
		require.NoError(t, err)
		assert.ErrorContains(t, testkit.CheckTrail(nil, auditTrailOf(t, s)), "(3, ", "the chain detects changes that bypass the triggers")
	}
}

// Every acknowledged update has been synced.
func TestEveryUpdateIsSynced(t *testing.T) {
	countSyncs(t)
	s := open(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db")})
	for i := range 10 {
		before := syncs.Load()
		require.NoError(t, storetest.SaveWithAudit(s, string(rune('a'+i))))
		assert.Greater(t, syncs.Load(), before)
	}
}
