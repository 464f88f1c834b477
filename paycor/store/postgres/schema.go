package postgres

import (
	"context"
	"errors"
	"strconv"

	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

// Migration returns what Open did to the schema.
func (s *DB) Migration() store.Migration { return s.migration }

const selectSchema = `SELECT version FROM schema_version WHERE id = 1`

// CheckSchema returns a *store.SchemaError if another process has migrated the database
// since it was opened.
func (s *DB) CheckSchema(ctx context.Context) error {
	var found int
	if err := s.read(ctx, s.versions, selectSchema, &found); err != nil {
		return err
	}
	if found != s.migration.To {
		return &store.SchemaError{Database: s.name, Found: found, Own: s.migration.To}
	}
	return nil
}

// schemaVersion returns the version of the database's schema; 0 if it is empty.
func (s *DB) schemaVersion(ctx context.Context, conn connection) (version int, err error) {
	var exists bool
	if err := conn.Row(ctx, `SELECT to_regclass('schema_version') IS NOT NULL`, nil, &exists); err != nil {
		return 0, err
	}
	if exists {
		return version, conn.Row(ctx, selectSchema, nil, &version)
	}
	var foreign string
	const tables = `SELECT coalesce(min(c.relname::text), '') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')`
	if err := conn.Row(ctx, tables, nil, &foreign); err != nil {
		return 0, err
	}
	if foreign != "" {
		return 0, message.Errorf("store.postgres-foreign", s.name, foreign)
	}
	return 0, nil
}

// oldestServer is the version of PostgreSQL from which on it has what the schema needs.
const oldestServer = 14

// checkServer returns an error if the server cannot hold a store.
func (s *DB) checkServer(ctx context.Context, conn connection) error {
	var number, encoding string
	err := errors.Join(conn.Row(ctx, `SHOW server_version_num`, nil, &number), conn.Row(ctx, `SHOW server_encoding`, nil, &encoding))
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(number)
	switch {
	case err != nil:
		return err
	case version/10000 < oldestServer:
		return message.Errorf("store.postgres-old", s.name, version/10000, oldestServer)
	case encoding != "UTF8":
		return message.Errorf("store.postgres-encoding", s.name, encoding)
	}
	return nil
}
