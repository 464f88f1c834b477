package env

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/testkit"
)

// PostgresVariable names the environment variable with which environments are over
// PostgreSQL instead of SQLite, whatever its value is.
const PostgresVariable = "PAYCORCRED_TEST_ON_POSTGRES"

// prepared is a database with the schema and its keys.
var prepared = testkit.PostgresTemplate{Prepare: func(url string) (err error) {
	dir, err := os.MkdirTemp("", "paycorcred-key-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	config := postgres.Config{URL: url, KeyFile: filepath.Join(dir, "test.key"), Migrate: true}
	opened, err := postgres.Open(context.Background(), config)
	if err != nil {
		return err
	}
	if err := opened.Close(); err != nil {
		return err
	}
	preparedKey, err = os.ReadFile(config.KeyFile)
	return err
}}

var preparedKey []byte // of prepared

// newDatabase returns the URL of a new database, whose key it writes to a file; empty for
// SQLite, which makes both by itself.
func newDatabase(t testing.TB, keyFile string) string {
	t.Helper()
	if os.Getenv(PostgresVariable) == "" {
		return ""
	}
	url := prepared.Copy(t)
	require.NoError(t, os.WriteFile(keyFile, preparedKey, 0o600))
	return url
}
