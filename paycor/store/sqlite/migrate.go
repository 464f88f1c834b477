package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
)

// migrations are applied in the order of their names. One that was released
// is never edited; a change is a new file.
//
//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks a database as ours: "PYCR".
const applicationID = 0x50594352

// enableWAL turns on write-ahead logging, which lets views go on while an update
// writes.
func enableWAL(ctx context.Context, s *connection) error {
	var mode string
	err := retryWhileBusy(ctx, func() error { return s.row(ctx, "PRAGMA journal_mode = WAL", nil, &mode) })
	if err == nil && mode != "wal" {
		return fmt.Errorf("the file system does not allow write-ahead logging (journal mode is %q): keep the data on a local disk", mode)
	}
	return err
}

// retryWhileBusy tries until no other process stands in the way, for busyTimeout at
// most. SQLite's own waiting is not enough: it looks ever more seldom, so that
// a busy server would keep a command out for good, and for a change of the
// journal mode it does not wait at all.
func retryWhileBusy(ctx context.Context, try func() error) error {
	deadline := time.Now().Add(busyTimeout)
	for {
		err := try()
		if err == nil || !isBusy(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func isBusy(err error) bool {
	var engine *sqlite.Error
	return errors.As(err, &engine) && engine.Code()&0xff == sqlite3.SQLITE_BUSY
}

// initialize brings the schema up to date and gets the keys, all in one write
// transaction: of several processes that start at once, one does the work and
// the others find it done.
//
// A new database's key file gets its own name only after that transaction is on
// the disk, and is begunKey until then. So the three states of a first start
// can be told apart, wherever it is killed: no key and no schema, begunKey with
// or without the schema, and both files whole. A key file beside an empty
// database is none of them: that database was lost, or copied without its log.
func (s *DB) initialize(ctx context.Context, session *connection) (sealer *seal.Sealer, err error) {
	err = retryWhileBusy(ctx, func() error {
		_, err := session.exec(ctx, "BEGIN IMMEDIATE")
		return err
	})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			// After some failures SQLite has ended it by itself, and says so.
			_, _ = session.exec(context.Background(), "ROLLBACK")
		}
	}()
	from, to, err := s.migrate(ctx, session)
	if err != nil {
		return nil, err
	}
	if sealer, err = s.loadSealer(ctx, session); err != nil {
		return nil, err
	}
	if _, err := session.exec(ctx, "COMMIT"); err != nil {
		return nil, err
	}
	if from != to {
		s.config.Logger.InfoContext(ctx, "database brought up to date", "path", s.config.Path, "from", from, "to", to)
	}
	return sealer, nil
}

// migrate brings the schema up to date and returns its version before and after.
func (s *DB) migrate(ctx context.Context, session *connection) (version, newest int, err error) {
	var application, tables int
	err = errors.Join(
		session.row(ctx, "PRAGMA application_id", nil, &application),
		session.row(ctx, "PRAGMA user_version", nil, &version),
		session.row(ctx, "SELECT count(*) FROM sqlite_schema", nil, &tables))
	if err != nil {
		return 0, 0, err
	}
	if tables > 0 && application != applicationID {
		return 0, 0, fmt.Errorf("%s is a database of another program: give the path of a credential store, or of no file at all", s.config.Path)
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, 0, fmt.Errorf("listing migrations: %w", err)
	}
	slices.Sort(files)
	if version > len(files) {
		return 0, 0, fmt.Errorf("%s was written by a newer version of this program (its schema is %d, this program knows up to %d): start the newer version, or restore an older backup",
			s.config.Path, version, len(files))
	}
	if version == len(files) {
		return version, version, nil
	}
	for _, file := range files[version:] {
		text, err := migrations.ReadFile(file)
		if err != nil {
			return 0, 0, fmt.Errorf("reading %s: %w", file, err)
		}
		if _, err := session.conn.ExecContext(ctx, string(text)); err != nil {
			return 0, 0, fmt.Errorf("applying %s: %w", file, s.explain(err))
		}
	}
	_, err = session.conn.ExecContext(ctx, "PRAGMA application_id = "+strconv.Itoa(applicationID)+
		"; PRAGMA user_version = "+strconv.Itoa(len(files)))
	if err != nil {
		return 0, 0, fmt.Errorf("noting the schema's version: %w", s.explain(err))
	}
	return version, len(files), nil
}

// loadSealer unwraps the keys in the database, or makes the first ones. A new key is
// never made for a database that has keys: it would open nothing.
func (s *DB) loadSealer(ctx context.Context, session *connection) (*seal.Sealer, error) {
	var wrapped seal.Wrapped
	err := session.row(ctx, `SELECT sealing, fingerprints FROM keysets WHERE id = 1`, nil, &wrapped.Values, &wrapped.Fingerprints)
	if errors.Is(err, store.ErrNotFound) {
		return s.createSealer(ctx, session)
	}
	if err != nil {
		return nil, err
	}
	kek := s.config.KEK
	if kek == nil {
		kek, err = s.openKeyFile()
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s holds sealed secrets and their key is missing: expected the key file %s; restore it from the backup, without it the stored secrets cannot be read: %w",
				s.config.Path, s.config.KeyFile, err)
		}
		if err != nil {
			return nil, err
		}
	}
	sealer, err := seal.Load(kek, wrapped)
	if errors.Is(err, seal.ErrWrongKey) {
		return nil, fmt.Errorf("%s is not the key of %s: restore the key that belongs to this database from the backup, without it the stored secrets cannot be read: %w",
			kek.Name(), s.config.Path, err)
	}
	return sealer, err
}

