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

// OthersOfSecret is Others of a file with a secret. That its group can read it counts as
// intended if root owns the file and this process is not root's: otherwise it could not read
// the file at all. Kubernetes mounts a Secret like that.
func OthersOfSecret(info fs.FileInfo, mask fs.FileMode) fs.FileMode {
	return othersOfSecret(info.Mode(), mask, givenByRoot(info))
}

func othersOfSecret(mode, mask fs.FileMode, given bool) fs.FileMode {
	if given {
		mask &^= 0o040
	}
	return Others(mode, mask)
}
