package sqlite

import (
	"io/fs"

	"paycorcred/paycor/newfile"
	"paycorcred/paycor/store/records"
)

// ExecOnWriter runs a statement on the connection that writes.
func ExecOnWriter(s *DB, statement string) error { return s.connection.exec(statement) }

// UsesWALIndex reports whether versions are read from the WAL index.
func UsesWALIndex(s *DB) bool { return s.versions.walIndex != nil }

// DisableWALIndex makes versions come from a query.
func DisableWALIndex(s *DB) { s.versions.walIndex = nil }

// WithMigrations replaces the migrations of the schema.
func WithMigrations(config Config, files fs.FS) Config {
	config.migrations = files
	return config
}

// Migrations are the migrations of this program.
var Migrations fs.FS = migrations

// QueueLength returns the number of waiting updates.
func QueueLength(s *DB) int { return s.writer.Waiting() }

// PathOf returns the path of the database.
func PathOf(s *DB) string { return s.config.Path }

// ListStatements are the statements that lists and searches run, by what they do.
func ListStatements() map[string]string { return records.ListStatements(dialect) }

// IsFull reports whether the last write found the disk full.
func IsFull(s *DB) bool { return s.full.Load() }

// WithoutLinks makes every file system one without hard links until the function it
// returns is called.
func WithoutLinks() (restore func()) {
	supportsLinks = func(string) bool { return false }
	return func() { supportsLinks = newfile.SupportsLinks }
}

// FrequentQueries are statements of calls and verifications, which must not read a whole
// workspace.
var FrequentQueries = records.FrequentStatements()
