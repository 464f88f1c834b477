package command_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// setSchema sets the version of the schema of a database that may be in use.
func setSchema(t *testing.T, data string, change int) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, "paycorcred.db")+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	defer db.Close()
	var version int
	require.NoError(t, db.QueryRow("PRAGMA user_version").Scan(&version))
	_, err = db.Exec(fmt.Sprintf("PRAGMA user_version = %d", version+change))
	require.NoError(t, err)
}

// A server whose database a newer version migrates is not ready, says why, and stops.
func TestServerStopsWhenItsDatabaseIsMigrated(t *testing.T) {
	p := serve(t, filepath.Join(t.TempDir(), "data"))
	setSchema(t, p.data, 1)
	answer, err := http.Get(p.address + "/readyz")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusServiceUnavailable, answer.StatusCode)
	select {
	case code := <-p.ended:
		assert.Equal(t, 1, code)
	case <-time.After(time.Minute):
		t.Fatal("the server goes on")
	}
	assert.Contains(t, p.output.String(), "Another process migrated the database")

	for _, arguments := range [][]string{{"token", "list"}, {"session", "list"}, {"sign-in"}, {"host", "list"}, {"serve", "--listen", "localhost:0"}, {"migrate"}, {"backup", "--to", filepath.Join(p.data, "copy")}, {"audit", "verify"}, {"audit", "export"}} {
		out, code := run(t, append(arguments, "--data", p.data)...)
		assert.NotZero(t, code, arguments)
		assert.Contains(t, out, "newer version of paycorcred", arguments)
	}
	setSchema(t, p.data, -2)
	for _, arguments := range [][]string{{"token", "list"}, {"token", "create", "--name", "n"}, {"session", "list"}, {"sign-in"}, {"host", "list"}} {
		out, code := run(t, append(arguments, "--data", p.data)...)
		assert.NotZero(t, code, arguments)
		assert.Contains(t, out, "older version of paycorcred", arguments)
	}
}

func TestMigrateCommand(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	out, code := run(t, "migrate", "--data", data)
	assert.Equal(t, 2, code, out)
	out, code = run(t, "token", "create", "--data", data, "--name", "n")
	require.Zero(t, code, out)
	out, code = run(t, "migrate", "--data", data)
	require.Zero(t, code, out)
	assert.Contains(t, out, "Nothing was changed")
}
