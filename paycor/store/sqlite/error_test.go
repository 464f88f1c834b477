package sqlite_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// filled makes a store with one credential and returns its path.
func filled(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data", "store.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, saveWithAudit(s, "a"))
	require.NoError(t, s.Close())
	return path
}

func keyOf(path string) string { return strings.TrimSuffix(path, ".db") + ".key" }

func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string)
		says  []string // besides the path
	}{
		{"no database", func(t *testing.T, path string) {
			require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("this is no database. ", 500)), 0o600))
		}, []string{"is no database", "backup"}},
		{"a damaged database", func(t *testing.T, path string) {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			for i := 100; i < 8192; i++ {
				content[i] = 0xa5
			}
			require.NoError(t, os.WriteFile(path, content, 0o600))
		}, []string{"damaged", "backup"}},
		{"a database of another program", func(t *testing.T, path string) {
			require.NoError(t, os.Remove(path))
			_, err := raw(t, path).Exec("CREATE TABLE theirs (c); PRAGMA user_version = 1")
			require.NoError(t, err)
		}, []string{"another program"}},
		{"a newer database", func(t *testing.T, path string) {
			_, err := raw(t, path).Exec("PRAGMA user_version = 1000")
			require.NoError(t, err)
		}, []string{"newer version", "1000"}},
		{"a directory in its place", func(t *testing.T, path string) {
			require.NoError(t, os.Remove(path))
			require.NoError(t, os.Mkdir(path, 0o700))
		}, []string{"is no file"}},
		{"a file in place of its directory", func(t *testing.T, path string) {
			require.NoError(t, os.RemoveAll(filepath.Dir(path)))
			require.NoError(t, os.WriteFile(filepath.Dir(path), nil, 0o600))
		}, []string{"data directory"}},
		{"the key is gone", func(t *testing.T, path string) {
			require.NoError(t, os.Remove(keyOf(path)))
		}, []string{".key", "restore it from the backup", "cannot be read"}},
		{"the key of another database", func(t *testing.T, path string) {
			content, err := os.ReadFile(keyOf(filled(t)))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(keyOf(path), content, 0o600))
		}, []string{".key", "is not the key of", "backup"}},
		{"others may read the key", func(t *testing.T, path string) {
			require.NoError(t, os.Chmod(keyOf(path), 0o644))
		}, []string{".key", "chmod 600"}},
		{"the wrapped keys are gone", func(t *testing.T, path string) {
			_, err := raw(t, path).Exec("DELETE FROM keysets")
			require.NoError(t, err)
		}, []string{"no key for them", "backup"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filled(t)
			test.spoil(t, path)
			s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
			if err == nil {
				require.NoError(t, s.Close())
			}
			require.Error(t, err)
			for _, words := range append(test.says, strings.TrimSuffix(path, "/store.db")) {
				assert.Contains(t, err.Error(), words)
			}
		})
	}
}

// A key that is missing is never replaced: the new one would open nothing, and
// would hide that the old one is needed.
func TestNoNewKeyOverAnExistingDatabase(t *testing.T) {
	path := filled(t)
	key, err := os.ReadFile(keyOf(path))
	require.NoError(t, err)
	require.NoError(t, os.Remove(keyOf(path)))
	_, err = sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoFileExists(t, keyOf(path))

	require.NoError(t, os.WriteFile(keyOf(path), key, 0o600))
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
		secrets, err := r.Secrets("w", "a")
		assert.Equal(t, "client secret of a", secrets[fields.ClientSecret].Reveal())
		return err
	}))
}

// copyFile copies one file, as cp does.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, content, 0o600))
}

