package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// explain adds the file and what to do to an error of SQLite. SQLite's own message
// remains in the chain; it never contains a stored value.
func (s *DB) explain(err error) error {
	var engine *sqlite.Error
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &engine) {
		return err
	}
	path := s.config.Path
	switch engine.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk that holds %s is full: free some space: %w", path, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%s cannot be written: check the owner of the file and its directory, and that the disk is mounted read-write: %w", path, err)
	case sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%s or a file beside it cannot be opened: check that this user can write to %s: %w", path, filepath.Dir(path), err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s is not a database: give another path, or restore the file from the backup: %w", path, err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%s is damaged: stop the server and restore it from the backup: %w", path, err)
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf("the disk that holds %s fails or is full: check the disk: %w", path, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("another process has kept %s locked for more than %s: stop it, or try again: %w", path, busyTimeout, err)
	}
	return fmt.Errorf("using %s: %w", path, err)
}
