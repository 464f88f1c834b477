package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
)

// While the disk is full, the store is not ready, and says so to callers without naming
// a file. It recovers without a restart.
func TestFullDiskIsReported(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, storetest.SaveWithAudit(s, "before"))
	require.NoError(t, s.Ping(t.Context()))
	require.NoError(t, sqlite.ExecOnWriter(s, fmt.Sprintf("PRAGMA max_page_count = %d", queryOne[int](t, path, "PRAGMA page_count"))))
	var err error
	for i := 0; err == nil; i++ {
		err = storetest.SaveWithAudit(s, fmt.Sprint("more ", i))
	}
	assert.ErrorIs(t, err, store.ErrFull)
	assert.Equal(t, paycor.KindFull, paycor.KindOf(err))
	known := &paycor.Error{}
	require.ErrorAs(t, err, &known)
	assert.NotContains(t, known.Message.String(), path)
	assert.ErrorContains(t, err, path, "the log names it")
	assert.True(t, sqlite.IsFull(s))

	require.NoError(t, sqlite.ExecOnWriter(s, "PRAGMA max_page_count = 100000"))
	assert.NoError(t, s.Ping(t.Context()), "the probe is written")
	assert.False(t, sqlite.IsFull(s))
	require.NoError(t, storetest.SaveWithAudit(s, "after"))
}
