package sqlite_test

import (
	"database/sql"
	"iter"
	"path/filepath"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// open opens a store that is closed when the test ends.
func open(t *testing.T, config sqlite.Config) *sqlite.DB {
	t.Helper()
	s, err := sqlite.Open(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// raw opens the database file past the store.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// one reads one value past the store.
func one[T any](t *testing.T, path, query string) T {
	t.Helper()
	var value T
	db := raw(t, path)
	require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&value))
	require.NoError(t, db.Close())
	return value
}

// wholeTrail reads all audit entries of the one workspace there is, oldest
// first.
func wholeTrail(t *testing.T, s store.Store) iter.Seq[audit.Entry] {
	t.Helper()
	all := []audit.Entry{}
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
		for {
			query := store.AuditQuery{Limit: 1000}
			if len(all) > 0 {
				query.Before = all[len(all)-1].Sequence
			}
			entries, err := r.AuditEntries("w", query)
			if err != nil || len(entries) == 0 {
				return err
			}
			all = append(all, entries...)
		}
	}))
	require.NotEmpty(t, all)
	slices.Reverse(all)
	return slices.Values(all)
}

func TestSQLiteConforms(t *testing.T) {
	paths := map[store.Store]string{}
	opened := func(t *testing.T, path string) store.Store {
		s := open(t, sqlite.Config{Path: path})
		paths[s] = path
		return s
	}
	storetest.Run(t,
		func(t *testing.T) store.Store {
			// A name that means something in a URI must mean nothing here.
			return opened(t, filepath.Join(t.TempDir(), "data ?#%41&", "store.db"))
		},
		func(t *testing.T, s store.Store) store.Store {
			require.NoError(t, s.Close())
			return opened(t, paths[s])
		})
}
