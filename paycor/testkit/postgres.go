package testkit

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// PostgresVariable names the environment variable with the URL of a server to test with.
// Its user may create databases. Without it, the test process starts a server.
const PostgresVariable = "PAYCORCRED_TEST_POSTGRES"

// PostgresProgramsVariable names the environment variable with the directory of the programs
// of PostgreSQL to start servers with. Without it, it is that of the newest one installed.
const PostgresProgramsVariable = "PAYCORCRED_TEST_POSTGRES_PROGRAMS"

// Postgres returns the URL of a new, empty database. It skips the test if there is no
// PostgreSQL.
func Postgres(t testing.TB) string {
	t.Helper()
	running, err := postgresServer()
	if os.IsNotExist(err) {
		t.Skip("PostgreSQL is not installed: run make tools")
	}
	require.NoError(t, err)
	return running.create(t, "template0")
}

// PostgresTemplate is a database that is prepared once, for tests that start with a copy
// of it: that costs less than to prepare one for each.
type PostgresTemplate struct {
	Prepare func(database string) error // given the URL of an empty database

	mu   sync.Mutex
	name string // of the database that is copied; empty before it is made
}

// Copy returns the URL of a new database that is a copy of the prepared one. It skips the
// test if there is no PostgreSQL.
func (p *PostgresTemplate) Copy(t testing.TB) string {
	t.Helper()
	if os.Getenv(PostgresVariable) != "" { // that server would keep the template
		database := Postgres(t)
		require.NoError(t, p.Prepare(database))
		return database
	}
	running, err := postgresServer()
	if os.IsNotExist(err) {
		t.Skip("PostgreSQL is not installed: run make tools")
	}
	require.NoError(t, err)
	return running.create(t, p.prepared(t, running))
}

// prepared returns the name of the prepared database.
func (p *PostgresTemplate) prepared(t testing.TB, running postgres) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.name == "" {
		name := newDatabaseName()
		running.admin(t, createDatabase(name, "template0"))
		require.NoError(t, p.Prepare(running.database(t, name)))
		p.name = name
	}
	return p.name
}

func newDatabaseName() string { return "test_" + strings.ToLower(rand.Text()) }

func createDatabase(name, template string) string {
	return "CREATE DATABASE " + name + " ENCODING 'UTF8' TEMPLATE " + template
}

// create returns the URL of a new database, which is deleted when the test ends.
func (p postgres) create(t testing.TB, template string) string {
	t.Helper()
	name := newDatabaseName()
	p.admin(t, createDatabase(name, template))
	t.Cleanup(func() { p.admin(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return p.database(t, name)
}

// database returns the URL of a database of the server.
func (p postgres) database(t testing.TB, name string) string {
	t.Helper()
	database, err := url.Parse(p.address)
	require.NoError(t, err)
	database.Path = "/" + name
	return database.String()
}

// admin runs a statement outside of the database of a test.
func (p postgres) admin(t testing.TB, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, p.address)
	require.NoError(t, err)
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	require.NoError(t, err, statement)
}

// postgres is a server to test with.
type postgres struct {
	address string
	input   io.Closer // what the shell of the server reads from; the garbage collector would close it
}

// postgresServer returns the server of this process, or os.ErrNotExist without PostgreSQL.
var postgresServer = sync.OnceValues(func() (postgres, error) {
	if address := os.Getenv(PostgresVariable); address != "" {
		return postgres{address: address}, nil
	}
	return startPostgres()
})

// untilEnd is what a shell runs a server with until its input ends, as it does when this
// process ends, however it does. It removes the directory in which it runs. PostgreSQL ends
// at once by the first signal, pgbouncer by the second.
const untilEnd = `"$0" "$@" >server.log 2>&1 & server=$!
read line; kill -QUIT $server; kill $server 2>/dev/null; wait $server; cd /; rm -rf "$OLDPWD"`

// startPostgres starts a server that ends with this process.
func startPostgres() (started postgres, err error) {
	d, err := newPostgresDirectory()
	if err != nil {
		return started, err
	}
	if err := d.initialize(); err != nil {
		return started, err
	}
	_, input, err := d.start(untilEnd)
	return postgres{d.url("postgres"), input}, err
}

// postgresDirectory is a directory for one server: with its socket, its log and its data.
type postgresDirectory struct {
	path       string
	programs   string               // directory of PostgreSQL
	attributes *syscall.SysProcAttr // of its processes
}

// newPostgresDirectory makes a directory without data. It returns os.ErrNotExist without
// PostgreSQL.
func newPostgresDirectory() (d postgresDirectory, err error) {
	if d.programs, err = postgresPrograms(); err != nil {
		return d, err
	}
	if d.path, err = os.MkdirTemp("", "postgres-"); err != nil { // a socket has a short path
		return d, err
	}
	owner, err := user.Current()
	if err != nil {
		return d, err
	}
	d.attributes, err = unprivileged(d.path, owner)
	return d, err
}

func (d postgresDirectory) data() string { return filepath.Join(d.path, "data") }

// command returns a command that runs as the server does.
func (d postgresDirectory) command(name string, arguments ...string) *exec.Cmd {
	command := exec.Command(name, arguments...)
	command.Dir, command.SysProcAttr = d.path, d.attributes
	return command
}

// run runs a program of PostgreSQL until it exits.
func (d postgresDirectory) run(program string, arguments ...string) error {
	if output, err := d.command(filepath.Join(d.programs, program), arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("running %s: %w: %s", program, err, output)
	}
	return nil
}

// initialize makes the data of a new server.
func (d postgresDirectory) initialize() error {
	return d.run("initdb", "--pgdata", d.data(), "--username", "paycorcred", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
}

// start has a shell run the server by a script, which ends it when the shell's input ends,
// and waits until the server answers. The last one of settings of the same name counts.
func (d postgresDirectory) start(script string, settings ...string) (shell *exec.Cmd, input io.Closer, err error) {
	shell = d.command("sh", "-c", script, filepath.Join(d.programs, "postgres"), "-D", d.data(), "-k", d.path, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "max_connections=400", "-c", "shared_buffers=64MB")
	for _, setting := range settings {
		shell.Args = append(shell.Args, "-c", setting)
	}
	if input, err = shell.StdinPipe(); err != nil {
		return nil, nil, err
	}
	if err := shell.Start(); err != nil {
		return nil, nil, err
	}
	return shell, input, waitForPostgres(d.url("postgres"))
}

// url returns the URL of a database of the server.
func (d postgresDirectory) url(database string) string { return postgresURL(database, d.path) }

func postgresURL(database, host string) string {
	return (&url.URL{Scheme: "postgres", User: url.User("paycorcred"), Path: "/" + database, RawQuery: url.Values{"host": {host}}.Encode()}).String()
}

// waitForPostgres waits until a server answers.
func waitForPostgres(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, address)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("starting PostgreSQL: %w", err)
		}
	}
}

// postgresPrograms returns the directory of the PostgreSQL that tests start, or
// os.ErrNotExist.
func postgresPrograms() (string, error) {
	if chosen := os.Getenv(PostgresProgramsVariable); chosen != "" {
		return chosen, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // of Debian, which does not put them on the path
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return postgresVersion(a) - postgresVersion(b) })), nil
	}
	program, err := exec.LookPath("initdb")
	if err != nil {
		return "", os.ErrNotExist
	}
	return filepath.Dir(program), nil
}

// postgresVersion returns the version in a path of Debian.
func postgresVersion(path string) int {
	version, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return version
}
