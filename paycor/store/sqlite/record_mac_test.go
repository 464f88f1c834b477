package sqlite_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// authority are the records that give authority, with how each is read when it is used.
var authority = map[store.Record]struct {
	table string
	read  func(store.Reader) error
}{
	store.RecordAPIToken:       {"tokens", func(r store.Reader) error { _, err := r.APIToken([]byte("token")); return err }},
	store.RecordSession:        {"sessions", func(r store.Reader) error { _, err := r.Session([]byte("session")); return err }},
	store.RecordSignInLink:     {"sign_in_links", func(r store.Reader) error { _, err := r.SignInLink([]byte("link")); return err }},
	store.RecordActivationLink: {"activation_links", func(r store.Reader) error { _, err := r.ActivationLink([]byte("activation")); return err }},
	store.RecordEmbedHost:      {"hosts", func(r store.Reader) error { _, err := r.EmbedHost("host"); return err }},
	store.RecordEmbedTenant:    {"embed_tenants", func(r store.Reader) error { _, err := r.EmbedTenant("host", "acme"); return err }},
	store.RecordEmbedToken:     {"embed_tokens", func(r store.Reader) error { _, err := r.EmbedToken([]byte("once")); return err }},
	store.RecordEmbedSession:   {"embed_sessions", func(r store.Reader) error { _, err := r.EmbedSession([]byte("embedded")); return err }},
}

// newAuthority creates a database with one record of each kind, and returns its path.
func newAuthority(t *testing.T) string {
	t.Helper()
	path := newDatabase(t)
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, insertAuthority(t, s))
	require.NoError(t, s.Close())
	return path
}

func insertAuthority(t *testing.T, s store.Store) error {
	t.Helper()
	at := time.Date(2026, 11, 29, 1, 2, 3, 0, time.UTC)
	caller := paycor.Caller{Kind: paycor.CallerPerson, ID: "ann", Workspace: "w", Rights: paycor.Rights{paycor.RightView}}
	return s.Update(t.Context(), func(tx store.Tx) error {
		for _, err := range []error{
			tx.InsertAPIToken(store.APIToken{ID: "t", Hash: []byte("token"), Workspace: "w", Rights: caller.Rights, Credentials: []string{"c"}, CreatedAt: at, ExpiresAt: at}),
			tx.InsertSession(store.Session{Hash: []byte("session"), ID: "s", Caller: caller, CreatedAt: at, ExpiresAt: at}),
			tx.InsertSignInLink(store.SignInLink{Hash: []byte("link"), CreatedAt: at, ExpiresAt: at}),
			tx.InsertCredential("w", paycor.Credential{ID: "c", ApplicationID: "app_c"}, nil),
			tx.InsertCredential("w", paycor.Credential{ID: "d", ApplicationID: "app_d"}, nil),
			tx.InsertActivationLink(store.ActivationLink{Hash: []byte("activation"), Workspace: "w", Credential: "c",
				Link: activation.Link{ID: "l", CreatedAt: at, CreatedBy: "Ann", ExpiresAt: at}}),
			tx.InsertEmbedHost(embed.Host{ID: "host", Workspace: "w", Name: "h", Origins: []string{"https://a.example"}, Rights: caller.Rights, CreatedAt: at, Version: 1}),
			tx.InsertEmbedTenant("host", embed.Tenant{ID: "acme", Workspace: "w", Rights: caller.Rights, CreatedAt: at}),
			tx.InsertEmbedToken(store.EmbedToken{Hash: []byte("once"), Host: "host", Origin: "https://a.example", APIToken: "t", Caller: caller, CreatedAt: at, ExpiresAt: at}),
			tx.InsertEmbedSession(store.EmbedSession{Hash: []byte("embedded"), Host: "host", Origin: "https://a.example", Caller: caller, CreatedAt: at, ExpiresAt: at}),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// columnsOf lists a table's columns.
func columnsOf(t *testing.T, path, table string) (columns []string) {
	t.Helper()
	rows, err := openRaw(t, path).Query("SELECT name FROM pragma_table_info('" + table + "')")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var column string
		require.NoError(t, rows.Scan(&column))
		columns = append(columns, column)
	}
	require.NoError(t, rows.Err())
	require.NotEmpty(t, columns)
	return columns
}

// Changing any column of a record by hand makes the store refuse it, except for the
// times of last use.
func TestAlteredRecordsAreRefused(t *testing.T) {
	t.Parallel()
	for record, kind := range authority {
		path := newAuthority(t)
		for _, column := range columnsOf(t, path, kind.table) {
			t.Run(fmt.Sprint(record, " ", column), func(t *testing.T) {
				t.Parallel()
				path := newAuthority(t)
				change := "PRAGMA foreign_keys = OFF; UPDATE " + kind.table + " SET " + column + " = "
				switch column {
				case "hash":
					change += "CAST(hash || 'x' AS BLOB)"
				case "mac":
					change += "x''"
				case "version", "sign_in":
					change += column + " + 1"
				case "hint", "session_hash":
					change += "x'01'"
				case "rights", "credentials", "origins":
					change += `'["admin"]'`
				case "caller":
					change += `'{"Rights":["admin"]}'`
				case "id":
					change += "id" // the statement below inserts another row
				default:
					if column == "host" || column == "name" || column == "workspace" || column == "origin" || column == "person" || column == "credential" || column == "tenant" {
						change += "'other'"
					} else {
						change += "'2030-01-01T00:00:00.000000000Z'"
					}
				}
				_, err := openRaw(t, path).Exec(change)
				require.NoError(t, err)
				s := open(t, sqlite.Config{Path: path})
				err = s.View(t.Context(), kind.read)
				altered, listErr := s.AlteredRecords(t.Context())
				require.NoError(t, listErr)
				switch column {
				case "last_used_at", "seen_at", "id":
					assert.NoError(t, err)
					assert.Empty(t, altered)
				case "hash":
					assert.ErrorIs(t, err, store.ErrNotFound)
					assert.Len(t, altered, 1)
				default:
					found := &store.AlteredError{}
					require.ErrorAs(t, err, &found)
					assert.Equal(t, record, found.Record)
					assert.Equal(t, []*store.AlteredError{found}, altered)
				}
			})
		}
	}
}

// A row that is copied to another id, as an attacker without the key can, is refused.
func TestInsertedRecordIsRefused(t *testing.T) {
	t.Parallel()
	path := newAuthority(t)
	_, err := openRaw(t, path).Exec(`INSERT INTO tokens SELECT CAST('planted' AS BLOB), 'planted', name, workspace, '["admin"]', NULL, created_at,
		expires_at, created_by, last_used_at, revoked_at, revoked_by, mac FROM tokens`)
	require.NoError(t, err)
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
		_, err := r.APIToken([]byte("planted"))
		assert.ErrorAs(t, err, new(*store.AlteredError))
		_, err = r.APIToken([]byte("token"))
		assert.NoError(t, err)
		tokens, err := r.APITokens("w", store.APITokenPosition{}, 100)
		for _, token := range tokens {
			assert.Equal(t, token.ID == "planted", token.Altered, token.ID)
		}
		return err
	}))
	// It can be revoked; then it is a revoked token as any other.
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error { return tx.RevokeAPIToken("w", "planted", time.Now(), "Ann") }))
	altered, err := s.AlteredRecords(t.Context())
	require.NoError(t, err)
	assert.Empty(t, altered)
}

