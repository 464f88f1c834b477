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
)

// Backup copies the database in a file, as it is at one moment, into a new
// file that only its owner may read. A server may go on working on it; it needs
// no key and copies none. Nothing is overwritten, and where it fails or the
// power goes there is no file of that name.
func Backup(ctx context.Context, from, to string) (err error) {
	if from, err = filepath.Abs(from); err != nil {
		return fmt.Errorf("finding the database: %w", err)
	}
	if info, err := os.Stat(from); err != nil {
		return fmt.Errorf("looking for the database: %w", err)
	} else if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no file: give the path of a database file", from)
	} else if isEmptyFile(from) {
		return errEmptyDatabase(from)
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fs.ErrExist
		}
		return fmt.Errorf("making the copy %s: %w", to, err)
	}
	copied, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".new-*") // with mode 0600; SQLite writes into an empty file
	if err != nil {
		return fmt.Errorf("making the copy: %w", err)
	}
	defer func() { err = errors.Join(err, copied.Close(), os.Remove(copied.Name())) }()
	if err := vacuumInto(ctx, from, copied.Name()); err != nil {
		return fmt.Errorf("copying %s: %w", from, err)
	}
	if err := copied.Sync(); err != nil { // SQLite leaves this to us
		return fmt.Errorf("writing the copy to the disk: %w", err)
	}
	if err := os.Link(copied.Name(), to); err != nil { // unlike a rename, this overwrites nothing
		return fmt.Errorf("naming the copy: %w", err)
	}
	return syncDir(filepath.Dir(to))
}

// vacuumInto writes what a database holds into an empty file, from one
// consistent state. What was deleted is not copied.
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
