// Package newfile gives complete files their names, so that nobody ever reads a part of
// one and none is replaced.
package newfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Links of file systems. Tests replace it.
var link = os.Link

// Name gives a temporary file its name in the same directory and makes that durable. It
// fails with fs.ErrExist if the name is taken. The caller removes the temporary file,
// which may be gone. On a file system without hard links, such as an SMB share, a power
// cut in just this moment can leave an empty file of that name.
func Name(temporary, path string) error {
	err := link(temporary, path) // unlike a rename, fails if the name is taken
	if isUnsupported(err) {
		err = reserveAndRename(temporary, path)
	}
	if err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

func reserveAndRename(temporary, path string) error {
	reserved, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(reserved.Close(), os.Rename(temporary, path)); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// Discard removes a temporary file unless it is gone already.
func Discard(temporary string) error {
	if err := os.Remove(temporary); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// SupportsLinks reports whether the file system of a directory has hard links. It is
// true if that cannot be found out, as on a full disk.
func SupportsLinks(dir string) bool {
	file, err := os.CreateTemp(dir, "paycorcred.link-*")
	if err != nil {
		return true
	}
	_ = file.Close()
	err = link(file.Name(), file.Name()+".2")
	_ = os.Remove(file.Name() + ".2")
	_ = os.Remove(file.Name())
	return !isUnsupported(err)
}

// isUnsupported reports whether a file system has no hard links. Linux answers EPERM for
// FAT.
func isUnsupported(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EPERM)
}

// SyncDir makes new names in a directory durable, where the file system can. Windows does
// so by itself, and refuses to be asked.
func SyncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	err = dir.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, dir.Close())
}
