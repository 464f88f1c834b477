package command_test

import (
	"bufio"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
)

// withPassword returns an address with a password, which a server that trusts everybody
// does not look at, in the places where PostgreSQL takes one.
func withPassword(t *testing.T, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	parsed.User = url.UserPassword(parsed.User.Username(), "hunter2")
	query := parsed.Query()
	query.Set("sslpassword", "hunter2")
	parsed.RawQuery = query.Encode()
	return parsed.String()
}

// Everything that a server and the commands beside it do works with PostgreSQL, and nothing
// says the password.
func TestPostgres(t *testing.T) {
	t.Run("direct", func(t *testing.T) { testPostgres(t, testkit.Postgres(t)) })
	t.Run("behind pgbouncer", func(t *testing.T) { testPostgres(t, testkit.Pooler(t, testkit.Postgres(t))) })
}

func testPostgres(t *testing.T, database string) {
	t.Setenv("PAYCORCRED_DATABASE", withPassword(t, database))
	paycor := paycortest.Start(t, paycortest.Config{})
	environment, data := "test="+paycor.URL, filepath.Join(t.TempDir(), "data")
	said := ""
	command := func(code int, arguments ...string) string {
		t.Helper()
		out, got := run(t, append(arguments, "--data", data)...)
		require.Equal(t, code, got, out)
		said += out
		return out
	}
	assert.Contains(t, command(1, "token", "list"), "is empty. Run", "only serve and migrate create the schema")
	assert.NoFileExists(t, data)
	assert.Contains(t, command(0, "migrate"), "was created with schema")
	assert.Contains(t, command(0, "migrate"), "Nothing was changed")

	p := serve(t, data, "--environment", environment)
	assert.Contains(t, p.output.String(), "paycorcred.key", "where the key is")
	id := p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	call := func() {
		t.Helper()
		p.ask(200, "GET", "/api/v1/credentials/"+id+"/paycor/v1/legalentities/501123", nil)
	}
	call()
	p.system() // with a sign-in link
	made := strings.TrimSpace(command(0, "token", "create", "--name", "nightly"))
	listed := command(0, "token", "list")
	assert.Contains(t, listed, "nightly")
	command(0, "token", "revoke", "nightly")
	admin := p.token
	p.token = made
	p.ask(401, "GET", "/api/v1/credentials", nil)
	p.token = admin
	assert.Contains(t, command(0, "session", "list"), "admin")
	assert.Contains(t, command(0, "host", "list"), "No embedding site")
	assert.Contains(t, command(0, "audit", "verify"), "The audit trail is intact")
	assert.Contains(t, command(0, "audit", "export"), id)
	assert.Contains(t, command(0, "keys", "rotate"), "encrypts everything now")
	assert.Contains(t, command(0, "keys", "list"), "primary")
	assert.Contains(t, command(2, "backup", "--to", filepath.Join(t.TempDir(), "copy")), "pg_dump")
	assert.Contains(t, command(2, "config", "check", "--backup-every", "6h", "--backup-to", t.TempDir()), "--backup-elsewhere")
	assert.Contains(t, command(0, "config", "check"), "database: postgres://paycorcred:xxxxx@")
	call()
	figures := p.ask(200, "GET", "/metrics", nil)
	assert.Regexp(t, `(?m)^paycorcred_database_bytes [1-9]`, figures)
	assert.Contains(t, figures, "paycorcred_replicas 1")
	assert.NotContains(t, figures, "paycorcred_wal_bytes ", "of SQLite only")
	assert.NotContains(t, figures, "paycorcred_free_disk_bytes ", "the database has a disk elsewhere")

	examined := read(t, command(1, "doctor", "--json"))
	assert.Equal(t, "warning", examined.status("backup"), "without --backup-elsewhere")
	for _, check := range []string{"access", "server", "search", "replication", "replicas", "connections", "schema", "schedule", "integrity", "credentials", "audit", "clock", "secrets", "records", "environment"} {
		want := "ok"
		if check == "server" {
			want = "problem" // the server of tests has fsync off
		}
		assert.Equal(t, want, examined.status(check), check)
	}
	for _, check := range []string{"space", "descriptors"} {
		assert.Empty(t, examined.status(check), check)
	}
	p.stop()
	p = serve(t, data, "--environment", environment, "--backup-elsewhere")
	p.token = admin
	call()
	assert.Equal(t, "ok", read(t, command(1, "doctor", "--json")).status("backup"))
	p.stop()
	said += p.output.String() + figures
	assert.NotContains(t, said, "hunter2")
	names, err := filepath.Glob(filepath.Join(data, "*.db*"))
	require.NoError(t, err)
	assert.Empty(t, names, "nothing is in SQLite")
}

