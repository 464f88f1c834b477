package sqlite_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
)

// The disk of the copy is full, not that of the database.
func TestBackupToAFullDiskNamesIt(t *testing.T) {
	t.Parallel()
	disk, from := t.TempDir(), filepath.Join(t.TempDir(), "store.db")
	require.NoError(t, storetest.SaveWithAudit(open(t, sqlite.Config{Path: from}), "a"))
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64k,mode=0700"); err != nil {
		t.Skipf("a file system of its own is needed: %v", err)
	}
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(disk, syscall.MNT_DETACH)) })
	to := filepath.Join(disk, "copy.db")
	err := sqlite.Backup(t.Context(), from, to)
	require.Error(t, err)
	assert.Equal(t, locale.English.Text("store.disk-full", to), message.Of(err).In(locale.English))
	left, err := os.ReadDir(disk)
	require.NoError(t, err)
	assert.Empty(t, left)

	assert.False(t, sqlite.ReadOnly(disk))
	require.NoError(t, syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	assert.True(t, sqlite.ReadOnly(disk))
}
