package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"strconv"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/records"
)

// migrations are applied in order of their names. The statements of a released file
// never change; a change of the schema is a new file.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrationSteps are what follows the statements of a file where SQL is not enough. They
// run before the next file, so they see the schema of theirs. A new database needs none.
var migrationSteps = map[string]func(migrationTx, *slog.Logger) error{
	"migrations/0016_applications.sql":        mergeApplications,
	"migrations/0019_application_history.sql": reconcileVerdicts,
}

// migrationTx is the transaction of a migration.
type migrationTx struct{ *records.Transaction }

// applicationID marks a database as ours: "PYCR".
const applicationID = 0x50594352

// enableWAL turns on write-ahead logging, so that views run while an update
// writes.
func (s *DB) enableWAL(ctx context.Context, conn *connection) error {
	var mode string
	err := retryWhileBusy(ctx, func() error { return conn.Row(ctx, "PRAGMA journal_mode = WAL", nil, &mode) })
	if err == nil && mode != "wal" {
		return message.Errorf("store.no-wal", s.config.Path, mode)
	}
	return err
}

// retryWhileBusy calls try until no other process has the database locked, for
// busyTimeout at most. SQLite's own waiting is not enough: its intervals grow, so
// a busy server would lock a command out, and it does not wait at all to change
// the journal mode.
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

// initialize migrates the schema and loads the keys in one write transaction. Of
// several processes that start at the same time, one does the work and the others
// find it done.
//
// A migration may build a table again under its name, so deleting the old one must not
// delete what refers to it: foreign keys are off meanwhile, which SQLite only allows
// outside of a transaction.
func (s *DB) initialize(ctx context.Context, conn *connection) (err error) {
	if err := s.unlockKeys(ctx, conn); err != nil {
		return err
	}
	if err := conn.set(ctx, "foreign_keys = OFF", cacheSize(migrationCacheKiB)); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, conn.set(ctx, "foreign_keys = ON", cacheSize(writerCacheKiB), "shrink_memory"))
	}()
	err = retryWhileBusy(ctx, func() error {
		_, err := conn.Exec(ctx, "BEGIN IMMEDIATE")
		return err
	})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			// After some failures SQLite has already rolled back.
			_, _ = conn.Exec(context.Background(), "ROLLBACK")
		}
	}()
	files, err := s.pendingMigrations(ctx, conn)
	if err != nil {
		return err
	}
	if s.migration.From > 0 && len(files) > 0 {
		if s.migration.Copy, err = s.copyBeforeMigration(ctx); err != nil {
			return err
		}
	}
	var altered []*store.AlteredError
	if s.migration.From > 0 {
		if err := s.loadKeys(ctx, conn); err != nil {
			return err
		}
		if altered, err = s.alteredBeforeMigration(ctx, conn, files); err != nil {
			return err
		}
	}
	if err := s.migrate(ctx, conn, files); err != nil {
		return err
	}
	if s.config.Source != nil {
		if err := s.config.Source.CopyTo(ctx, records.Side{Conn: conn, Dialect: dialect, Keys: s.keySource()}); err != nil {
			return err
		}
	}
	if s.migration.From == 0 {
		if err := s.loadKeys(ctx, conn); err != nil {
			return err
		}
	}
	if s.macs, err = records.NewMACs(ctx, conn, dialect, s.keys.Sealer()); err != nil {
		return err
	}
	if err := s.renewDocuments(ctx, conn); err != nil {
		return err
	}
	if s.migration.From > 0 && len(files) > 0 {
		if err := s.newTx(ctx, conn).FinishMigration(s.migration.From, s.migration.To, altered, s.config.Clock()); err != nil {
			return err
		}
	}
	if _, err := conn.Exec(ctx, "COMMIT"); err != nil {
		return err
	}
	if m := s.migration; m.From != m.To {
		s.config.Logger.InfoContext(ctx, "database migrated", "path", s.config.Path, "from", m.From, "to", m.To, "copy", m.Copy)
	}
	return nil
}

