package sqlite

import (
	"context"
	"database/sql"
	"io/fs"
	"slices"

	"paycorcred/paycor/message"
)

// SchemaError means that a database has the schema of another version of this
// program.
type SchemaError struct {
	Path  string
	Found int // the version of the database's schema
	Own   int // the version of this program's schema
}

// Error returns the key of the sentence, for logs.
func (e *SchemaError) Error() string { return e.Sentence().String() }

// Sentence returns what happened and what to do.
func (e *SchemaError) Sentence() message.Message {
	if e.Found > e.Own {
		return message.New("cli.schema-newer", e.Path, e.Found, e.Own)
	}
	return message.New("cli.schema-older", e.Path, e.Found, e.Own)
}

// Migration is what Open did to the schema of a database.
type Migration struct {
	From, To int    // versions; From is 0 for a new database
	Copy     string // path of the copy made before; empty if nothing was migrated
}

// Migration returns what Open did to the schema.
func (s *DB) Migration() Migration { return s.migration }

// CheckSchema returns a *SchemaError if another process has migrated the database
// since it was opened.
func (s *DB) CheckSchema(ctx context.Context) error {
	reader, err := s.acquireReader(ctx, s.readers)
	if err != nil {
		return err
	}
	defer func() { s.readers <- reader }()
	var found int
	if err := reader.Row(ctx, "PRAGMA user_version", nil, &found); err != nil {
		return err
	}
	if found != s.migration.To {
		return &SchemaError{Path: s.config.Path, Found: found, Own: s.migration.To}
	}
	return nil
}

// rejectNewerSchema returns a *SchemaError for a database of a newer version of this
// program. What reads only the audit trail can read an older one.
func rejectNewerSchema(ctx context.Context, db *sql.DB, path string) error {
	var found int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	if own := len(migrationFiles(migrations)); found > own {
		return &SchemaError{Path: path, Found: found, Own: own}
	}
	return nil
}

// migrationFiles returns the names of the migrations in their order. Their number is
// the version of the schema.
func migrationFiles(files fs.FS) []string {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is malformed
	}
	slices.Sort(names)
	return names
}
