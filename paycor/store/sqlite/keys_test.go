package sqlite_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
)

func TestOpenRejectsKeyFileWithoutDatabase(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	require.NoError(t, os.Remove(path))
	_, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.ErrorContains(t, err, "store.database-missing ("+keyFileOf(path)+", "+path)
	assert.NoFileExists(t, path, "none is created, which would hide the error at the next start")

	require.NoError(t, os.Rename(keyFileOf(path), keyFileOf(path)+".old"))
	require.NoError(t, storetest.SaveWithAudit(open(t, sqlite.Config{Path: path}), "a"), "a new database, once the key is moved away")
}

// A start after a killed first start uses its key, whether or not its database was
// on disk.
func TestKilledFirstStartIsResumed(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(path string) error{
		"before the database": func(path string) error { return os.Truncate(path, 0) },
		"after the database":  func(string) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			path := newDatabase(t)
			key, err := os.ReadFile(keyFileOf(path))
			require.NoError(t, err)
			require.NoError(t, os.Rename(keyFileOf(path), keyFileOf(path)+".begun"))
			require.NoError(t, lose(path))
			require.NoError(t, storetest.SaveWithAudit(open(t, sqlite.Config{Path: path}), "b"))
			after, err := os.ReadFile(keyFileOf(path))
			require.NoError(t, err)
			assert.Equal(t, key, after)
			assert.NoFileExists(t, keyFileOf(path)+".begun")
		})
	}
}

// A first start that is killed while it creates its key leaves no copy of it.
func TestKilledFirstStartLeavesNoKeyCopy(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	pending := keyFileOf(path) + ".begun"
	require.NoError(t, os.Rename(keyFileOf(path), pending))
	require.NoError(t, os.Link(pending, pending+".new-1"))
	require.NoError(t, os.Truncate(path, 0))
	require.NoError(t, storetest.SaveWithAudit(open(t, sqlite.Config{Path: path}), "b"))
	assert.FileExists(t, keyFileOf(path))
	assert.NoFileExists(t, pending+".new-1")
}

// The pending key of a killed start does not replace a restored key.
func TestPendingKeyNeverReplacesKeyFile(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	copyFile(t, keyFileOf(newDatabase(t)), keyFileOf(path)+".begun")
	before, err := os.ReadFile(keyFileOf(path))
	require.NoError(t, err)
	require.NoError(t, storetest.SaveWithAudit(open(t, sqlite.Config{Path: path}), "b"))
	after, err := os.ReadFile(keyFileOf(path))
	require.NoError(t, err)
	assert.Equal(t, before, after)
}
