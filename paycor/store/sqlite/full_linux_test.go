package sqlite_test

import (
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
)

// A first start on a full disk reports the disk and nothing else. The next one
// resumes it.
func TestFirstStartOnFullDisk(t *testing.T) {
	var original syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &original))
	setLimit := func(limit syscall.Rlimit) { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)) }
	signal.Ignore(syscall.SIGXFSZ)
	t.Cleanup(func() { signal.Reset(syscall.SIGXFSZ) })
	t.Cleanup(func() { setLimit(original) })

	path := filepath.Join(t.TempDir(), "store.db")
	_, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Clock: func() time.Time {
		setLimit(syscall.Rlimit{Cur: 8 << 10, Max: original.Max}) // the clock is read last before the commit
		return time.Now()
	}})
	setLimit(original)
	require.ErrorContains(t, err, "store.disk-fails ("+path)
	assert.NotContains(t, err.Error(), "rollback")

	require.NoError(t, storetest.SaveWithAudit(open(t, sqlite.Config{Path: path}), "after"))
}
