//go:build linux || darwin

package sqlite

import (
	"errors"
	"syscall"
)

// FreeSpace returns the number of bytes that this user can still write beside a file;
// ok is false if that is unknown.
func FreeSpace(dir string) (bytes uint64, ok bool) {
	var found syscall.Statfs_t
	if err := syscall.Statfs(dir, &found); err != nil {
		return 0, false
	}
	return found.Bavail * uint64(found.Bsize), true
}

// ReadOnly reports whether a directory is on a disk that is mounted read-only. One that this
// user may not write to is none.
func ReadOnly(dir string) bool {
	const write = 2 // W_OK of access(2)
	return errors.Is(syscall.Access(dir, write), syscall.EROFS)
}
