package sqlite_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store/sqlite"
)

// What calls and verifications read costs the same with any number of credentials: each
// step of the plan searches an index for more than the workspace.
func TestFrequentQueriesUseIndexes(t *testing.T) {
	t.Parallel()
	db := openRaw(t, newDatabase(t))
	for name, query := range sqlite.FrequentQueries {
		rows, err := db.Query("EXPLAIN QUERY PLAN "+query, "w", "id")
		require.NoError(t, err, name)
		for rows.Next() {
			var id, parent, unused int
			var step string
			require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
			assert.NotContains(t, step, "SCAN", name)
			assert.NotContains(t, step, "(workspace=?)", name)
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
}
