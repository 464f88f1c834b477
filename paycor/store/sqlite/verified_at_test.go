package sqlite_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// When a credential was last verified is known from the verdict of an older version.
func TestMigratedCredentialsKnowWhenTheyWereVerified(t *testing.T) {
	t.Parallel()
	path := olderDatabase(t, 9)
	insert := func(id, settled string) {
		_, err := openRaw(t, path).Exec(`
			INSERT INTO credentials (workspace, id, version, name_key, search, name, description, environment, grant_type, client_id,
				legal_entity_id, legal_entity_name, scope, created_at, updated_at, last_used_at, settled)
				VALUES ('w', ?, 1, 'a', 'a', 'a', '', '', '', '', 0, '', '', '', '', '', ?)`, id, settled)
		require.NoError(t, err)
	}
	insert("verified", `{"outcome":"verified","code":"verified","checked_at":"2026-03-01T12:00:05.25Z"}`)
	insert("whole", `{"outcome":"verified","code":"verified","checked_at":"2026-03-01T12:00:05Z"}`)
	insert("rejected", `{"outcome":"rejected","code":"client_rejected","checked_at":"2026-03-01T12:00:05.25Z"}`)
	insert("timeless", `{"outcome":"verified","code":"verified"}`)
	at := time.Date(2026, 3, 1, 12, 0, 5, 0, time.UTC)
	s := open(t, sqlite.Config{Path: path, Migrate: true})
	for id, want := range map[string]time.Time{"verified": at, "whole": at, "rejected": {}, "timeless": {}} {
		var found paycor.Credential
		require.NoError(t, s.View(t.Context(), func(r store.Reader) (err error) {
			found, err = r.Credential("w", id)
			return err
		}))
		assert.Equal(t, want, found.VerifiedAt, id)
	}
}
