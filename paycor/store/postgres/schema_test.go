package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/storetest"
	"paycorcred/paycor/testkit"
)

// connect connects to a database directly.
func connect(t testing.TB, config postgres.Config) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), config.URL)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// run runs a statement on a database directly.
func run(t testing.TB, config postgres.Config, statement string) {
	t.Helper()
	_, err := connect(t, config).Exec(t.Context(), statement)
	require.NoError(t, err)
}

func TestOnlyThoseWhoMayMigrateChangeTheSchema(t *testing.T) {
	t.Parallel()
	config := emptyConfig(t)
	config.Migrate = false
	_, err := postgres.Open(t.Context(), config)
	require.ErrorContains(t, err, "store.postgres-empty")
	assert.NoFileExists(t, config.KeyFile)

	config.Migrate = true
	s := open(t, config)
	assert.Equal(t, 0, s.Migration().From)
	require.NoError(t, s.Close())
	config.Migrate = false
	s = open(t, config)
	require.NoError(t, s.Ping(t.Context()))

	run(t, config, `UPDATE schema_version SET version = version + 1, oldest = version + 1`)
	foreign := &store.SchemaError{}
	require.ErrorAs(t, s.CheckSchema(t.Context()), &foreign)
	assert.Equal(t, foreign.Own+1, foreign.Found)
	require.ErrorAs(t, s.Ping(t.Context()), &foreign)
	config.Migrate = true
	_, err = postgres.Open(t.Context(), config)
	require.ErrorAs(t, err, &foreign, "of a newer version")
}

// While servers are replaced, those of the version before serve beside those of a version that
// has added columns and tables, and start again there.
func TestTwoVersionsServeSideBySide(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	token := func(id string) store.APIToken {
		return store.APIToken{ID: id, Hash: []byte(id), Name: "nightly", Workspace: "w", Rights: paycor.Rights{paycor.RightView}}
	}
	insert := func(s store.Store, id string) {
		t.Helper()
		require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error { return tx.InsertAPIToken(token(id)) }))
	}
	require.NoError(t, open(t, config).Close())
	config.Migrate, config.Replica = false, "1.2"
	running := open(t, config)
	insert(running, "before")
	rules := func() (rules int) {
		require.NoError(t, connect(t, config).QueryRow(t.Context(), `SELECT rules FROM search_rules`).Scan(&rules))
		return rules
	}
	before := rules()
	run(t, config, `ALTER TABLE tokens ADD COLUMN networks text COLLATE "C" NOT NULL DEFAULT '', ADD COLUMN calls bigint NOT NULL DEFAULT 0, ADD COLUMN shown boolean NOT NULL DEFAULT false;
		ALTER TABLE search_documents ADD COLUMN owner_key text COLLATE "C" NOT NULL DEFAULT '';
		CREATE TABLE networks (id text PRIMARY KEY);
		UPDATE search_rules SET rules = rules + 1;
		UPDATE schema_version SET version = version + 1`)
	restarted := open(t, config)
	assert.Equal(t, running.Migration().To, restarted.Migration().To)
	insert(running, "after")
	insert(restarted, "restarted")
	require.NoError(t, storetest.SaveWithAudit(running, "a"))
	requireSaved(t, restarted, []string{"a"})
	require.Positive(t, before)
	for _, s := range []*postgres.DB{running, restarted} {
		require.NoError(t, s.CheckSchema(t.Context()))
		require.NoError(t, s.Ping(t.Context()))
		altered, err := s.AlteredRecords(t.Context())
		require.NoError(t, err)
		assert.Empty(t, altered)
		for _, id := range []string{"before", "after", "restarted"} {
			require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
				_, err := r.APIToken([]byte(id))
				return err
			}), id)
		}
	}
	assert.Equal(t, before, rules(), "the next start of the later version makes the documents of these again")
	inspector, err := postgres.OpenInspector(t.Context(), config)
	require.NoError(t, err)
	defer inspector.Close()
	command := config
	command.Replica = ""
	_, err = postgres.Open(t.Context(), command)
	require.ErrorAs(t, err, new(*store.SchemaError), "a command may touch what this version does not know")
	copied := emptyConfig(t)
	copied.KeyFile, copied.Source = config.KeyFile, inspector
	_, err = postgres.Open(t.Context(), copied)
	require.ErrorAs(t, err, new(*store.SchemaError), "a copy would lack what this version does not know")

	// What this version does not get along with comes one release later.
	run(t, config, `UPDATE schema_version SET oldest = version`)
	require.ErrorAs(t, running.CheckSchema(t.Context()), new(*store.SchemaError))
	_, err = postgres.Open(t.Context(), config)
	require.ErrorAs(t, err, new(*store.SchemaError))
}

