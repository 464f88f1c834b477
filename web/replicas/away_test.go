package replicas_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
)

// A server that stops while PostgreSQL is away ends in order, and says what is not on record.
func TestStopsWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	database := testkit.StartPostgres(t)
	c := startCluster(t, newDatabase(database))
	id := c.save(0, paycortest.SunriseBakery).ID
	require.Equal(t, 200, c.api(0, "GET", callPath(id), nil).Status)
	database.Stop()
	require.Eventually(t, func() bool { return c.at(0, request{Method: "GET", Path: "/readyz"}).Status == 503 }, timeout, 10*time.Millisecond)
	stopped := c.servers[0]
	stopped.stop()
	assert.Contains(t, stopped.output.String(), "calls are not recorded: The database credentials in ")
	database.Start()
}