// The files of a store that is open are copied without its log: the copy is not
// taken for a new store. It stays as it is, so that the log can still be put
// beside it.
func TestACopyWithoutItsLogIsRefused(t *testing.T) {
	path, copied := filepath.Join(t.TempDir(), "store.db"), filepath.Join(t.TempDir(), "store.db")
	require.NoError(t, saveWithAudit(open(t, sqlite.Config{Path: path}), "a"))
	copyFile(t, path, copied)
	copyFile(t, keyOf(path), keyOf(copied))
	before, err := os.ReadFile(copied)
	require.NoError(t, err)

	_, err = sqlite.Open(t.Context(), sqlite.Config{Path: copied})
	_, trailErr := sqlite.OpenAuditTrail(t.Context(), copied)
	backupErr := sqlite.Backup(t.Context(), copied, copied+".copy")
	for _, err := range []error{err, trailErr, backupErr} {
		require.Error(t, err)
		for _, words := range []string{copied + " holds nothing", "copied while the server ran, without store.db-wal", "paycorcred backup"} {
			assert.Contains(t, err.Error(), words)
		}
	}
	assert.Contains(t, err.Error(), "move its key file "+keyOf(copied)+" away first")
	after, err := os.ReadFile(copied)
	require.NoError(t, err)
	assert.Equal(t, before, after)

	copyFile(t, path+"-wal", copied+"-wal")
	s := open(t, sqlite.Config{Path: copied})
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error { _, err := r.Credential("w", "a"); return err }))
}

// A database that lost its bytes may have all it held in its log still. SQLite
// would delete that log as a leftover.
func TestTheLogOfADatabaseThatLostItsBytesStays(t *testing.T) {
	path, copied := filepath.Join(t.TempDir(), "store.db"), filepath.Join(t.TempDir(), "store.db")
	require.NoError(t, saveWithAudit(open(t, sqlite.Config{Path: path}), "a"))
	copyFile(t, keyOf(path), keyOf(copied))
	copyFile(t, path+"-wal", copied+"-wal")
	require.NoError(t, os.WriteFile(copied, nil, 0o600))

	_, err := sqlite.Open(t.Context(), sqlite.Config{Path: copied})
	assert.ErrorContains(t, err, "move its key file "+keyOf(copied)+" away first")
	_, trailErr := sqlite.OpenAuditTrail(t.Context(), copied)
	for _, err := range []error{err, trailErr, sqlite.Backup(t.Context(), copied, copied+".copy")} {
		assert.ErrorContains(t, err, copied+" holds nothing")
	}
	require.FileExists(t, copied+"-wal")
	copyFile(t, path, copied)
	s := open(t, sqlite.Config{Path: copied})
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error { _, err := r.Credential("w", "a"); return err }))
}

// Once the log was written back, a copy without it holds everything.
func TestTheLogIsWrittenBack(t *testing.T) {
	path, copied := filepath.Join(t.TempDir(), "store.db"), filepath.Join(t.TempDir(), "store.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, saveWithAudit(s, "a"))
	require.NoError(t, s.Checkpoint(t.Context()))
	copyFile(t, path, copied)
	copyFile(t, keyOf(path), keyOf(copied))
	again := open(t, sqlite.Config{Path: copied})
	require.NoError(t, again.View(t.Context(), func(r store.Reader) error { _, err := r.Credential("w", "a"); return err }))
}

func TestAKeyFileWithoutItsDatabaseIsRefused(t *testing.T) {
	path := filled(t)
	require.NoError(t, os.Remove(path))
	_, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.ErrorContains(t, err, "its database "+path+" is missing")
	assert.NoFileExists(t, path, "and none is made, which would hide it the next time")

	require.NoError(t, os.Rename(keyOf(path), keyOf(path)+".old"))
	require.NoError(t, saveWithAudit(open(t, sqlite.Config{Path: path}), "a"), "a fresh start, once the key is away")
}

// A first start that was killed is taken up, whether its database was on the
// disk already or not, with the key it had made.
func TestAFirstStartThatWasKilledIsTakenUp(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"before the database": func(path string) error { return os.Truncate(path, 0) },
		"after the database":  func(string) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t)
			key, err := os.ReadFile(keyOf(path))
			require.NoError(t, err)
			require.NoError(t, os.Rename(keyOf(path), keyOf(path)+".begun"))
			require.NoError(t, lose(path))
			require.NoError(t, saveWithAudit(open(t, sqlite.Config{Path: path}), "b"))
			after, err := os.ReadFile(keyOf(path))
			require.NoError(t, err)
			assert.Equal(t, key, after)
			assert.NoFileExists(t, keyOf(path)+".begun")
		})
	}
}

