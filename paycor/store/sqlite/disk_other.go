//go:build !linux && !darwin

package sqlite

// FreeSpace returns the number of bytes that this user can still write beside a file;
// ok is false if that is unknown.
func FreeSpace(string) (bytes uint64, ok bool) { return 0, false }

// ReadOnly reports whether a directory is on a disk that is mounted read-only.
func ReadOnly(string) bool { return false }
