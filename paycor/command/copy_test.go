package command_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/records"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/testkit"
)

// sqliteTables and postgresTables return the tables with records and how many rows each has.
func sqliteTables(t *testing.T, path string) map[string]int {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	return countRows(t, `SELECT name FROM sqlite_schema WHERE type = 'table'`, func(query string) ([]string, error) {
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		var found []string
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return nil, err
			}
			found = append(found, text)
		}
		return found, rows.Err()
	})
}

func postgresTables(t *testing.T, address string) map[string]int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	return countRows(t, `SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`, func(query string) ([]string, error) {
		rows, err := conn.Query(t.Context(), query)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	})
}

// countRows counts the rows of all tables but those that an engine makes by itself.
func countRows(t *testing.T, tables string, query func(string) ([]string, error)) map[string]int {
	t.Helper()
	names, err := query(tables)
	require.NoError(t, err)
	counts := map[string]int{}
	for _, name := range names {
		if strings.HasPrefix(name, "search_") || slices.Contains([]string{"schema_version", "store_state", "replicas", "replica_leases", "page_files", "sqlite_stat1", "sqlite_sequence"}, name) {
			continue
		}
		rows, err := query(`SELECT '' FROM ` + name)
		require.NoError(t, err)
		counts[name] = len(rows)
	}
	return counts
}

// Everything moves from SQLite to PostgreSQL and back. What worked before works in each of
// them, calls and API tokens too, and lists and searches find it.
func TestCopy(t *testing.T) {
	paycor := paycortest.Start(t, paycortest.Config{})
	environment := "test=" + paycor.URL + "," + paycor.URL + "/AppActivation/Authorize"
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	address := testkit.Postgres(t)
	copied := func(code int, from, to string) string {
		t.Helper()
		out, got := run(t, "copy", "--from", from, "--to", to)
		require.Equal(t, code, got, out)
		return out
	}

	p := serve(t, first, "--environment", environment)
	token := p.token
	id := p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	activated := p.create(paycor.Lookup(paycortest.HarborLogistics).Details())
	refresh := paycor.Lookup(paycortest.HarborLogistics).IssueRefreshToken()
	p.ask(200, "POST", "/api/v1/credentials/"+activated+"/activation/code", map[string]any{"refresh_token": refresh})
	p.ask(201, "POST", "/api/v1/credentials/"+activated+"/activation/links", map[string]any{})
	use := func() {
		t.Helper()
		p.ask(200, "GET", "/api/v1/credentials/"+id+"/paycor/v1/legalentities/501123", nil)
		p.ask(404, "GET", "/api/v1/credentials/"+activated+"/paycor/v1/nothing/here", nil)
		assert.Contains(t, p.ask(200, "GET", "/api/v1/credentials?q=sunrise", nil), id)
	}
	use()
	added := p.ask(201, "POST", "/api/v1/channels", map[string]any{"name": "Operations", "address": "http://127.0.0.1:1/", "kinds": []string{"credential.broke"}})
	channel := regexp.MustCompile(`channel_[a-z0-9]+`).FindString(added)
	p.ask(200, "POST", "/api/v1/channels/"+channel+"/test", nil) // a delivery, which fails
	p.system()                                                   // a session
	out, code := run(t, "host", "add", "--data", first, "--id", "console", "--name", "Console", "--origin", "https://console.example", "--rights", "view", "--jwks-url", "https://console.example/jwks")
	require.Zero(t, code, out)
	tenant := []string{"host", "tenant", "add", "--data", first, "console", "acme", "--to", "acme"}
	out, code = run(t, tenant...)
	require.Zero(t, code, out)
	out, code = run(t, tenant...)
	require.NotZero(t, code)
	assert.Contains(t, out, "--replace")
	out, code = run(t, append(tenant, "--replace")...)
	require.Zero(t, code, out)
	p.stop()

	assert.Contains(t, copied(0, first, address), "was copied to")
	before := sqliteTables(t, filepath.Join(first, "paycorcred.db"))
	assert.Equal(t, before, postgresTables(t, address))
	for _, table := range []string{"credentials", "secrets", "token_states", "audit", "tokens", "sessions", "hosts", "embed_tenants", "activation_links", "use_failures", "notification_channels", "notification_deliveries"} {
		assert.Positive(t, before[table], table)
	}
	assert.Contains(t, copied(1, first, address), "has data already")
	assert.Contains(t, copied(2, address, first), "already exists")
	t.Setenv("PAYCORCRED_DATABASE", address)
	p = serve(t, first, "--environment", environment)
	p.token = token
	use()
	assert.Contains(t, p.ask(200, "POST", "/api/v1/credentials/"+activated+"/verify", nil), `"outcome":"verified"`)
	p.stop()
	require.NoError(t, os.Unsetenv("PAYCORCRED_DATABASE"))

	require.NoError(t, os.Mkdir(second, 0o700))
	assert.Contains(t, copied(2, address, second), "is missing; put a copy of the key file")
	key, err := os.ReadFile(filepath.Join(first, "paycorcred.key"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(second, "paycorcred.key"), key, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(second, "paycorcred.db.copying"), []byte("of a copy that was killed"), 0o600))
	assert.Contains(t, copied(0, address, second), "was copied to")
	assert.Equal(t, postgresTables(t, address), sqliteTables(t, filepath.Join(second, "paycorcred.db")))
	left, err := filepath.Glob(filepath.Join(second, "*copying*"))
	require.NoError(t, err)
	assert.Empty(t, left)
	out, code = run(t, "audit", "verify", "--data", second)
	assert.Zero(t, code, out)
	p = serve(t, second, "--environment", environment)
	p.token = token
	use()
	p.stop()
}

