package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
	"paycorcred/paycor/testkit"
)

// A backup is made during writes. Restored beside its key, it is consistent: the
// secrets of every credential can be decrypted and every credential has its entry.
func TestBackupCanBeRestored(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	path, copied := filepath.Join(directory, "store.db"), filepath.Join(directory, "copy.db")
	s := open(t, sqlite.Config{Path: path})
	save := func(id string) error { return storetest.SaveWithAudit(s, id) }
	for i := range 20 {
		require.NoError(t, save(fmt.Sprintf("before-%02d", i)))
	}
	var writing sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	started := make(chan struct{})
	writing.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			assert.NoError(t, save(fmt.Sprintf("meanwhile-%d", i)))
			if i == 0 {
				close(started)
			}
		}
	})
	<-started
	err := sqlite.Backup(t.Context(), path, copied)
	stop()
	writing.Wait()
	require.NoError(t, err)
	info, err := os.Stat(copied)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	restored := filepath.Join(t.TempDir(), "data")
	require.NoError(t, os.Mkdir(restored, 0o700))
	require.NoError(t, os.Rename(copied, filepath.Join(restored, "store.db")))
	key, err := os.ReadFile(filepath.Join(directory, "store.key"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(restored, "store.key"), key, 0o600))
	reopened := open(t, sqlite.Config{Path: filepath.Join(restored, "store.db")})
	var ids []string
	require.NoError(t, reopened.View(t.Context(), func(r store.Reader) error {
		page, err := r.Credentials("w", paycor.Query{Limit: 1000}, nil)
		for _, credential := range page.Credentials {
			ids = append(ids, credential.ID)
			if err == nil {
				_, err = r.Secrets("w", credential.ID)
			}
		}
		return err
	}))
	assert.Subset(t, ids, []string{"before-00", "before-19", "meanwhile-0"})
	entries := 0
	require.NoError(t, testkit.CheckTrail(nil, func(yield func(audit.Entry) bool) {
		for entry := range auditTrailOf(t, reopened) {
			if entries++; !yield(entry) {
				return
			}
		}
	}))
	assert.Len(t, ids, entries, "one entry per credential")
	require.NoError(t, storetest.SaveWithAudit(reopened, "after"), "it can be written to")
	assert.Equal(t, "wal", queryOne[string](t, filepath.Join(restored, "store.db"), "PRAGMA journal_mode"))
}

func TestBackupContainsNoDeletedData(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	path, copied := filepath.Join(directory, "store.db"), filepath.Join(directory, "copy.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, storetest.SaveWithAudit(s, "kept"))
	require.NoError(t, storetest.SaveWithAudit(s, "gone"))
	sealed := queryOne[[]byte](t, path, "SELECT sealed FROM secrets WHERE application = 'app_gone' AND field = 'client_secret'")
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error { return tx.DeleteCredential("w", "gone", 1) }))
	require.NoError(t, sqlite.Backup(t.Context(), path, copied))
	text, err := os.ReadFile(copied)
	require.NoError(t, err)
	assert.True(t, strings.Contains(string(text), "kept"), "the search works")
	assert.False(t, strings.Contains(string(text), string(sealed)))
}

func TestBackupRejects(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from, to string
		want     string
	}{
		"an existing file":              {"store.db", "taken", "file already exists"},
		"an existing symlink":           {"store.db", "dangling", "file already exists"},
		"the database itself":           {"store.db", "store.db", "file already exists"},
		"no such directory":             {"store.db", "nowhere/copy", "no such file"},
		"a missing database":            {"nothing", "copy", "no such file"},
		"a directory":                   {".", "copy", "store.not-file"},
		"another file":                  {"taken", "copy", "file is not a database"},
		"a database of another program": {"foreign.db", "copy", "store.foreign"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			directory := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(directory, "taken"), []byte(strings.Repeat("somebody's ", 100)), 0o600))
			require.NoError(t, os.Symlink(filepath.Join(directory, "elsewhere"), filepath.Join(directory, "dangling")))
			require.NoError(t, storetest.SaveWithAudit(open(t, sqlite.Config{Path: filepath.Join(directory, "store.db")}), "a"))
			_, err := openRaw(t, filepath.Join(directory, "foreign.db")).Exec("CREATE TABLE t (c)")
			require.NoError(t, err)
			before, err := filepath.Glob(filepath.Join(directory, "*"))
			require.NoError(t, err)
			err = sqlite.Backup(t.Context(), filepath.Join(directory, test.from), filepath.Join(directory, test.to))
			require.ErrorContains(t, err, test.want)
			after, err := filepath.Glob(filepath.Join(directory, "*"))
			require.NoError(t, err)
			assert.Equal(t, before, after, "nothing is left behind")
		})
	}
}
