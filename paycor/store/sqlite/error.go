package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
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
		return &store.FullError{Database: path, Cause: err}
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return message.Wrapf(err, "store.read-only", path)
	case sqlite3.SQLITE_CANTOPEN:
		return message.Wrapf(err, "store.cannot-open", path, filepath.Dir(path))
	case sqlite3.SQLITE_NOTADB:
		return message.Wrapf(err, "store.not-database", path)
	case sqlite3.SQLITE_CORRUPT:
		return damagedError{message.Wrapf(err, "store.damaged", path)}
	case sqlite3.SQLITE_IOERR:
		if free, ok := FreeSpace(filepath.Dir(path)); ok && free < minFree {
			return &store.FullError{Database: path, Cause: err}
		}
		return message.Wrapf(err, "store.disk-fails", path)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return message.Wrapf(err, "store.busy", path, busyTimeout)
	}
	return fmt.Errorf("using %s: %w", path, err)
}
