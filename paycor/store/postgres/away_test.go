//go:build unix

package postgres_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/storetest"
	"paycorcred/paycor/testkit"
)

// A caller who leaves does not wait for a database that is away, nor does a process that closes
// it, however long updates may wait for it otherwise.
func TestADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	server := testkit.StartPostgres(t)
	config := postgres.Config{
		URL: server.URL("postgres"), KeyFile: filepath.Join(t.TempDir(), "store.key"), Migrate: true, Wait: time.Hour, Replica: "v1",
	}
	s := open(t, config)
	require.NoError(t, storetest.SaveWithAudit(s, "before"))
	server.Stop()

	ctx, leave := context.WithCancel(t.Context())
	left, stayed := make(chan error, 1), make(chan error, 1)
	nothing := func(store.Tx) error { return nil }
	go func() { left <- s.Update(ctx, nothing) }()
	go func() { stayed <- s.Update(t.Context(), nothing) }()
	leave()
	require.ErrorIs(t, await(t, left), context.Canceled)
	s.Send([]byte("not sent"))
	s.Send([]byte("not sent either"))
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	require.Error(t, await(t, stayed))
	require.NoError(t, await(t, closed))
}

// await returns what a channel receives.
func await(t *testing.T, from <-chan error) error {
	t.Helper()
	select {
	case err := <-from:
		return err
	case <-time.After(time.Minute):
		t.Fatal("it still waits for the database")
		return nil
	}
}