// A start that is killed while it makes its key leaves no copy of it behind.
func TestAKilledStartLeavesNoCopyOfItsKey(t *testing.T) {
	path := filled(t)
	begun := keyOf(path) + ".begun"
	require.NoError(t, os.Rename(keyOf(path), begun))
	require.NoError(t, os.Link(begun, begun+".new-1"))
	require.NoError(t, os.Truncate(path, 0))
	require.NoError(t, saveWithAudit(open(t, sqlite.Config{Path: path}), "b"))
	assert.FileExists(t, keyOf(path))
	assert.NoFileExists(t, begun+".new-1")
}

// What a killed start left does not take the place of the key that was restored.
func TestABegunKeyNeverTakesTheKeysPlace(t *testing.T) {
	path := filled(t)
	copyFile(t, keyOf(filled(t)), keyOf(path)+".begun")
	before, err := os.ReadFile(keyOf(path))
	require.NoError(t, err)
	require.NoError(t, saveWithAudit(open(t, sqlite.Config{Path: path}), "b"))
	after, err := os.ReadFile(keyOf(path))
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "store.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, saveWithAudit(s, "a"))
	for file, want := range map[string]fs.FileMode{
		filepath.Dir(path): 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600, keyOf(path): 0o600,
	} {
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, want, info.Mode().Perm(), file)
	}
	require.NoError(t, s.Close())

	require.NoError(t, os.Chmod(path, 0o644))
	open(t, sqlite.Config{Path: path})
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), "a database that others can read is closed to them")
}

func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, saveWithAudit(s, "before"))
	pages := one[int](t, path, "PRAGMA page_count")
	require.NoError(t, sqlite.ExecOnWriter(s, fmt.Sprintf("PRAGMA max_page_count = %d", pages+20)))

	// Small updates and one that does not fit, at the same time.
	var group sync.WaitGroup
	small := make([]error, 10)
	for i := range small {
		group.Go(func() { small[i] = saveWithAudit(s, fmt.Sprint("small ", i)) })
	}
	large := s.Update(t.Context(), func(tx store.Tx) error {
		for i := range 40 {
			c := paycor.Credential{ID: fmt.Sprint("large ", i), Description: strings.Repeat("x", 10000), Version: 1}
			_ = tx.InsertCredential("w", c, nil) // even one that does not mind its errors
		}
		return nil
	})
	group.Wait()
	require.Error(t, large)
	assert.Contains(t, large.Error(), "is full")
	assert.Contains(t, large.Error(), path)
	for i, err := range small {
		assert.NoError(t, err, "small %d", i)
	}
	assert.Zero(t, one[int](t, path, "SELECT count(*) FROM credentials WHERE id LIKE 'large%'"))
	assert.Equal(t, 11, one[int](t, path, "SELECT count(*) FROM credentials"))

	require.NoError(t, sqlite.ExecOnWriter(s, "PRAGMA max_page_count = 100000"))
	require.NoError(t, saveWithAudit(s, "after"), "it goes on once there is room")
	require.Equal(t, "ok", one[string](t, path, "PRAGMA integrity_check"))
}

// An update in which the engine failed is not kept, though it minds nothing.
func TestBrokenStatementDoesNotStopTheStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, sqlite.ExecOnWriter(s, "DROP TABLE idempotency"))
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			if i%2 == 0 {
				assert.NoError(t, saveWithAudit(s, fmt.Sprint(i)))
				return
			}
			err := s.Update(t.Context(), func(tx store.Tx) error {
				_ = tx.InsertCredential("w", paycor.Credential{ID: "half", Version: 1}, nil)
				_ = tx.InsertIdempotencyRecord(store.IdempotencyRecord{})
				return nil
			})
			assert.ErrorContains(t, err, path, "an engine's failure cannot be overlooked")
		})
	}
	group.Wait()
	assert.Equal(t, 10, one[int](t, path, "SELECT count(*) FROM credentials"))
}
