package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// watched opens a store whose version is told in each of the two ways.
func watched(t testing.TB, slow bool) *sqlite.DB {
	t.Helper()
	directory := t.TempDir()
	opened, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(directory, "a.db"), KeyFile: filepath.Join(directory, "a.key")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	if slow {
		sqlite.DisableWALIndex(opened)
	}
	return opened
}

// What another process commits is another version once it has committed.
func TestAnotherProcessChangesTheVersion(t *testing.T) {
	for name, slow := range map[string]bool{"by the log's index": false, "by asking": true} {
		t.Run(name, func(t *testing.T) {
			s := watched(t, slow)
			require.Equal(t, slow, !sqlite.UsesWALIndex(s))
			for n := range 5 {
				before, err := s.Version(t.Context())
				require.NoError(t, err)
				require.NoError(t, child(t, "create a token", sqlite.PathOf(s), fmt.Sprint(n)).Run())
				after, err := s.Version(t.Context())
				require.NoError(t, err)
				assert.NotEqual(t, before, after)
				again, err := s.Version(t.Context())
				require.NoError(t, err)
				assert.Equal(t, after, again)
			}
		})
	}
}

// The checkpoint that starts the log anew changes no version that was not
// changed by a commit, and hides none.
func TestVersionsOverCheckpoints(t *testing.T) {
	s := watched(t, false)
	seen := map[store.Version]bool{}
	for n := range 40 {
		require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
			return tx.InsertAPIToken(store.APIToken{ID: fmt.Sprint(n), Hash: []byte{byte(n)}, Workspace: "w", CreatedAt: time.Unix(int64(n), 0)})
		}))
		version, err := s.Version(t.Context())
		require.NoError(t, err)
		require.False(t, seen[version], "commit %d", n)
		seen[version] = true
		if n%10 == 9 {
			require.NoError(t, sqlite.ExecOnWriter(s, "PRAGMA wal_checkpoint(TRUNCATE)"))
		}
	}
}

func BenchmarkVersion(b *testing.B) {
	for name, slow := range map[string]bool{"log": false, "asking": true} {
		b.Run(name, func(b *testing.B) {
			s := watched(b, slow)
			_, err := s.Version(b.Context())
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Version(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
