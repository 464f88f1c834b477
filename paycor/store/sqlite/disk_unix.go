//go:build linux || darwin

package sqlite

import "syscall"

// FreeSpace returns the number of bytes that this user can still write beside a file;
// ok is false if that is unknown.
func FreeSpace(dir string) (bytes uint64, ok bool) {
	var found syscall.Statfs_t
	if err := syscall.Statfs(dir, &found); err != nil {
		return 0, false
	}
	return found.Bavail * uint64(found.Bsize), true
}
