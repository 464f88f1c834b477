package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// explain says of the engine's failures which file is meant and what to do.
// The engine's own words stay in the chain; they never hold a value.
func (s *DB) explain(err error) error {
	var engine *sqlite.Error
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &engine) {
		return err
	}
	path := s.config.Path
	switch engine.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk that holds %s is full: make room on it: %w", path, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%s cannot be written: check that this user owns it, its directory and its disk's mount: %w", path, err)
	case sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%s, or a file beside it, cannot be opened: check that this user may write in %s: %w", path, filepath.Dir(path), err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s is no database: give another path, or restore the file from the backup: %w", path, err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%s is damaged: stop the server and restore it from the backup: %w", path, err)
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf("the disk that holds %s fails or is full: check the disk: %w", path, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("another process has been writing to %s for more than %s: end it, or try again: %w", path, busyTimeout, err)
	}
	return fmt.Errorf("using %s: %w", path, err)
}
