package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// prepareFiles makes the directory and an empty database file, for their
// owner only, and closes an existing database file to others. SQLite gives its
// other files the same mode.
func prepareFiles(path string, logger *slog.Logger) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the data directory %s: %w", dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("looking at the data directory %s: %w", dir, err)
	}
	if info.Mode().Perm()&0o022 != 0 {
		logger.Warn("others than its owner may change the data directory: run chmod 700 on it",
			"path", dir, "mode", info.Mode().Perm().String())
	}

	if err := createEmpty(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("making the database %s: %w", path, err)
	}
	info, err = os.Stat(path)
	if err != nil {
		return fmt.Errorf("looking at the database %s: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no file: give the path of a database file", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(path, 0o600); err != nil {
			return fmt.Errorf("closing the database %s to others: %w", path, err)
		}
		logger.Warn("others could read the database; now only its owner can", "path", path)
	}
	return nil
}

func fileExists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// siblingPath is the path of one of SQLite's other files: they are beside the
// database itself, wherever the path to it is a link.
func siblingPath(path, ending string) string {
	if itself, err := filepath.EvalSymlinks(path); err == nil {
		path = itself
	}
	return path + ending
}

// isEmptyFile reports whether a file has no byte. Where a database is expected, SQLite
// is kept away from such a file: it takes the log beside it for a leftover and
// deletes it, and the log may have everything still.
func isEmptyFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() == 0
}

// createEmpty makes an empty file, unless the name is taken. The file gets its
// name only after it is closed: closing a file drops every lock that this
// process holds on it, and SQLite may have locked it as soon as it had a name.
func createEmpty(path string) (err error) {
	if _, err := os.Stat(path); err == nil {
		return fs.ErrExist
	}
	dir := filepath.Dir(path)
	file, err := os.CreateTemp(dir, filepath.Base(path)+".new-*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	if err := file.Close(); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a new name in a directory survive a power cut.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
