package store_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/storetest"
)

func TestSQLiteConforms(t *testing.T) {
	paths := map[store.Store]string{}
	open := func(t *testing.T, path string) store.Store {
		s, err := store.OpenSQLite(t.Context(), store.SQLiteConfig{Path: path})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		paths[s] = path
		return s
	}
	storetest.Run(t,
		func(t *testing.T) store.Store {
			// A name that means something in a URI must mean nothing here.
			return open(t, filepath.Join(t.TempDir(), "data ?#%41&", "store.db"))
		},
		func(t *testing.T, s store.Store) store.Store {
			require.NoError(t, s.Close())
			return open(t, paths[s])
		})
}
