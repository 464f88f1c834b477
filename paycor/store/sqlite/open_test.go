package sqlite_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
)

// newDatabase creates a database with one credential and returns its path.
func newDatabase(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data", "store.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, storetest.SaveWithAudit(s, "a"))
	require.NoError(t, s.Close())
	return path
}

func keyFileOf(path string) string { return strings.TrimSuffix(path, ".db") + ".key" }

func TestOpenRejects(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		damage func(t *testing.T, path string)
		want   []string // in addition to the path
	}{
		{"not a database", func(t *testing.T, path string) {
			require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("this is not a database. ", 500)), 0o600))
		}, []string{"store.not-database"}},
		{"a damaged database", func(t *testing.T, path string) {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			for i := 100; i < 8192; i++ {
				content[i] = 0xa5
			}
			require.NoError(t, os.WriteFile(path, content, 0o600))
		}, []string{"store.damaged"}},
		{"a database of another program", func(t *testing.T, path string) {
			require.NoError(t, os.Remove(path))
			_, err := openRaw(t, path).Exec("CREATE TABLE theirs (c); PRAGMA user_version = 1")
			require.NoError(t, err)
		}, []string{"store.foreign"}},
		{"a newer database", func(t *testing.T, path string) {
			_, err := openRaw(t, path).Exec("PRAGMA user_version = 1000")
			require.NoError(t, err)
		}, []string{"schema-newer", "1000"}},
		{"a directory in its place", func(t *testing.T, path string) {
			require.NoError(t, os.Remove(path))
			require.NoError(t, os.Mkdir(path, 0o700))
		}, []string{"store.not-file"}},
		{"a file in place of its directory", func(t *testing.T, path string) {
			require.NoError(t, os.RemoveAll(filepath.Dir(path)))
			require.NoError(t, os.WriteFile(filepath.Dir(path), nil, 0o600))
		}, []string{"store.directory"}},
		{"a missing key", func(t *testing.T, path string) {
			require.NoError(t, os.Remove(keyFileOf(path)))
		}, []string{".key", "store.key-missing"}},
		{"the key of another database", func(t *testing.T, path string) {
			content, err := os.ReadFile(keyFileOf(newDatabase(t)))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(keyFileOf(path), content, 0o600))
		}, []string{".key", "store.key-wrong"}},
		{"missing wrapped keys", func(t *testing.T, path string) {
			_, err := openRaw(t, path).Exec("DELETE FROM keysets")
			require.NoError(t, err)
		}, []string{"store.keys-lost"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := newDatabase(t)
			test.damage(t, path)
			s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
			if err == nil {
				require.NoError(t, s.Close())
			}
			require.Error(t, err)
			for _, words := range append(test.want, strings.TrimSuffix(path, "/store.db")) {
				assert.Contains(t, err.Error(), words)
			}
		})
	}
}

// A missing key is never replaced: a new one could not decrypt anything, and would
// hide that the old one is needed.
func TestOpenCreatesNoKeyForExistingDatabase(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	key, err := os.ReadFile(keyFileOf(path))
	require.NoError(t, err)
	require.NoError(t, os.Remove(keyFileOf(path)))
	_, err = sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoFileExists(t, keyFileOf(path))

	require.NoError(t, os.WriteFile(keyFileOf(path), key, 0o600))
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
		secrets, err := r.Secrets("w", "a")
		assert.Equal(t, "client secret of a", secrets[fields.ClientSecret].Reveal())
		return err
	}))
}

// copyFile copies one file.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, content, 0o600))
}

