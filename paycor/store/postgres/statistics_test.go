package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store/storetest"
)

// PostgreSQL learns of the rows of a new database at once, and not when autovacuum comes.
func TestStatisticsOfTablesThatGrow(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	run(t, config, `ALTER TABLE credentials SET (autovacuum_enabled = false)`)
	conn := connect(t, config)
	deadline := time.Now().Add(time.Minute)
	for n := 0; ; n++ {
		require.NoError(t, storetest.SaveWithAudit(s, fmt.Sprint(n)))
		var known bool
		require.NoError(t, conn.QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_stats WHERE tablename = 'credentials')`).Scan(&known))
		if known {
			return
		}
		require.Less(t, time.Now(), deadline, "after %d saves", n)
	}
}
