package postgres_test

import (
	"context"
	"errors"
	"os"
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

// emptyConfig returns the config of an empty database.
func emptyConfig(t testing.TB) postgres.Config {
	return postgres.Config{URL: testkit.Postgres(t), KeyFile: filepath.Join(t.TempDir(), "store.key"), Readers: 4, Migrate: true}
}

// prepared is a database with the schema and its keys.
var prepared = testkit.PostgresTemplate{Prepare: func(url string) (err error) {
	dir, err := os.MkdirTemp("", "paycorcred-key-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	config := postgres.Config{URL: url, KeyFile: filepath.Join(dir, "store.key"), Migrate: true}
	s, err := postgres.Open(context.Background(), config)
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	preparedKey, err = os.ReadFile(config.KeyFile)
	return err
}}

var preparedKey []byte // of prepared

// newConfig returns the config of a database that has nothing but the schema and its keys.
func newConfig(t testing.TB) postgres.Config {
	t.Helper()
	config := postgres.Config{URL: prepared.Copy(t), KeyFile: filepath.Join(t.TempDir(), "store.key"), Readers: 4, Migrate: true}
	require.NoError(t, os.WriteFile(config.KeyFile, preparedKey, 0o600))
	return config
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