// unlockKeys decrypts the keys of a database that has some, before it is locked: a KMS may
// take long, and servers write meanwhile. Where it finds none, or a schema that is not ours,
// the transaction that follows says so.
func (s *DB) unlockKeys(ctx context.Context, conn *connection) error {
	var version int
	own := len(migrationFiles(s.config.migrations))
	err := conn.Row(ctx, "PRAGMA user_version", nil, &version)
	if err != nil || version == 0 || version > own || version < own && !s.config.Migrate || s.config.Source != nil {
		return nil
	}
	wrapped, err := records.ReadKeysets(ctx, conn)
	if err != nil {
		return nil
	}
	s.keys, err = records.NewKeyring(s.keySource(), wrapped)
	return err
}

// loadKeys loads the keys in the transaction. Those that unlockKeys has decrypted are only
// compared.
func (s *DB) loadKeys(ctx context.Context, conn *connection) (err error) {
	if s.keys != nil {
		return s.keys.Refresh(ctx, conn)
	}
	s.keys, err = s.keySource().Load(ctx, conn)
	return err
}

// pendingMigrations returns the files of the missing migrations, and sets
// s.migration.
func (s *DB) pendingMigrations(ctx context.Context, conn *connection) ([]string, error) {
	var application, tables, from int
	err := errors.Join(
		conn.Row(ctx, "PRAGMA application_id", nil, &application),
		conn.Row(ctx, "PRAGMA user_version", nil, &from),
		conn.Row(ctx, "SELECT count(*) FROM sqlite_schema", nil, &tables))
	if err != nil {
		return nil, err
	}
	if tables > 0 && application != applicationID {
		return nil, message.Errorf("store.foreign", s.config.Path)
	}
	if from > 0 && s.config.Source != nil {
		return nil, message.Errorf("store.copy-not-empty", s.config.Path)
	}
	files := migrationFiles(s.config.migrations)
	s.migration = store.Migration{From: from, To: len(files)}
	if from > len(files) || from > 0 && from < len(files) && !s.config.Migrate {
		return nil, &store.SchemaError{Database: s.config.Path, Found: from, Own: len(files)}
	}
	return files[from:], nil
}

// alteredBeforeMigration lists the altered records, if there are migrations.
func (s *DB) alteredBeforeMigration(ctx context.Context, conn *connection, files []string) ([]*store.AlteredError, error) {
	if len(files) == 0 {
		return nil, nil
	}
	macs, err := records.NewMACs(ctx, conn, dialect, s.keys.Sealer())
	if err != nil {
		return nil, err
	}
	return macs.AlteredRecords(ctx, conn)
}

// renewDocuments lets lists and searches find the credentials as this program wants them.
func (s *DB) renewDocuments(ctx context.Context, conn *connection) error {
	own, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || s.migration.From > 0 && !s.config.Migrate || s.migration.To < len(own) {
		return err
	}
	renewed, err := s.newTx(ctx, conn).RenewDocuments()
	if renewed > 0 && err == nil {
		s.config.Logger.InfoContext(ctx, "credentials indexed for lists and searches", "credentials", renewed)
	}
	return err
}

// migrate applies migrations.
func (s *DB) migrate(ctx context.Context, conn *connection, files []string) error {
	for _, file := range files {
		if s.migration.From > 0 {
			s.config.Logger.InfoContext(ctx, "migrating the database", "path", s.config.Path, "step", path.Base(file))
		}
		text, err := fs.ReadFile(s.config.migrations, file)
		if err != nil {
			return fmt.Errorf("reading %s: %w", file, err)
		}
		if _, err := conn.conn.ExecContext(ctx, string(text)); err != nil {
			return fmt.Errorf("applying %s: %w", file, s.explain(err))
		}
		if step := migrationSteps[file]; step != nil && s.migration.From > 0 {
			t := s.newTx(ctx, conn)
			err := step(migrationTx{t.Transaction}, s.config.Logger)
			if err == nil {
				err = t.Flush()
			}
			if err != nil {
				return fmt.Errorf("applying %s: %w", file, err)
			}
		}
	}
	if len(files) == 0 {
		return nil
	}
	_, err := conn.conn.ExecContext(ctx, "PRAGMA application_id = "+strconv.Itoa(applicationID)+
		"; PRAGMA user_version = "+strconv.Itoa(s.migration.To))
	if err != nil {
		return fmt.Errorf("storing the schema version: %w", s.explain(err))
	}
	return nil
}
