package sqlite_test

import (
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// applicationsVersion is the schema that first has applications.
const applicationsVersion = 16

// older writes rows of an older schema. Columns that the schema lacks are left out.
type older struct {
	t      *testing.T
	db     *sql.DB
	sealer *seal.Sealer
}

func newOlder(t *testing.T, path string) older {
	t.Helper()
	db := openRaw(t, path)
	kek, err := seal.OpenKeyFile(keyFileOf(path))
	require.NoError(t, err)
	var wrapped seal.Wrapped
	require.NoError(t, db.QueryRow(`SELECT sealing, fingerprints FROM keysets`).Scan(&wrapped.Values, &wrapped.Fingerprints))
	sealer, err := seal.Load(kek, wrapped)
	require.NoError(t, err)
	return older{t, db, sealer}
}

func (o older) insert(table string, row map[string]any) {
	o.t.Helper()
	var columns, marks []string
	var values []any
	for _, column := range slices.Sorted(maps.Keys(row)) {
		var found int
		require.NoError(o.t, o.db.QueryRow(`SELECT count(*) FROM pragma_table_info(?) WHERE name = ?`, table, column).Scan(&found))
		if found == 1 {
			columns, marks, values = append(columns, column), append(marks, "?"), append(values, row[column])
		}
	}
	if len(columns) > 0 { // there is such a table
		_, err := o.db.Exec(`INSERT INTO `+table+` (`+strings.Join(columns, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`, values...)
		require.NoError(o.t, err)
	}
}

// credential inserts a credential with its secrets, by field.
func (o older) credential(workspace, id, clientID string, secrets map[fields.Field]string, more map[string]any) {
	o.t.Helper()
	row := map[string]any{
		"workspace": workspace, "id": id, "version": 3, "name_key": id, "search": id, "name": id, "description": "", "environment": "production",
		"grant_type": "client_credentials", "client_id": clientID, "legal_entity_id": 501123, "legal_entity_name": "", "scope": "",
		"created_at": day(1), "updated_at": day(1), "last_used_at": "",
	}
	maps.Copy(row, more)
	o.insert("credentials", row)
	for field, value := range secrets {
		sealed, err := o.sealer.Seal(seal.AAD{Workspace: workspace, Owner: id, Field: field, Version: 1}, paycor.NewSecret(value))
		require.NoError(o.t, err)
		saved, found := more["saved:"+string(field)]
		if !found {
			saved = day(1)
		}
		o.insert("secrets", map[string]any{"workspace": workspace, "credential": id, "field": string(field), "sealed": sealed, "saved_at": saved})
	}
}

// day returns a time in a column.
func day(day int) string { return fmt.Sprintf("2026-03-%02dT12:00:00.000000000Z", day) }

func keys(secret string, more ...string) map[fields.Field]string {
	found := map[fields.Field]string{fields.ClientSecret: secret, fields.SubscriptionKey: "key"}
	for i := 0; i < len(more); i += 2 {
		found[fields.Field(more[i])] = more[i+1]
	}
	return found
}

// pending returns the columns of a credential with a pending secret.
func pending(at int) map[string]any {
	return map[string]any{
		"rotation":  `{"state":"pending","values":[{"field":"client_secret","saved_at":"2026-03-02T12:00:00Z"}],"keep":"day","began_at":"2026-03-02T12:00:00Z"}`,
		"rotate_by": fmt.Sprintf("2027-01-%02d", at),
	}
}

// Credentials of every older schema become one application if their values and secrets
// are equal, and stay apart otherwise. No secret is lost, and of several tokens the ones
// that work are kept.
func TestEqualCredentialsBecomeOneApplication(t *testing.T) {
	t.Parallel()
	for version := 1; version < applicationsVersion; version++ {
		t.Run(fmt.Sprint("schema ", version), func(t *testing.T) {
			t.Parallel()
			path := olderDatabase(t, version)
			o := newOlder(t, path)
			fillOlder(o)
			hasTokens, hasRotation := version >= 2, version >= 4

			var log strings.Builder
			s := open(t, sqlite.Config{Path: path, Migrate: true, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			assert.Contains(t, log.String(), `msg="migrating the database"`, "a long migration says what it does")
			assert.Contains(t, log.String(), "step=0016_applications.sql")
			require.NotEmpty(t, s.Migration().Copy, "a copy was made before")
			found, secrets := map[string]paycor.Credential{}, map[string]store.Secrets{}
			require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
				page, err := r.Credentials("w", paycor.Query{Limit: 200}, nil)
				for _, c := range page.Credentials {
					found[c.ID] = c
					secrets[c.ID], _ = r.Secrets("w", c.ID)
				}
				_, unreadable := r.Secrets("w", "unreadable 2")
				assert.ErrorIs(t, unreadable, seal.ErrSealed)
				return err
			}))
			together := func(ids ...string) {
				t.Helper()
				for _, id := range ids[1:] {
					assert.Equal(t, found[ids[0]].ApplicationID, found[id].ApplicationID, id)
					assert.Equal(t, secrets[ids[0]], secrets[id], id)
				}
			}
			apart := func(ids ...string) {
				t.Helper()
				for i, id := range ids[1:] {
					assert.NotContains(t, []string{"", found[ids[i]].ApplicationID}, found[id].ApplicationID, id)
				}
			}
			together("equal 1", "equal 2", "equal 3 restricted")
			assert.Equal(t, "equal", secrets["equal 3 restricted"][fields.ClientSecret].Reveal())
			assert.Equal(t, day(1), found["equal 1"].ClientSecretSavedAt.Format("2006-01-02T15:04:05.000000000Z"), "the first time")
			assert.Equal(t, int64(3), found["equal 2"].Version)
			if version >= 6 {
				assert.NotNil(t, found["equal 3 restricted"].Sharing)
				assert.Nil(t, found["equal 1"].Sharing)
			}
			apart("differing 1", "differing 2")
			assert.Equal(t, "one", secrets["differing 1"][fields.ClientSecret].Reveal())
			assert.Equal(t, "two", secrets["differing 2"][fields.ClientSecret].Reveal())
			apart("equal 1", "scope")
			apart("none 1", "none 2")
			apart("unreadable 1", "unreadable 2")
			assert.Equal(t, "readable", secrets["unreadable 1"][fields.ClientSecret].Reveal())
			assert.Equal(t, "key", secrets["unreadable 2"][fields.SubscriptionKey].Reveal(), "what can be read stays")

			together("activated 1", "activated 2", "activated 3 used")
			if hasTokens {
				c := found["activated 1"]
				assert.Equal(t, "refresh 2", secrets["activated 1"][fields.RefreshToken].Reveal(), "the latest activation that works")
				assert.Equal(t, "access 2", secrets["activated 1"][fields.AccessToken].Reveal())
				assert.Equal(t, "Bob", c.ActivatedBy)
				assert.Equal(t, 20, c.ActivatedAt.Day())
				assert.True(t, c.HasRefreshToken)
				together("renewed 1", "renewed 2")
				assert.Equal(t, "refresh later", secrets["renewed 1"][fields.RefreshToken].Reveal(), "the refresh token that was renewed last")
				require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
					state, err := r.TokenState("w", "activated 3 used")
					assert.Equal(t, int64(2), state.Epoch)
					assert.Empty(t, state.RefreshTokenError)
					return err
				}))
			}
			if hasRotation {
				together("rotating 1", "rotating 2", "rotating 3")
				assert.Equal(t, paycor.RotationPending, found["rotating 1"].Rotation.State)
				assert.Equal(t, "next", secrets["rotating 3"][fields.ClientSecretPending].Reveal())
				assert.Equal(t, paycor.Day("2027-01-02"), found["rotating 1"].RotateBy, "the earliest date")
				apart("two rotations 1", "two rotations 2")
				assert.Equal(t, "next one", secrets["two rotations 1"][fields.ClientSecretPending].Reveal())
				assert.Equal(t, "next two", secrets["two rotations 2"][fields.ClientSecretPending].Reveal())
				assert.Contains(t, []string{found["two rotations 1"].ApplicationID, found["two rotations 2"].ApplicationID}, found["two rotations 3"].ApplicationID)
			}
			require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
				other, err := r.Credential("other", "equal 1")
				assert.NotEqual(t, found["equal 1"].ApplicationID, other.ApplicationID)
				return err
			}))
			assert.Zero(t, queryOne[int](t, path, `SELECT count(*) FROM applications a WHERE NOT EXISTS
				(SELECT 1 FROM credentials c WHERE c.workspace = a.workspace AND c.application = a.id)`))
			inspection := inspect(t, path)
			assert.NoError(t, inspection.integrity)
			assert.Len(t, inspection.unopened, 1)
			for id := range found {
				assert.NotContains(t, found[id].ApplicationID, id, "the ID reveals no credential")
			}

			// The table of credentials is built again: what refers to it is still there, and
			// goes with its credential.
			const uses = `SELECT count(*) FROM use_hours`
			if version >= 3 {
				assert.Equal(t, 1, queryOne[int](t, path, uses))
			}
			require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error { return tx.DeleteCredential("w", "scope", 3) }))
			assert.Zero(t, queryOne[int](t, path, uses))
			assert.Zero(t, queryOne[int](t, path, `SELECT count(*) FROM secrets WHERE application = '`+found["scope"].ApplicationID+`'`))
		})
	}
}

// fillOlder inserts the credentials of TestEqualCredentialsBecomeOneApplication.
func fillOlder(o older) {
	o.credential("w", "equal 1", "c-equal", keys("equal"), nil)
	o.credential("w", "equal 2", "c-equal", keys("equal"), map[string]any{"saved:client_secret": day(5)})
	o.credential("w", "equal 3 restricted", "c-equal", keys("equal"), map[string]any{"owner": "person p", "shared": "[]"})
	o.credential("w", "scope", "c-equal", keys("equal"), map[string]any{"scope": "another"})
	o.insert("use_hours", map[string]any{
		"workspace": "w", "credential": "scope", "hour": day(1), "caller_kind": "consumer", "caller_id": "t", "caller_name": "t",
		"done": 1, "refused": 0, "throttled": 0, "failed": 0, "aborted": 0, "last_used_at": day(1),
	})
	o.credential("other", "equal 1", "c-equal", keys("equal"), nil)
	o.credential("w", "differing 1", "c-differing", keys("one"), nil)
	o.credential("w", "differing 2", "c-differing", keys("two"), nil)
	o.credential("w", "none 1", "c-none", nil, nil)
	o.credential("w", "none 2", "c-none", nil, nil)
	o.credential("w", "unreadable 1", "c-unreadable", keys("readable"), nil)
	o.credential("w", "unreadable 2", "c-unreadable", keys("readable"), nil)
	_, err := o.db.Exec(`UPDATE secrets SET sealed = x'0102' WHERE credential = 'unreadable 2' AND field = 'client_secret'`)
	require.NoError(o.t, err)

	activated := func(id, clientID, name, by string, at, saved int, ended string) {
		o.credential("w", id, clientID, keys("activated", "access_token", "access "+name, "refresh_token", "refresh "+name),
			map[string]any{"grant_type": "authorization_code", "activated_at": day(at), "activated_by": by, "saved:refresh_token": day(saved)})
		o.insert("holdings", map[string]any{
			"workspace": "w", "credential": id, "epoch": at / 10, "expires_at": day(saved), "renew_at": day(saved), "refused_at": "", "ended": ended,
			"lease_owner": "", "lease_ends_at": "", "began_at": "",
		})
	}
	activated("activated 1", "c-activated", "1", "Ann", 10, 25, "")
	activated("activated 2", "c-activated", "2", "Bob", 20, 21, "")
	activated("activated 3 used", "c-activated", "3", "Eve", 28, 28, "refresh_token_used")
	activated("renewed 1", "c-renewed", "earlier", "Ann", 10, 11, "")
	activated("renewed 2", "c-renewed", "later", "Ann", 10, 12, "")

	o.credential("w", "rotating 1", "c-rotating", keys("rotating"), map[string]any{"rotate_by": "2027-01-09"})
	o.credential("w", "rotating 2", "c-rotating", keys("rotating", "client_secret_pending", "next"), pending(2))
	o.credential("w", "rotating 3", "c-rotating", keys("rotating"), nil)
	o.credential("w", "two rotations 1", "c-two", keys("rotating", "client_secret_pending", "next one"), pending(2))
	o.credential("w", "two rotations 2", "c-two", keys("rotating", "client_secret_pending", "next two"), pending(2))
	o.credential("w", "two rotations 3", "c-two", keys("rotating"), nil)
}
