package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"paycorcred/paycor/message"
	"paycorcred/paycor/newfile"
	"paycorcred/paycor/store"
)

// Backup copies a consistent snapshot of the database file from into the new file
// to, which only its owner can read. It works while a server uses the database, and
// neither needs nor copies the key. It overwrites nothing. If it fails, even by a
// power cut, there is no file named to.
func Backup(ctx context.Context, from, to string) (err error) {
	if from, err = filepath.Abs(from); err != nil {
		return fmt.Errorf("finding the database: %w", err)
	}
	if info, err := os.Stat(from); err != nil {
		return message.Wrapf(err, "store.unusable", from, err)
	} else if !info.Mode().IsRegular() {
		return errNotFile(from)
	} else if isEmptyFile(from) {
		return errEmptyDatabase(from)
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fs.ErrExist
		}
		return message.Wrapf(err, "store.no-copy", to, err)
	}
	copied, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".new-*") // with mode 0600; SQLite accepts an empty file
	if err != nil {
		return message.Wrapf(err, "store.no-copy", to, err)
	}
	defer func() { err = errors.Join(err, copied.Close(), newfile.Discard(copied.Name())) }()
	if err := vacuumInto(ctx, from, copied.Name()); err != nil {
		if engine, is := errors.AsType[*sqlite.Error](err); is && engine.Code()&0xff == sqlite3.SQLITE_FULL {
			return &store.FullError{Database: to, Cause: err} // reading needs no space
		}
		return message.Wrapf(err, "store.not-copied", from, message.Of(err))
	}
	if err := copied.Sync(); err != nil { // SQLite does not
		return message.Wrapf(err, "store.no-copy", to, err)
	}
	if err := newfile.Name(copied.Name(), to); err != nil {
		return message.Wrapf(err, "store.no-copy", to, err)
	}
	return nil
}

// vacuumInto copies a snapshot of a database into an empty file, without deleted
// data.
func vacuumInto(ctx context.Context, from, to string) error {
	options := url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(10000)"}, "_dqs": {"false"}, "_defensive": {"true"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: from, RawQuery: options.Encode()}).String())
	if err != nil {
		return err
	}
	if err = checkApplication(ctx, db, from); err == nil {
		_, err = db.ExecContext(ctx, "VACUUM INTO ?", to)
	}
	return errors.Join(err, db.Close())
}
