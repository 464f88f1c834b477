package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/seal"
	"paycorcred/paycor/store/sqlite"
)

// reachable returns a directory that other users can reach, with a mode.
func reachable(t *testing.T, mode os.FileMode) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "first-start-*")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, mode))
	return dir
}

// A first start creates nothing where somebody else may have prepared the place.
func TestFirstStartRejectsAPreparedPlace(t *testing.T) {
	t.Parallel()
	if info, err := os.Stat(os.TempDir()); err != nil || info.Mode().Perm()&0o011 == 0 {
		t.Skip("nobody else can reach the directory for temporary files")
	}
	for name, test := range map[string]struct {
		mode    os.FileMode
		prepare func(t *testing.T, dir string)
		want    string
	}{
		"others can write":           {0o757, nil, "store.first-open"},
		"the group can write":        {0o775, nil, "store.first-open"},
		"anybody, as in /tmp":        {0o777 | os.ModeSticky, nil, "store.first-open"},
		"a planted key":              {0o777, func(t *testing.T, dir string) { plant(t, filepath.Join(dir, "store.key.begun")) }, "store.first-open"},
		"a key that is a link":       {0o755, func(t *testing.T, dir string) { link(t, filepath.Join(dir, "store.key.begun")) }, "store.first-link"},
		"a database that is a link":  {0o755, func(t *testing.T, dir string) { link(t, filepath.Join(dir, "store.db")) }, "store.first-link"},
		"a database of another user": {0o755, func(t *testing.T, dir string) { foreign(t, filepath.Join(dir, "store.db")) }, "store.first-foreign"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := reachable(t, test.mode)
			if test.prepare != nil {
				test.prepare(t, dir)
			}
			before, err := os.ReadDir(dir)
			require.NoError(t, err)
			_, err = sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(dir, "store.db")})
			assert.ErrorContains(t, err, test.want)
			after, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Len(t, after, len(before))
		})
	}
}

func plant(t *testing.T, path string) {
	t.Helper()
	_, err := seal.CreateKeyFile(path)
	require.NoError(t, err)
}

func link(t *testing.T, path string) {
	t.Helper()
	target := filepath.Join(t.TempDir(), "target")
	require.NoError(t, os.WriteFile(target, nil, 0o600))
	require.NoError(t, os.Symlink(target, path))
}

func foreign(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	if err := os.Chown(path, 12345, -1); err != nil {
		t.Skipf("only root can give a file away: %v", err)
	}
}

// A directory that is made for it, or that nobody else can reach, is fine.
func TestFirstStartInAPrivatePlace(t *testing.T) {
	t.Parallel()
	open(t, sqlite.Config{Path: filepath.Join(reachable(t, 0o777|os.ModeSticky), "data", "store.db")})
	outer := reachable(t, 0o700)
	inner := filepath.Join(outer, "shared")
	require.NoError(t, os.Mkdir(inner, 0o700))
	require.NoError(t, os.Chmod(inner, 0o777))
	open(t, sqlite.Config{Path: filepath.Join(inner, "store.db")})
}