// A migration waits for a table that another process uses, which waits for what the migration
// has locked. PostgreSQL ends the migration, and it starts again.
func TestAMigrationThatIsEndedByADeadlockStartsAgain(t *testing.T) {
	t.Parallel()
	config, output := newConfig(t), &testkit.Output{}
	config.Logger = slog.New(slog.NewTextHandler(output, nil))
	other := connect(t, config)
	execute := func(statement string) {
		t.Helper()
		_, err := other.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	// The migration is to find the deadlock, some time after the other process waits.
	execute(`SET deadlock_timeout = '1h'`)
	run(t, config, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = %L', current_database(), '5s'); END $$`)
	execute(`BEGIN; LOCK TABLE schema_version`)
	opened := make(chan error, 1)
	go func() {
		s, err := postgres.Open(t.Context(), config)
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	watcher := connect(t, config)
	require.Eventually(t, func() bool {
		var waits bool
		return watcher.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'schema_version'::regclass)`).Scan(&waits) == nil && waits
	}, time.Minute, 10*time.Millisecond)
	execute(fmt.Sprintf(`SELECT pg_advisory_xact_lock(%d)`, postgres.MigrationLock))
	execute(`ROLLBACK`)
	require.NoError(t, <-opened)
	assert.Equal(t, 1, strings.Count(output.String(), "preparing it again"), "%s", output)
}

// A database of each earlier schema is upgraded, with its keys and records.
func TestUpgradesFromEverySchema(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/*.sql")
	require.NoError(t, err)
	config := newConfig(t)
	require.NoError(t, open(t, config).Close())
	conn := connect(t, config)
	var keys []byte
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT json_agg(k) FROM keysets k`).Scan(&keys))
	for from := 1; from < len(files); from++ {
		_, err := conn.Exec(t.Context(), `DO $$ DECLARE name text; BEGIN
			FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP EXECUTE 'DROP TABLE ' || quote_ident(name) || ' CASCADE'; END LOOP;
			FOR name IN SELECT p.oid::regprocedure::text FROM pg_proc p WHERE pronamespace = current_schema()::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
			LOOP EXECUTE 'DROP FUNCTION ' || name || ' CASCADE'; END LOOP; END $$`)
		require.NoError(t, err)
		for _, file := range files[:from] {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			_, err = conn.Exec(t.Context(), string(text))
			require.NoError(t, err, file)
		}
		_, err = conn.Exec(t.Context(), `UPDATE schema_version SET version = `+strconv.Itoa(from))
		require.NoError(t, err)
		_, err = conn.Exec(t.Context(), `INSERT INTO keysets SELECT * FROM json_populate_recordset(null::keysets, $1)`, string(keys))
		require.NoError(t, err)
		s := open(t, config)
		assert.Equal(t, store.Migration{From: from, To: len(files)}, s.Migration())
		require.NoError(t, s.Ping(t.Context()))
		require.NoError(t, storetest.SaveWithAudit(s, "a"))
		require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
			_, err := r.Secrets("w", "a")
			return err
		}))
		require.NoError(t, s.Close())
	}
}

func TestForeignDatabase(t *testing.T) {
	t.Parallel()
	config := emptyConfig(t)
	run(t, config, `CREATE TABLE invoices (id bigint)`)
	_, err := postgres.Open(t.Context(), config)
	require.ErrorContains(t, err, "store.postgres-foreign")
	require.ErrorContains(t, err, "invoices")
	assert.NoFileExists(t, config.KeyFile)
	assert.NoFileExists(t, config.KeyFile+".begun")
}

// The key file is never made for a database that has keys, nor the other way round.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	config := emptyConfig(t)
	require.NoError(t, open(t, config).Close())
	elsewhere := config
	elsewhere.KeyFile = filepath.Join(t.TempDir(), "other.key")
	_, err := postgres.Open(t.Context(), elsewhere)
	require.ErrorContains(t, err, "store.key-missing")
	assert.NoFileExists(t, elsewhere.KeyFile)

	empty := emptyConfig(t)
	empty.KeyFile = config.KeyFile
	_, err = postgres.Open(t.Context(), empty)
	require.ErrorContains(t, err, "store.postgres-empty-with-key")
	require.NoError(t, open(t, config).Close(), "the key still fits its database")
}

func TestUnreachableDatabase(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ url, want string }{
		"nothing listens": {"postgres://ann:hunter2@127.0.0.1:1/none?connect_timeout=5", "store.postgres-unreachable"},
		"not a URL":       {"postgres://ann:hunter2@127.0.0.1:port/none", "store.postgres-url"},
	} {
		_, err := postgres.Open(t.Context(), postgres.Config{URL: test.url, KeyFile: filepath.Join(t.TempDir(), "store.key"), Migrate: true})
		require.ErrorContains(t, err, test.want, name)
		assert.NotContains(t, err.Error(), "hunter2", name)
	}
}

// A server that accepts connections and says nothing does not keep a command forever.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	for _, config := range []postgres.Config{
		{URL: "postgres://ann@" + listener.Addr().String() + "/x", Wait: 50 * time.Millisecond},
		{URL: "postgres://ann@" + listener.Addr().String() + "/x?connect_timeout=1"},
	} {
		config.KeyFile = filepath.Join(t.TempDir(), "store.key")
		_, err = postgres.Open(t.Context(), config)
		require.ErrorContains(t, err, "store.postgres-unreachable")
		_, err = postgres.OpenInspector(t.Context(), config)
		require.ErrorContains(t, err, "store.postgres-unreachable")
	}
}