// A migration authenticates the records that exist, and records that it did so. Records
// that had been altered before remain refused.
func TestMigrationAuthenticatesRecords(t *testing.T) {
	t.Parallel()
	path := olderDatabase(t, 9)
	_, err := openRaw(t, path).Exec(`INSERT INTO tokens (hash, id, name, workspace, rights, credentials, created_at, expires_at)
		VALUES (CAST('token' AS BLOB), 't', 'n', 'w', '["view"]', NULL, '', '')`)
	require.NoError(t, err)
	s := open(t, sqlite.Config{Path: path, Migrate: true})
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
		last, err := r.LastAuditEntry()
		assert.NoError(t, err)
		assert.Equal(t, audit.ActionMigrate, last.Action)
		assert.Equal(t, fmt.Sprintf("9 %d 1", s.Migration().To), last.Detail)
		return authority[store.RecordAPIToken].read(r)
	}))
	require.NoError(t, s.Close())

	_, err = openRaw(t, path).Exec(`INSERT INTO tokens (hash, id, name, workspace, rights, credentials, created_at, expires_at)
		VALUES (CAST('planted' AS BLOB), 'planted', 'n', 'w', '["admin"]', NULL, '', '')`)
	require.NoError(t, err)
	newer := newerMigrations(t, 1)
	newer["migrations/9999_column.sql"] = newer["migrations/9000_newer.sql"]
	file := *newer["migrations/9000_newer.sql"]
	file.Data = []byte("ALTER TABLE tokens ADD COLUMN networks TEXT NOT NULL DEFAULT ''")
	newer["migrations/9999_column.sql"] = &file
	s = open(t, sqlite.WithMigrations(sqlite.Config{Path: path, Migrate: true}, newer))
	require.NoError(t, s.View(t.Context(), authority[store.RecordAPIToken].read))
	altered, err := s.AlteredRecords(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*store.AlteredError{{Record: store.RecordAPIToken, ID: "planted", Workspace: "w"}}, altered)
}
