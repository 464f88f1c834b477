package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/cache"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/storetest"
	"paycorcred/paycor/testkit"
)

// openReplica opens a store of a process that serves, and waits for its lease.
func openReplica(t testing.TB, config postgres.Config) *postgres.DB {
	t.Helper()
	config.Replica = "v1"
	s := open(t, config)
	require.Eventually(t, func() bool { return fromMemory(s) }, time.Minute, time.Millisecond)
	return s
}

// fromMemory reports whether a store knows its version without a query, which would fail.
func fromMemory(s *postgres.DB) bool {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := s.Version(ctx)
	return err == nil
}

func versionOf(t testing.TB, s store.Store) store.Version {
	t.Helper()
	version, err := s.Version(t.Context())
	require.NoError(t, err)
	return version
}

func insertToken(t testing.TB, s store.Store, id string) {
	t.Helper()
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		return tx.InsertAPIToken(store.APIToken{ID: id, Hash: []byte(id), Workspace: "w", Rights: paycor.Rights{paycor.RightView}})
	}))
}

// A token that was revoked in one process is revoked in every one when that is answered,
// although none of them asks the database before it answers.
func TestRevocationIsTrueInEveryReplica(t *testing.T) {
	t.Parallel()
	t.Run("notified", func(t *testing.T) { t.Parallel(); testRevocation(t, newConfig(t), 100) })
	t.Run("behind a pooler", func(t *testing.T) {
		t.Parallel()
		config := newConfig(t)
		config.URL = testkit.Pooler(t, config.URL)
		testRevocation(t, config, 10)
	})
}

func testRevocation(t *testing.T, config postgres.Config, rounds int) {
	command := open(t, config) // has no lease
	replicas := []*postgres.DB{openReplica(t, config), openReplica(t, config), openReplica(t, config)}
	var caches []*cache.Versioned[string, store.APIToken]
	for _, s := range replicas {
		caches = append(caches, cache.New(cache.Config[string, store.APIToken]{Version: s.Version, Max: 10, Read: func(ctx context.Context, id string) (token store.APIToken, err error) {
			err = s.View(ctx, func(r store.Reader) error {
				token, err = r.APIToken([]byte(id))
				return err
			})
			return token, err
		}}))
	}
	accepted := func(i int, id string) bool {
		token, err := caches[i].Get(t.Context(), id)
		assert.NoError(t, err)
		return token.RevokedAt.IsZero()
	}
	for _, s := range replicas {
		require.Eventually(t, func() bool { return s.Replicas() == 3 }, time.Minute, 10*time.Millisecond)
	}
	stop := make(chan struct{})
	var busy sync.WaitGroup
	for n := range rounds {
		id := fmt.Sprint("t", n)
		insertToken(t, replicas[n%3], id)
		for i := range replicas {
			assert.True(t, accepted(i, id), "it is there at once")
		}
		if n == 0 { // others use the token all the time
			for i := range replicas {
				busy.Go(func() {
					for accepted(i, "t0") {
						select {
						case <-stop:
							return
						default:
						}
					}
				})
			}
		}
		revoker := store.Store(command)
		if n%4 > 0 {
			revoker = replicas[n%4-1]
		}
		require.NoError(t, revoker.Update(t.Context(), func(tx store.Tx) error { return tx.RevokeAPIToken("w", id, time.Now(), "Ann") }))
		for i := range replicas {
			assert.False(t, accepted(i, id), "round %d, replica %d", n, i)
		}
	}
	close(stop)
	busy.Wait()
}

// What no process keeps in memory does not make any of them read again.
func TestVersionIsThatOfWhatIsKept(t *testing.T) {
	t.Parallel()
	s := openReplica(t, newConfig(t))
	insertToken(t, s, "t")
	before := versionOf(t, s)
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		return tx.InsertSignInLink(store.SignInLink{Hash: []byte("h"), CreatedAt: time.Now(), ExpiresAt: time.Now()})
	}))
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error { return tx.SetAPITokenLastUsed("t", time.Now()) }))
	assert.Equal(t, before, versionOf(t, s))
	require.NoError(t, storetest.SaveWithAudit(s, "a"))
	assert.NotEqual(t, before, versionOf(t, s))
}

// An update waits for a replica that says nothing until its lease has ended, and not for one
// that was closed.
func TestSilentReplica(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	run(t, config, `INSERT INTO replica_leases (id, version, started_at, seen, ends_at)
		VALUES ('silent', 'v1', now(), 0, clock_timestamp() + interval '700 milliseconds')`)
	insertToken(t, s, "t")
	var ended bool
	query := `SELECT ends_at <= clock_timestamp() FROM replica_leases WHERE id = 'silent'`
	require.NoError(t, connect(t, config).QueryRow(t.Context(), query).Scan(&ended))
	assert.True(t, ended)

	closing := config
	closing.Replica = "v1"
	replica, err := postgres.Open(t.Context(), closing)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return fromMemory(replica) }, time.Minute, time.Millisecond)
	require.NoError(t, replica.Close())
	assert.Equal(t, 1, s.Replicas(), "it has no lease")
	var left int
	require.NoError(t, connect(t, config).QueryRow(t.Context(), `SELECT count(*) FROM replica_leases WHERE id <> 'silent'`).Scan(&left))
	assert.Zero(t, left)
}

// A replica that cannot renew its lease asks the database before it answers.
func TestLostLease(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s, other := openReplica(t, config), open(t, config)
	server, err := postgres.Describe(t.Context(), config)
	require.NoError(t, err)
	assert.Equal(t, []string{"v1"}, server.Replicas)
	insertToken(t, other, "a")
	before := versionOf(t, s)
	blocking := connect(t, config)
	_, err = blocking.Exec(t.Context(), `BEGIN; SELECT 1 FROM replica_leases FOR UPDATE`)
	require.NoError(t, err)
	insertToken(t, other, "b") // it can only wait for as long as a lease can last
	assert.NotEqual(t, before, versionOf(t, s))
	assert.False(t, fromMemory(s))
	before = versionOf(t, s)
	insertToken(t, s, "c")
	assert.NotEqual(t, before, versionOf(t, s))

	_, err = blocking.Exec(t.Context(), `COMMIT`)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return fromMemory(s) }, time.Minute, time.Millisecond)
	before = versionOf(t, s)
	insertToken(t, other, "d")
	assert.NotEqual(t, before, versionOf(t, s))
}

// BenchmarkVersion is what every call pays.
func BenchmarkVersion(b *testing.B) {
	s := openReplica(b, newConfig(b))
	b.ResetTimer()
	for range b.N {
		if _, err := s.Version(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
