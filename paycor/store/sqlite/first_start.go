package sqlite

import (
	"io/fs"
	"os"
	"path/filepath"

	"paycorcred/paycor/filemode"
	"paycorcred/paycor/message"
)

// checkFirstStart returns an error if somebody else could have prepared the place for a
// new database: with a key that they know, or with a link to a database of theirs.
func checkFirstStart(config Config) error {
	if err := CheckFirstStart(filepath.Dir(config.Path)); err != nil {
		return err
	}
	return checkOwnFiles(config.Path, (&DB{config: config}).keySource().PendingFile())
}

// CheckFirstStart creates a directory for a key, and returns an error if other users can
// create files in it.
func CheckFirstStart(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return message.Wrapf(err, "store.directory", dir, err)
	}
	open, err := othersCanWrite(dir)
	if err != nil {
		return message.Wrapf(err, "store.directory", dir, err)
	}
	if open {
		return message.Errorf("store.first-open", dir, dir)
	}
	return nil
}

// checkOwnFiles returns an error if a file is a link, or belongs to somebody else.
func checkOwnFiles(paths ...string) error {
	for _, path := range paths {
		info, err := os.Lstat(path)
		switch {
		case err != nil: // there is none, or opening it says why not
		case info.Mode()&fs.ModeSymlink != 0:
			return message.Errorf("store.first-link", path)
		case !ownFile(info):
			return message.Errorf("store.first-foreign", path)
		}
	}
	return nil
}

// othersCanWrite reports whether other users can create files in a directory: its mode
// allows it, and they can reach it.
func othersCanWrite(dir string) (bool, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false, err
	}
	info, err := os.Stat(dir)
	if err != nil || filemode.Others(info.Mode(), 0o022) == 0 {
		return false, err
	}
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			return false, err
		}
		if filemode.Others(info.Mode(), 0o011) == 0 {
			return false, nil
		}
		if parent == filepath.Dir(parent) {
			return true, nil
		}
	}
}
