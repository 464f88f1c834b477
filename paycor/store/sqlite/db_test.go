package sqlite_test

import (
	"database/sql"
	"iter"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
)

// open opens a store and closes it when the test ends.
func open(t testing.TB, config sqlite.Config) *sqlite.DB {
	t.Helper()
	s, err := sqlite.Open(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// openRaw opens the database file without the store.
func openRaw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// queryOne reads one value without the store.
func queryOne[T any](t *testing.T, path, query string) T {
	t.Helper()
	var value T
	db := openRaw(t, path)
	require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&value))
	require.NoError(t, db.Close())
	return value
}

// auditTrailOf reads all audit entries of workspace w, the oldest first.
func auditTrailOf(t *testing.T, s store.Store) iter.Seq[audit.Entry] {
	t.Helper()
	all := []audit.Entry{}
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
		for next := int64(0); ; {
			entries, following, err := r.SearchAudit("w", audit.Query{}, store.AuditScan{From: next, MaxScanned: 1000, Limit: 1000})
			all, next = append(all, entries...), following
			if err != nil || next == 0 {
				return err
			}
		}
	}))
	require.NotEmpty(t, all)
	slices.Reverse(all)
	return slices.Values(all)
}

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t,
		func(t *testing.T) store.Store {
			// The characters have a meaning in a URI and must not have one here.
			return open(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "data ?#%41&", "store.db")})
		},
		func(t *testing.T, s store.Store) store.Store {
			require.NoError(t, s.Close())
			return open(t, sqlite.Config{Path: sqlite.PathOf(s.(*sqlite.DB))})
		})
}