// A copy of an open database without its log is not mistaken for a new database. It
// stays unchanged, so that the log can still be added.
func TestOpenRejectsCopyWithoutLog(t *testing.T) {
	t.Parallel()
	path, copied := filepath.Join(t.TempDir(), "store.db"), filepath.Join(t.TempDir(), "store.db")
	require.NoError(t, storetest.SaveWithAudit(open(t, sqlite.Config{Path: path}), "a"))
	copyFile(t, path, copied)
	copyFile(t, keyFileOf(path), keyFileOf(copied))
	before, err := os.ReadFile(copied)
	require.NoError(t, err)

	_, err = sqlite.Open(t.Context(), sqlite.Config{Path: copied})
	_, trailErr := sqlite.OpenAuditTrail(t.Context(), copied)
	backupErr := sqlite.Backup(t.Context(), copied, copied+".copy")
	for _, err := range []error{err, trailErr, backupErr} {
		require.Error(t, err)
		for _, words := range []string{"store.empty (" + copied + ", store.db-wal"} {
			assert.Contains(t, err.Error(), words)
		}
	}
	assert.Contains(t, err.Error(), "store.empty-with-key ("+copied+", store.db-wal, "+keyFileOf(copied)+")")
	after, err := os.ReadFile(copied)
	require.NoError(t, err)
	assert.Equal(t, before, after)

	copyFile(t, path+"-wal", copied+"-wal")
	s := open(t, sqlite.Config{Path: copied})
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error { _, err := r.Credential("w", "a"); return err }))
}

// The log of a database that became empty may still contain all data. SQLite would
// delete it as a leftover.
func TestLogOfEmptiedDatabaseIsKept(t *testing.T) {
	t.Parallel()
	path, copied := filepath.Join(t.TempDir(), "store.db"), filepath.Join(t.TempDir(), "store.db")
	require.NoError(t, storetest.SaveWithAudit(open(t, sqlite.Config{Path: path}), "a"))
	copyFile(t, keyFileOf(path), keyFileOf(copied))
	copyFile(t, path+"-wal", copied+"-wal")
	require.NoError(t, os.WriteFile(copied, nil, 0o600))

	_, err := sqlite.Open(t.Context(), sqlite.Config{Path: copied})
	assert.ErrorContains(t, err, "store.empty-with-key ("+copied+", store.db-wal, "+keyFileOf(copied)+")")
	_, trailErr := sqlite.OpenAuditTrail(t.Context(), copied)
	for _, err := range []error{err, trailErr, sqlite.Backup(t.Context(), copied, copied+".copy")} {
		assert.ErrorContains(t, err, "store.empty ("+copied)
	}
	require.FileExists(t, copied+"-wal")
	copyFile(t, path, copied)
	s := open(t, sqlite.Config{Path: copied})
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error { _, err := r.Credential("w", "a"); return err }))
}

// After a checkpoint, a copy without the log is complete.
func TestCheckpointCompletesDatabaseFile(t *testing.T) {
	t.Parallel()
	path, copied := filepath.Join(t.TempDir(), "store.db"), filepath.Join(t.TempDir(), "store.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, storetest.SaveWithAudit(s, "a"))
	require.NoError(t, s.Checkpoint(t.Context()))
	copyFile(t, path, copied)
	copyFile(t, keyFileOf(path), keyFileOf(copied))
	reopened := open(t, sqlite.Config{Path: copied})
	require.NoError(t, reopened.View(t.Context(), func(r store.Reader) error { _, err := r.Credential("w", "a"); return err }))
}

func TestFilesAreOwnerOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "store.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, storetest.SaveWithAudit(s, "a"))
	for file, want := range map[string]fs.FileMode{
		filepath.Dir(path): 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600, keyFileOf(path): 0o600,
	} {
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, want, info.Mode().Perm(), file)
	}
	require.NoError(t, s.Close())

	for _, file := range []string{path, keyFileOf(path)} { // as Kubernetes does with fsGroup
		require.NoError(t, os.Chmod(file, 0o660))
	}
	open(t, sqlite.Config{Path: path})
	for _, file := range []string{path, keyFileOf(path)} {
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), "other users lose access to %s", file)
	}
}

// SQLite is not safe on an SMB share, whether a new or an existing database is there.
func TestOpenOnAFileSystemWithoutLinks(t *testing.T) {
	path := newDatabase(t)
	defer sqlite.WithoutLinks()()
	for _, config := range []sqlite.Config{{Path: path}, {Path: filepath.Join(t.TempDir(), "new", "paycorcred.db")}} {
		config.KeyFile = keyFileOf(config.Path)
		_, err := sqlite.Open(t.Context(), config)
		require.ErrorContains(t, err, "store.no-links")
		assert.ErrorContains(t, err, filepath.Dir(config.Path))
	}
}
