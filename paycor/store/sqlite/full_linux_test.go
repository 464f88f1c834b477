package sqlite_test

import (
	"os/signal"
	"path/filepath"
	"paycorcred/paycor/store/sqlite"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A first start says what is wrong with the disk and nothing else, and the next
// one takes it up.
func TestAFirstStartOnAFullDisk(t *testing.T) {
	var free syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &free))
	room := func(limit syscall.Rlimit) { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)) }
	signal.Ignore(syscall.SIGXFSZ)
	t.Cleanup(func() { signal.Reset(syscall.SIGXFSZ) })
	t.Cleanup(func() { room(free) })

	path := filepath.Join(t.TempDir(), "store.db")
	_, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Clock: func() time.Time {
		room(syscall.Rlimit{Cur: 8 << 10, Max: free.Max}) // asked last before the end of the first transaction
		return time.Now()
	}})
	room(free)
	require.ErrorContains(t, err, path+" fails or is full")
	assert.NotContains(t, err.Error(), "rollback")

	require.NoError(t, saveWithAudit(open(t, sqlite.Config{Path: path}), "after"))
}
