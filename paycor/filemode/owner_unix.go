//go:build unix

package filemode

import (
	"io/fs"
	"os"
	"syscall"
)

// givenByRoot reports whether root owns a file, and this process is another user's.
func givenByRoot(info fs.FileInfo) bool {
	owner, known := info.Sys().(*syscall.Stat_t)
	return known && owner.Uid == 0 && os.Geteuid() != 0
}