func TestDatabaseThatDoesNotExist(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	run(t, config, `SELECT 1`)
	before, after, _ := strings.Cut(config.URL, "/test_")
	config.URL = before + "/none_" + after
	_, err := postgres.Open(t.Context(), config)
	require.ErrorContains(t, err, "store.postgres-access")
}

// A row that was written with SQL gives no authority.
func TestAlteredRecords(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	token := store.APIToken{ID: "t", Hash: []byte("hash"), Name: "nightly", Workspace: "w", Rights: paycor.Rights{paycor.RightView}}
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error { return tx.InsertAPIToken(token) }))
	altered, err := s.AlteredRecords(t.Context())
	require.NoError(t, err)
	assert.Empty(t, altered)
	run(t, config, `UPDATE tokens SET rights = '["admin"]'`)
	altered, err = s.AlteredRecords(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*store.AlteredError{{Record: store.RecordAPIToken, ID: "t", Workspace: "w"}}, altered)
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
		_, err := r.APIToken(token.Hash)
		assert.ErrorAs(t, err, new(*store.AlteredError))
		return nil
	}))
}

// The trail keeps what it has, even from a user of the database.
func TestAuditEntriesStay(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	require.NoError(t, storetest.SaveWithAudit(s, "a"))
	for _, statement := range []string{`DELETE FROM audit`, `UPDATE audit SET caller_name = 'x'`, `TRUNCATE audit`} {
		_, err := connect(t, config).Exec(t.Context(), statement)
		require.ErrorContains(t, err, "audit entries are never", statement)
	}
	requireSaved(t, s, []string{"a"})
}

// A damaged value leaves out one credential and not the list.
func TestDamagedValue(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	for _, id := range []string{"a", "b", "c"} {
		require.NoError(t, storetest.SaveWithAudit(s, id))
	}
	run(t, config, `UPDATE credentials SET verdict = '{"outcome":', shared = 'x' WHERE id = 'b'`)
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
		page, err := r.Credentials("w", paycor.Query{}, nil)
		assert.Len(t, page.Credentials, 3)
		assert.Equal(t, &paycor.Sharing{People: []string{}, Groups: []string{}}, page.Credentials[1].Sharing, "what cannot be read lets nobody in")
		return err
	}))
}

// Without the extension pg_trgm, a search reads the texts and finds the same.
func TestSearchWithoutExtension(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	require.NoError(t, storetest.SaveWithAudit(s, "payroll 100%"))
	require.NoError(t, storetest.SaveWithAudit(s, "payroll 1000"))
	search := func(text string) (found int) {
		require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
			page, err := r.Credentials("w", paycor.Query{Search: text}, nil)
			found = page.Total
			return err
		}))
		return found
	}
	for _, with := range []string{"with the extension", "without it"} {
		assert.Equal(t, 2, search("payroll"), with)
		assert.Equal(t, 1, search("100%"), with)
		assert.Equal(t, 1, search("p 1000"), with)
		assert.Equal(t, 0, search("pay_oll"), with)
		run(t, config, `DROP EXTENSION IF EXISTS pg_trgm CASCADE`)
	}
}

// The times of a process with another clock, or of a database with another time zone, do
// not matter.
func TestTimesAreExact(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	run(t, config, fmt.Sprintf(`ALTER DATABASE %q SET timezone = 'Asia/Kathmandu'`, strings.TrimPrefix(databaseOf(t, config), "/")))
	s := open(t, config)
	used := time.Date(2031, 5, 6, 7, 8, 9, 123456789, time.FixedZone("", 3600))
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		return tx.InsertAPIToken(store.APIToken{ID: "t", Hash: []byte("h"), Workspace: "w", LastUsedAt: used})
	}))
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
		token, err := r.APIToken([]byte("h"))
		assert.Equal(t, used.UTC(), token.LastUsedAt)
		return err
	}))
}

func databaseOf(t *testing.T, config postgres.Config) string {
	t.Helper()
	parsed, err := pgx.ParseConfig(config.URL)
	require.NoError(t, err)
	return parsed.Database
}

// The secrets are nowhere in the files of the database in plain text.
func TestSecretsAreSealed(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	require.NoError(t, storetest.SaveWithAudit(s, "canary"))
	rows, err := connect(t, config).Query(t.Context(), `SELECT sealed FROM secrets`)
	require.NoError(t, err)
	defer rows.Close()
	count := 0
	for rows.Next() {
		var sealed []byte
		require.NoError(t, rows.Scan(&sealed))
		assert.NotContains(t, string(sealed), "secret of")
		count++
	}
	assert.Equal(t, 2, count)
	info, err := os.Stat(config.KeyFile)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}
