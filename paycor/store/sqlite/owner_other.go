//go:build !linux && !darwin

package sqlite

import "io/fs"

// ownFile reports whether a file belongs to this user, as far as it is known.
func ownFile(fs.FileInfo) bool { return true }
