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

// openForVersion opens a store that reads its version from memory or with a query.
func openForVersion(t testing.TB, query bool) *sqlite.DB {
	t.Helper()
	directory := t.TempDir()
	opened, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(directory, "a.db"), KeyFile: filepath.Join(directory, "a.key")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	if query {
		sqlite.DisableWALIndex(opened)
	}
	return opened
}

// A commit of another process changes the version before it returns.
func TestOtherProcessChangesVersion(t *testing.T) {
	t.Parallel()
	for name, query := range map[string]bool{"from memory": false, "by query": true} {
		t.Run(name, func(t *testing.T) {
			s := openForVersion(t, query)
			require.Equal(t, query, !sqlite.UsesWALIndex(s))
			for n := range 5 {
				before, err := s.Version(t.Context())
				require.NoError(t, err)
				require.NoError(t, childProcess(t, "create a token", sqlite.PathOf(s), fmt.Sprint(n)).Run())
				after, err := s.Version(t.Context())
				require.NoError(t, err)
				assert.NotEqual(t, before, after)
				unchanged, err := s.Version(t.Context())
				require.NoError(t, err)
				assert.Equal(t, after, unchanged)
			}
		})
	}
}

// A checkpoint that restarts the log never brings an earlier version back.
func TestVersionAcrossCheckpoints(t *testing.T) {
	t.Parallel()
	s := openForVersion(t, false)
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
	for name, query := range map[string]bool{"memory": false, "query": true} {
		b.Run(name, func(b *testing.B) {
			s := openForVersion(b, query)
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
