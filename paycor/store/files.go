package store

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

	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return errors.Join(file.Close(), syncDir(dir))
	}
	if !errors.Is(err, fs.ErrExist) {
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

// syncDir makes a new name in a directory survive a power cut.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