// interrupted is a source that does something else before its end.
type interrupted struct {
	records.Source
	before func() error
}

// CopyTo implements records.Source.
func (s interrupted) CopyTo(ctx context.Context, to records.Side) error {
	to.Conn = &interruptedConn{Conn: to.Conn, before: s.before}
	return s.Source.CopyTo(ctx, to)
}

type interruptedConn struct {
	records.Conn
	before func() error
}

// Exec implements records.Conn.
func (c *interruptedConn) Exec(ctx context.Context, query string, arguments ...any) (int64, error) {
	if before := c.before; before != nil && strings.Contains(query, "INTO audit ") {
		c.before = nil
		if err := before(); err != nil {
			return 0, err
		}
	}
	return c.Conn.Exec(ctx, query, arguments...)
}

// A copy that ends early, or whose source changes meanwhile, leaves the target empty.
func TestInterruptedCopy(t *testing.T) {
	data, address := t.TempDir(), testkit.Postgres(t)
	create := func() error {
		out, code := run(t, "token", "create", "--data", data, "--name", "n")
		if code != 0 {
			return errors.New(out)
		}
		return nil
	}
	require.NoError(t, create())
	config := postgres.Config{URL: address, KeyFile: filepath.Join(data, "paycorcred.key"), Migrate: true}
	attempt := func(before func() error) error {
		source, err := sqlite.OpenInspector(t.Context(), sqlite.Config{Path: filepath.Join(data, "paycorcred.db"), KeyFile: config.KeyFile})
		require.NoError(t, err)
		defer source.Close()
		config.Source = interrupted{source, before}
		opened, err := postgres.Open(t.Context(), config)
		if err == nil {
			err = opened.Close()
		}
		return err
	}
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(data, "paycorcred.db"), KeyFile: config.KeyFile})
	require.NoError(t, err) // as a server that runs
	require.ErrorContains(t, attempt(func() error { return errors.New("the disk is full") }), "the disk is full")
	assert.Empty(t, postgresTables(t, address))
	require.ErrorContains(t, attempt(create), "store.copy-changed")
	assert.Empty(t, postgresTables(t, address))
	require.NoError(t, attempt(nil))
	require.NoError(t, db.Close())
	assert.Equal(t, 2, postgresTables(t, address)["tokens"])
}

func TestCopyReportsProblems(t *testing.T) {
	data := t.TempDir()
	for name, test := range map[string]struct {
		from, to, says string
		code           int
	}{
		"nothing":         {"", "", "need one data directory and one address", 2},
		"two directories": {data, t.TempDir(), "need one data directory and one address", 2},
		"no data":         {data, "postgres://ann:hunter2@127.0.0.1:1/x", "isn’t a server’s data directory", 2},
		"not an address":  {data, "postgres://ann:hunter2@127.0.0.1:x/x", "isn’t valid", 2},
		"nobody answers":  {"postgres://ann:hunter2@127.0.0.1:1/x", data, "can’t be reached", 1},
	} {
		out, code := run(t, "copy", "--from", test.from, "--to", test.to)
		assert.Equal(t, test.code, code, "%s: %s", name, out)
		assert.Contains(t, out, test.says, name)
		assert.NotContains(t, out, "hunter2", name)
	}
}
