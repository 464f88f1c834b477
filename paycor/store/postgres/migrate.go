package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/records"
)

// migrations are applied in order of their names. The statements of a released file
// never change; a change of the schema is a new file.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the advisory lock of a process that prepares the database.
const migrationLock = 0x50594352 // "PYCR"

// migrationTries is how often a database that other servers use is prepared.
const migrationTries = 10

// initialize migrates the schema and loads the keys in one transaction. Of several
// processes that start at the same time, one does the work and the others find it done.
func (s *DB) initialize(ctx context.Context, conn connection) (err error) {
	if err := conn.control(ctx, fmt.Sprintf(`BEGIN; SELECT pg_advisory_xact_lock(%d)`, migrationLock)); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = conn.control(context.WithoutCancel(ctx), `ROLLBACK`)
		}
	}()
	files, err := s.pendingMigrations(ctx, conn)
	if err != nil {
		return err
	}
	var altered []*store.AlteredError
	if s.migration.From > 0 {
		if altered, err = s.loadKeys(ctx, conn); err != nil {
			return err
		}
	}
	for _, file := range files {
		if err := s.migrate(ctx, conn, file); err != nil {
			return err
		}
	}
	if s.config.Source != nil {
		if err := s.config.Source.CopyTo(ctx, records.Side{Conn: conn, Dialect: dialect, Keys: s.keySource()}); err != nil {
			return err
		}
	}
	if s.migration.From == 0 {
		if err := conn.control(ctx, beginHistory); err != nil {
			return err
		}
		if _, err := s.loadKeys(ctx, conn); err != nil {
			return err
		}
	}
	if s.config.Migrate {
		if err := s.finishMigration(ctx, conn, altered); err != nil {
			return err
		}
	}
	return conn.control(ctx, `COMMIT`)
}

// pendingMigrations returns the files of the missing migrations, and sets s.migration.
func (s *DB) pendingMigrations(ctx context.Context, conn connection) ([]string, error) {
	found, err := s.schema(ctx, conn)
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	from, own := found.version, len(files)
	if from > own && found.suits(own) && s.config.Replica != "" {
		from = own // it has all that a process which serves needs
	}
	s.migration = store.Migration{From: from, To: own}
	switch {
	case from > 0 && s.config.Source != nil:
		return nil, message.Errorf("store.copy-not-empty", s.name)
	case from == 0 && !s.config.Migrate:
		return nil, message.Errorf("store.postgres-empty", s.name)
	case from > own, from < own && !s.config.Migrate:
		return nil, &store.SchemaError{Database: s.name, Found: from, Own: own}
	}
	return files[from:], nil
}

// migrate applies one migration.
func (s *DB) migrate(ctx context.Context, conn connection, file string) error {
	s.config.Logger.InfoContext(ctx, "migrating the database", "database", s.name, "step", path.Base(file))
	text, err := fs.ReadFile(migrations, file)
	if err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	if err := conn.control(ctx, string(text)); err != nil {
		return fmt.Errorf("applying %s: %w", file, err)
	}
	return nil
}

// loadKeys loads the keys and the MACs of the present schema, and lists the altered records
// if there is something to migrate.
func (s *DB) loadKeys(ctx context.Context, conn connection) (altered []*store.AlteredError, err error) {
	if s.keys, err = s.keySource().Load(ctx, conn); err != nil {
		return nil, err
	}
	if s.macs, err = records.NewMACs(ctx, conn, dialect, s.keys.Sealer()); err != nil || s.migration.From == s.migration.To {
		return nil, err
	}
	return s.macs.AlteredRecords(ctx, conn)
}

// finishMigration makes of the records what this version wants, and stores that in the
// database.
func (s *DB) finishMigration(ctx context.Context, conn connection, altered []*store.AlteredError) (err error) {
	if s.macs, err = records.NewMACs(ctx, conn, dialect, s.keys.Sealer()); err != nil {
		return err
	}
	t := records.NewTx(ctx, conn, s.records())
	renewed, err := t.RenewDocuments()
	if err != nil {
		return err
	}
	if renewed > 0 {
		s.config.Logger.InfoContext(ctx, "credentials indexed for lists and searches", "credentials", renewed)
	}
	m := s.migration
	if m.From == m.To {
		return nil
	}
	if m.From > 0 {
		if err := t.FinishMigration(m.From, m.To, altered, s.config.Clock()); err != nil {
			return err
		}
	}
	s.config.Logger.InfoContext(ctx, "database migrated", "database", s.name, "from", m.From, "to", m.To)
	_, err = conn.Exec(ctx, `UPDATE schema_version SET version = ?, oldest = ? WHERE id = 1`, m.To, oldestSchema)
	return err
}

// keySource returns where the key comes from under which the keys are stored.
func (s *DB) keySource() *records.KeySource {
	return &records.KeySource{
		KEK: s.config.KEK, File: s.config.KeyFile, Database: s.name,
		WithoutData: func() error { return message.Errorf("store.postgres-empty-with-key", s.name, s.config.KeyFile) },
		Clock:       s.config.Clock, Logger: s.config.Logger,
	}
}
