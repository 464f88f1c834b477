//go:build linux || darwin

package sqlite

import (
	"io/fs"
	"os"
	"syscall"
)

// ownFile reports whether a file belongs to this user or to root.
func ownFile(info fs.FileInfo) bool {
	status, ok := info.Sys().(*syscall.Stat_t)
	return !ok || status.Uid == 0 || int(status.Uid) == os.Geteuid()
}
