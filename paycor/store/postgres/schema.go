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

// oldestSchema is the schema of the earliest version of the program that works with the present
// schema, so that it goes on serving while one server after another is replaced. A migration
// that it does not get along with raises it to its own number, one release after the version
// that prepares for it.
const oldestSchema = 9

// schema is what a database says about its schema.
type schema struct {
	version int // 0 if the database is empty
	oldest  int // schema of the earliest version of the program that works with it
}

// suits reports whether a program with a schema of its own works with this one.
func (s schema) suits(own int) bool { return s.version == own || s.version > own && s.oldest <= own }

// selectSchema reads it. Before schema 9, the program worked with its own only.
const selectSchema = `SELECT version, coalesce(CAST(to_jsonb(s) ->> 'oldest' AS bigint), version) FROM schema_version s WHERE id = 1`

// CheckSchema returns a *store.SchemaError if another process has migrated the database
// since it was opened, and this version does not work with the new schema.
func (s *DB) CheckSchema(ctx context.Context) error {
	var found schema
	if err := s.read(ctx, s.versions, selectSchema, &found.version, &found.oldest); err != nil {
		return err
	}
	if own := s.migration.To; !found.suits(own) {
		return &store.SchemaError{Database: s.name, Found: found.version, Own: own}
	}
	return nil
}

// schema returns the schema of the database.
func (s *DB) schema(ctx context.Context, conn connection) (found schema, err error) {
	var exists bool
	if err := conn.Row(ctx, `SELECT to_regclass('schema_version') IS NOT NULL`, nil, &exists); err != nil {
		return found, err
	}
	if exists {
		return found, conn.Row(ctx, selectSchema, nil, &found.version, &found.oldest)
	}
	var foreign string
	const tables = `SELECT coalesce(min(c.relname::text), '') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')`
	if err := conn.Row(ctx, tables, nil, &foreign); err != nil {
		return found, err
	}
	if foreign != "" {
		return found, message.Errorf("store.postgres-foreign", s.name, foreign)
	}
	return found, nil
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
