package sqlite

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"paycorcred/paycor/filemode"
	"paycorcred/paycor/message"
	"paycorcred/paycor/newfile"
)

// prepareFiles creates the directory and an empty database file for their owner
// only, and removes other users' access to an existing database file. SQLite gives
// its other files the same mode.
func prepareFiles(path string, logger *slog.Logger) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return message.Wrapf(err, "store.directory", dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return message.Wrapf(err, "store.directory", dir, err)
	}
	if filemode.Others(info.Mode(), 0o022) != 0 {
		logger.Warn("other users can change the data directory: run chmod 700 on it",
			"path", dir, "mode", info.Mode().Perm().String())
	}

	if !supportsLinks(dir) {
		return message.Errorf("store.no-links", dir)
	}

	if err := createEmpty(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return message.Wrapf(err, "store.unusable", path, err)
	}
	info, err = os.Stat(path)
	if err != nil {
		return message.Wrapf(err, "store.unusable", path, err)
	}
	if !info.Mode().IsRegular() {
		return errNotFile(path)
	}
	return restrict(path, logger)
}

// supportsLinks is newfile.SupportsLinks. Tests replace it.
var supportsLinks = newfile.SupportsLinks

// restrict takes away other users' access to a file. Kubernetes gives it to the group of a
// volume with fsGroup.
func restrict(path string, logger *slog.Logger) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return message.Wrapf(err, "store.unusable", path, err)
	}
	if info.Mode().IsRegular() && filemode.OthersOfSecret(info, 0o077) != 0 {
		if err := os.Chmod(path, 0o600); err != nil {
			return message.Wrapf(err, "store.open-to-others", path, err)
		}
		logger.Warn("other users could access this file; now only its owner can", "path", path)
	}
	return nil
}

func errNotFile(path string) error {
	return message.Errorf("store.not-file", path)
}

func fileExists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// siblingPath returns the path of one of SQLite's other files. They are next to
// the database itself, even if the path is a symbolic link.
func siblingPath(path, suffix string) string {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	return path + suffix
}

// isEmptyFile reports whether a file has no content. SQLite must not open such
// a file where a database is expected: it would treat the log next to it as a
// leftover and delete it, and the log may still have all the data.
func isEmptyFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() == 0
}

// createEmpty creates an empty file unless the name is taken. The file gets its
// name after it is closed: closing a file drops every lock of this process on it,
// and SQLite may lock the file as soon as it has its name.
func createEmpty(path string) (err error) {
	if _, err := os.Stat(path); err == nil {
		return fs.ErrExist
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, newfile.Discard(file.Name())) }()
	if err := file.Close(); err != nil {
		return err
	}
	return newfile.Name(file.Name(), path)
}
