package sqlite_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store/sqlite"
)

// asUnprivilegedUser calls run without root's permission to write any file.
func asUnprivilegedUser(t *testing.T, run func()) {
	t.Helper()
	const nobody = 65534
	if os.Geteuid() == 0 {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		require.NoError(t, syscall.Setfsuid(nobody))
		defer func() { require.NoError(t, syscall.Setfsuid(0)) }()
	}
	run()
}

func TestReadOnlyDirectory(t *testing.T) {
	outer, err := os.MkdirTemp("", "readonly")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(outer)) })
	require.NoError(t, os.Chmod(outer, 0o555))
	t.Cleanup(func() { require.NoError(t, os.Chmod(outer, 0o755)) })
	for name, path := range map[string]string{
		"cannot create the directory": filepath.Join(outer, "data", "store.db"),
		"cannot create the database":  filepath.Join(outer, "store.db"),
	} {
		t.Run(name, func(t *testing.T) {
			asUnprivilegedUser(t, func() {
				s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
				if err == nil {
					require.NoError(t, s.Close())
				}
				assert.ErrorIs(t, err, os.ErrPermission)
				assert.ErrorContains(t, err, outer)
			})
		})
	}
}

func TestReadOnlyFile(t *testing.T) {
	path := newDatabase(t)
	require.NoError(t, os.Chmod(path, 0o400))
	for _, directory := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path)), filepath.Dir(filepath.Dir(filepath.Dir(path)))} {
		require.NoError(t, os.Chmod(directory, 0o755))
	}
	if os.Geteuid() == 0 {
		require.NoError(t, os.Chown(path, 65534, -1))
	}
	asUnprivilegedUser(t, func() {
		s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
		if err == nil {
			require.NoError(t, s.Close())
		}
		assert.ErrorContains(t, err, path)
		assert.ErrorContains(t, err, "store.read-only")
	})
}
