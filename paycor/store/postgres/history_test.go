package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/testkit"
)

// After a failover to a standby that lacks the latest updates, no process takes what it keeps
// in memory of those for what is there, although as many updates followed; and updates wait
// until leases ended that may be lost.
func TestFailoverLosesUpdates(t *testing.T) {
	t.Parallel()
	primary := testkit.StartPostgres(t)
	primary.Execute(`CREATE DATABASE credentials`)
	standby := primary.Standby(false)
	config := emptyConfig(t)
	config.URL = primary.EitherURL(standby, "credentials")
	a, b := openReplica(t, config), openReplica(t, config)
	insertToken(t, a, "kept")
	standby.AwaitReplay(primary)
	standby.Detach()
	insertToken(t, a, "lost")
	before := versionOf(t, b)
	primary.Kill()
	standby.Promote()

	insertToken(t, a, "after")
	assert.NotEqual(t, before, versionOf(t, b))
	var lost, trusted int
	conn := connect(t, postgres.Config{URL: standby.URL("credentials")})
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(*) FROM tokens WHERE id = 'lost'`).Scan(&lost))
	assert.Zero(t, lost, "the test is about a standby that lacks it")
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(*) FROM replica_leases WHERE id LIKE 'history %' AND ends_at > clock_timestamp()`).Scan(&trusted))
	assert.Zero(t, trusted, "the update waited")
	for _, s := range []*postgres.DB{a, b} {
		require.Eventually(t, func() bool { return fromMemory(s) && s.Replicas() == 2 }, time.Minute, time.Millisecond)
	}
	assert.Equal(t, versionOf(t, a), versionOf(t, b))
}

// A lease that its holder trusts is still there after the database crashed.
func TestLeaseAfterACrash(t *testing.T) {
	t.Parallel()
	server := testkit.StartPostgres(t)
	server.Execute(`CREATE DATABASE credentials`)
	config := emptyConfig(t)
	config.URL = server.URL("credentials")
	var replicas []*postgres.DB
	for n := range 5 {
		replicas = append(replicas, openReplica(t, config))
		server.Stop()
		server.Start()
		leases := 0
		require.NoError(t, connect(t, config).QueryRow(t.Context(), `SELECT count(*) FROM replica_leases WHERE version <> ''`).Scan(&leases))
		assert.Equal(t, n+1, leases)
		for _, s := range replicas {
			require.Eventually(t, func() bool { return fromMemory(s) }, time.Minute, time.Millisecond)
		}
	}
}