// openKeyFile reads the key of a database that has one: of a first start that did
// not come to its end, or goes on in another process, it is begunKey still.
func (s *DB) openKeyFile() (seal.KEK, error) {
	kek, err := seal.OpenKeyFile(s.config.KeyFile)
	if !errors.Is(err, fs.ErrNotExist) {
		return kek, err
	}
	kek, err = seal.OpenKeyFile(s.pendingKeyFile())
	if !errors.Is(err, fs.ErrNotExist) {
		return kek, err
	}
	return seal.OpenKeyFile(s.config.KeyFile) // the other process may have named it between the two looks
}

// createSealer makes the keys of a new database. The file of their key is on the
// disk before the keys it wraps are stored; one of a start that did not come to
// its end is used.
func (s *DB) createSealer(ctx context.Context, session *connection) (*seal.Sealer, error) {
	var sealed int
	if err := session.row(ctx, `SELECT count(*) FROM secrets`, nil, &sealed); err != nil {
		return nil, err
	}
	if sealed > 0 {
		return nil, fmt.Errorf("%s is damaged: it holds sealed secrets and no key for them; restore it from the backup", s.config.Path)
	}
	kek := s.config.KEK
	if kek == nil {
		if fileExists(s.config.KeyFile) {
			return nil, errKeyWithoutData(s.config)
		}
		var err error
		kek, err = seal.OpenKeyFile(s.pendingKeyFile())
		if errors.Is(err, fs.ErrNotExist) {
			kek, err = seal.CreateKeyFile(s.pendingKeyFile())
		}
		if err != nil {
			return nil, err
		}
		// In this transaction nobody else makes a key.
		if err := seal.RemoveUnfinished(s.pendingKeyFile()); err != nil {
			return nil, err
		}
	}
	sealer, wrapped, err := seal.New(kek)
	if err != nil {
		return nil, err
	}
	const query = `INSERT INTO keysets (id, sealing, fingerprints, made_at) VALUES (1, ?, ?, ?)`
	_, err = session.exec(ctx, query, wrapped.Values, wrapped.Fingerprints, timestamp(s.config.Clock()))
	return sealer, err
}

// pendingKeyFile is the key file of a database that is not on the disk yet.
func (s *DB) pendingKeyFile() string { return s.config.KeyFile + ".begun" }

// publishKeyFile gives a new database's key file its name. Where a file has that name it
// is the one that was opened, and stays.
func (s *DB) publishKeyFile(ctx context.Context) error {
	if fileExists(s.config.KeyFile) {
		return nil
	}
	err := os.Rename(s.pendingKeyFile(), s.config.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another process was faster
	}
	if err == nil {
		err = syncDir(filepath.Dir(s.config.KeyFile))
	}
	if err != nil {
		return fmt.Errorf("naming the key file %s: %w", s.config.KeyFile, err)
	}
	s.config.Logger.InfoContext(ctx, "key file made: keep a backup of it apart from the database", "path", s.config.KeyFile)
	return nil
}

// errEmptyDatabase says of a database that it holds nothing where it has to.
func errEmptyDatabase(path string) error {
	return fmt.Errorf("%s holds nothing: was it copied while the server ran, without %s-wal? Make the copy with \"paycorcred backup\", which takes everything with it, or stop the server first",
		path, filepath.Base(path))
}

func errKeyWithoutData(config Config) error {
	return fmt.Errorf("%w. Where a new, empty database is meant, move its key file %s away first", errEmptyDatabase(config.Path), config.KeyFile)
}
