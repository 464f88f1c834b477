package sqlite

import (
	"context"
	"database/sql"
	"io/fs"
	"slices"

	"paycorcred/paycor/store"
)

// Migration returns what Open did to the schema.
func (s *DB) Migration() store.Migration { return s.migration }

// CheckSchema returns a *store.SchemaError if another process has migrated the database
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
		return &store.SchemaError{Database: s.config.Path, Found: found, Own: s.migration.To}
	}
	return nil
}

// rejectNewerSchema returns a *store.SchemaError for a database of a newer version of this
// program. What reads only the audit trail can read an older one.
func rejectNewerSchema(ctx context.Context, db *sql.DB, path string) error {
	var found int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	if own := len(migrationFiles(migrations)); found > own {
		return &store.SchemaError{Database: path, Found: found, Own: own}
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
