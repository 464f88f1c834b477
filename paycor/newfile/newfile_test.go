package newfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestName(t *testing.T) {
	for name, fault := range map[string]error{"with links": nil, "SMB": syscall.EOPNOTSUPP, "FAT": syscall.EPERM, "FUSE": syscall.ENOSYS} {
		t.Run(name, func(t *testing.T) {
			if fault != nil {
				defer func(before func(string, string) error) { link = before }(link)
				link = func(from, to string) error { return &os.LinkError{Op: "link", Old: from, New: to, Err: fault} }
			}
			dir := t.TempDir()
			assert.Equal(t, fault == nil, SupportsLinks(dir))
			temporary, path := filepath.Join(dir, "a.new"), filepath.Join(dir, "a")
			write := func(text string) { require.NoError(t, os.WriteFile(temporary, []byte(text), 0o600)) }
			read := func() string {
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				return string(text)
			}
			write("first")
			require.NoError(t, Name(temporary, path))
			require.NoError(t, Discard(temporary))
			assert.Equal(t, "first", read())
			write("second")
			require.ErrorIs(t, Name(temporary, path), fs.ErrExist)
			assert.Equal(t, "first", read())
			require.NoError(t, Discard(temporary))
			names, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Len(t, names, 1, "nothing is left behind")
		})
	}
}

func TestNameFails(t *testing.T) {
	defer func(before func(string, string) error) { link = before }(link)
	link = func(string, string) error { return syscall.EOPNOTSUPP }
	path := filepath.Join(t.TempDir(), "a")
	require.ErrorIs(t, Name(path+".missing", path), fs.ErrNotExist)
	assert.NoFileExists(t, path, "the name is free again")
	link = func(string, string) error { return errors.New("disk on fire") }
	require.EqualError(t, Name(path+".missing", path), "disk on fire")
	assert.True(t, SupportsLinks(t.TempDir()+"/missing"), "no reason to refuse")
}
