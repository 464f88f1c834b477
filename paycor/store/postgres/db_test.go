package postgres_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/storetest"
	"paycorcred/paycor/testkit"
)

// newConfig returns the config of a new database.
func newConfig(t testing.TB) postgres.Config {
	return postgres.Config{URL: testkit.Postgres(t), KeyFile: filepath.Join(t.TempDir(), "store.key"), Readers: 4, Migrate: true}
}

// open opens a store that is closed when the test ends.
func open(t testing.TB, config postgres.Config) *postgres.DB {
	t.Helper()
	s, err := postgres.Open(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	var configs sync.Map // by store
	storetest.Run(t, func(t *testing.T) store.Store {
		config := newConfig(t)
		s := open(t, config)
		configs.Store(s, config)
		return s
	}, func(t *testing.T, s store.Store) store.Store {
		require.NoError(t, s.Close())
		config, _ := configs.Load(s)
		return open(t, config.(postgres.Config))
	})
}
