package testkit

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Pooler starts pgbouncer in transaction mode in front of a database, and returns the URL of
// the database behind it. It skips the test if there is no pgbouncer.
func Pooler(t testing.TB, database string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // which is on root's path only
	}
	if _, err := os.Stat(program); err != nil {
		t.Skip("pgbouncer is not installed: run make tools")
	}
	to, err := pgx.ParseConfig(database)
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "pgbouncer-") // a socket has a short path
	require.NoError(t, err)
	password := ""
	if to.Password != "" {
		password = " password='" + to.Password + "'"
	}
	config := fmt.Sprintf(`[databases]
%s = host=%s port=%d user=%s%s
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = %s
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 400
server_check_delay = 0
`, to.Database, to.Host, to.Port, to.User, password, dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pgbouncer.ini"), []byte(config), 0o644))
	owner, err := user.Current()
	require.NoError(t, err)
	attributes, err := unprivileged(dir, owner)
	require.NoError(t, err)
	pooler := exec.Command("sh", "-c", untilEnd, program, filepath.Join(dir, "pgbouncer.ini"))
	pooler.Dir, pooler.SysProcAttr = dir, attributes
	input, err := pooler.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, pooler.Start())
	t.Cleanup(func() { _, _ = input.Close(), pooler.Wait() })
	behind := (&url.URL{Scheme: "postgres", User: url.User(to.User), Path: "/" + to.Database,
		RawQuery: url.Values{"host": {dir}, "port": {"6432"}}.Encode()}).String()
	if err := waitForPostgres(behind); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "server.log"))
		t.Fatalf("starting pgbouncer: %s\n%s", err, log)
	}
	return behind
}
