// Package filemode says what other users of the machine may do with a file.
package filemode

import (
	"io/fs"
	"runtime"
)

// Others returns those of the permissions in mask that a file's mode gives. For mask, name
// the permissions of the group and of others. On Windows there are none: access lists
// decide there, and the mode, which Go makes up, has every permission.
func Others(mode, mask fs.FileMode) fs.FileMode {
	if runtime.GOOS == "windows" {
		return 0
	}
	return mode.Perm() & mask
}