// A server that is killed loses nothing that it acknowledged, and the next one goes on.
func TestPostgresAfterAKill(t *testing.T) {
	t.Setenv("PAYCORCRED_DATABASE", testkit.Postgres(t))
	paycor := paycortest.Start(t, paycortest.Config{})
	environment, data := "test="+paycor.URL, filepath.Join(t.TempDir(), "data")
	killed := process(t, "serve", "--data", data, "--listen", "localhost:0", "--show-sign-in-link", "--environment", environment)
	out, err := killed.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, killed.Start())
	p := &program{t: t, data: data}
	for lines := bufio.NewScanner(out); p.address == "" && lines.Scan(); {
		if found := link.FindStringSubmatch(lines.Text()); found != nil {
			p.address = found[1]
		}
	}
	require.NotEmpty(t, p.address)
	token, code := run(t, "token", "create", "--data", data, "--name", "test", "--rights", "view,use,edit,admin")
	require.Zero(t, code, token)
	p.token = strings.TrimSpace(token)
	id := p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	require.NoError(t, killed.Process.Kill())
	require.Error(t, killed.Wait())

	token = p.token
	p = serve(t, data, "--environment", environment)
	p.token = token
	p.ask(200, "GET", "/api/v1/credentials/"+id+"/paycor/v1/legalentities/501123", nil)
	verified, code := run(t, "audit", "verify", "--data", data)
	assert.Zero(t, code, verified)
	p.stop()
}

// Each way to name the database and its password works, and each mistake is explained.
func TestDatabaseFlags(t *testing.T) {
	address := testkit.Postgres(t)
	data := filepath.Join(t.TempDir(), "data")
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	secret, password := write(withPassword(t, address)+"\n"), write("hunter2\n")
	for name, test := range map[string]struct {
		flags []string
		code  int
		says  string
	}{
		"both":            {[]string{"--database", address, "--database-file", secret}, 2, "both name a database"},
		"password alone":  {[]string{"--database-password-file", password}, 2, "without a database"},
		"no such file":    {[]string{"--database-file", password + "2"}, 2, "can’t be read"},
		"empty file":      {[]string{"--database-file", write("\n")}, 2, "is empty"},
		"not an address":  {[]string{"--database", "mysql://ann:hunter2@localhost/x"}, 2, "isn’t valid"},
		"not a port":      {[]string{"--database", "postgres://ann:hunter2/2@localhost/x"}, 2, "isn’t valid"},
		"no certificate":  {[]string{"--database", "postgres://ann:hunter2@localhost/x?sslmode=verify-full&sslrootcert=/none.pem"}, 2, "/none.pem"},
		"nothing listens": {[]string{"--database", "postgres://ann:hunter2@127.0.0.1:1/x?sslmode=disable"}, 1, "can’t be reached"},
	} {
		out, code := run(t, append([]string{"migrate", "--data", data}, test.flags...)...)
		assert.Equal(t, test.code, code, "%s: %s", name, out)
		assert.Contains(t, out, test.says, name)
		assert.NotContains(t, out, "hunter2", name)
	}
	assert.NoFileExists(t, data)
	for _, flags := range [][]string{{"--database", address}, {"--database-file", secret}, {"--database", address, "--database-password-file", password}, {"--config", write("database-file: " + secret + "\n")}} {
		out, code := run(t, append([]string{"migrate", "--data", data}, flags...)...)
		assert.Zero(t, code, out)
	}
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	var version int
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT version FROM schema_version`).Scan(&version))
	assert.Positive(t, version)
	out, code := run(t, "token", "list", "--data", t.TempDir(), "--database", address)
	assert.Equal(t, 1, code, out)
	assert.Contains(t, out, "paycorcred.key", "which key is missing")
}
