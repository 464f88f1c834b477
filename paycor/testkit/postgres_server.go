//go:build unix

package testkit

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// PostgresServer is a PostgreSQL server of one test, which may end it at any moment.
type PostgresServer struct {
	t         testing.TB
	directory postgresDirectory
	settings  []string
	process   *exec.Cmd // the shell that runs it; nil while it does not run
	input     io.Closer // of the shell, which ends the server when it is closed
}

// StartPostgres starts a server, which ends with the test, with settings such as "fsync=on".
// It skips the test if there is no PostgreSQL.
func StartPostgres(t testing.TB, settings ...string) *PostgresServer {
	t.Helper()
	s := newPostgresServer(t)
	s.settings = settings
	require.NoError(t, s.directory.initialize())
	s.Start()
	return s
}

// newPostgresServer returns a server without data.
func newPostgresServer(t testing.TB) *PostgresServer {
	t.Helper()
	directory, err := newPostgresDirectory()
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("PostgreSQL is not installed: run make tools")
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(directory.path)) })
	s := &PostgresServer{t: t, directory: directory}
	t.Cleanup(s.Stop) // after what uses it, however often it was started
	return s
}

// run runs a program of PostgreSQL until it exits.
func (s *PostgresServer) run(program string, arguments ...string) {
	s.t.Helper()
	require.NoError(s.t, s.directory.run(program, arguments...))
}

// whileWanted is what a shell runs a server with until its input ends, as it does when the
// test process ends, however it does.
const whileWanted = `"$0" "$@" >>server.log 2>&1 & server=$!
read line; kill -QUIT $server 2>/dev/null; wait $server`

// Start starts the server with the data that it has, and waits until it answers.
func (s *PostgresServer) Start() {
	s.t.Helper()
	var err error
	if s.process, s.input, err = s.directory.start(whileWanted, s.settings...); err != nil {
		log, _ := os.ReadFile(filepath.Join(s.directory.path, "server.log"))
		s.t.Fatalf("%s\n%s", err, log)
	}
}

// Stop ends the server at once, as a crash does: what was not committed is lost, and what was
// is in its log.
func (s *PostgresServer) Stop() { s.end(syscall.SIGQUIT) }

// Kill kills the process of the server that starts the others. Those end when they notice.
func (s *PostgresServer) Kill() { s.end(syscall.SIGKILL) }

func (s *PostgresServer) end(by syscall.Signal) {
	s.t.Helper()
	if s.process == nil {
		return
	}
	text, err := os.ReadFile(filepath.Join(s.directory.data(), "postmaster.pid"))
	require.NoError(s.t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	id, err := strconv.Atoi(first)
	require.NoError(s.t, err)
	require.NoError(s.t, syscall.Kill(id, by))
	_, _ = s.input.Close(), s.process.Wait() // the server ended by the signal
	s.process = nil
}

// URL returns the URL of a database of the server.
func (s *PostgresServer) URL(database string) string { return s.directory.url(database) }

// EitherURL returns the URL of a database of the one of two servers that can be written.
func (s *PostgresServer) EitherURL(other *PostgresServer, database string) string {
	return postgresURL(database, s.directory.path+","+other.directory.path) + "&target_session_attrs=read-write"
}

// Execute runs a statement in the database that a server begins with.
func (s *PostgresServer) Execute(statement string) {
	s.t.Helper()
	postgres{address: s.URL("postgres")}.admin(s.t, statement)
}

// value returns the one value that a query has, as text.
func (s *PostgresServer) value(query string) (value string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	require.NoError(s.t, err)
	defer func() { _ = conn.Close(ctx) }()
	require.NoError(s.t, conn.QueryRow(ctx, `SELECT (`+query+`)::text`).Scan(&value))
	return value
}

// Standby starts a standby of the server. If synchronous, the server waits for it with each
// commit. It skips the test if PostgreSQL came without the program that makes one.
func (s *PostgresServer) Standby(synchronous bool) *PostgresServer {
	s.t.Helper()
	if _, err := exec.LookPath(filepath.Join(s.directory.programs, "pg_basebackup")); err != nil {
		s.t.Skip("this PostgreSQL has no pg_basebackup")
	}
	standby := newPostgresServer(s.t)
	standby.run("pg_basebackup", "--pgdata", standby.directory.data(), "--dbname", s.URL("postgres"), "--write-recovery-conf", "--wal-method", "stream", "--checkpoint", "fast", "--no-sync")
	standby.Start()
	if synchronous {
		s.Execute(`ALTER SYSTEM SET synchronous_standby_names = '*'`)
		s.Execute(`SELECT pg_reload_conf()`)
	}
	require.Eventually(s.t, func() bool {
		return s.value(`SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'`) == "1"
	}, time.Minute, 10*time.Millisecond)
	return standby
}

// Detach makes a standby receive nothing anymore.
func (s *PostgresServer) Detach() {
	s.t.Helper()
	s.Execute(`ALTER SYSTEM SET primary_conninfo = ''`)
	s.Execute(`SELECT pg_reload_conf()`)
	require.Eventually(s.t, func() bool { return s.value(`SELECT count(*) FROM pg_stat_wal_receiver`) == "0" }, time.Minute, 10*time.Millisecond)
}

// Promote makes a standby a server that can be written.
func (s *PostgresServer) Promote() {
	s.t.Helper()
	s.run("pg_ctl", "promote", "--pgdata", s.directory.data(), "--wait")
}

// AwaitReplay waits until a standby has everything that its primary has.
func (s *PostgresServer) AwaitReplay(primary *PostgresServer) {
	s.t.Helper()
	at := primary.value(`SELECT pg_current_wal_lsn()`)
	require.Eventually(s.t, func() bool { return s.value(`SELECT pg_last_wal_replay_lsn() >= '`+at+`'`) == "true" }, time.Minute, 10*time.Millisecond)
}
