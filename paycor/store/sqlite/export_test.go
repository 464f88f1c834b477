package sqlite

import (
	"io/fs"

	"paycorcred/paycor/newfile"
)

// ExecOnWriter runs a statement on the connection that writes.
func ExecOnWriter(s *DB, statement string) error { return s.writer.execControl(statement) }

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
func QueueLength(s *DB) int {
	s.writer.mutex.Lock()
	defer s.writer.mutex.Unlock()
	return len(s.writer.waiting)
}

// PathOf returns the path of the database.
func PathOf(s *DB) string { return s.config.Path }

// ListStatements are the statements that lists and searches run, by what they do.
func ListStatements() map[string]string {
	return map[string]string{
		"list":                unrestrictedByName + isLater,
		"restricted":          restrictedByName + isLater,
		"shared":              sharedByName + isLater,
		"frequent":            unrestrictedByName + matchesText + isLater,
		"hits":                hitsByTrigram,
		"allow-list":          hitsAmongIDs,
		"count":               countVisible,
		"page":                selectPage,
		"application history": applicationHistory,
		"duplicates by name":  `SELECT c.id FROM ` + sameName,
		"duplicates by value": `SELECT c.id FROM ` + sameValues,
	}
}

// IsFull reports whether the last write found the disk full.
func IsFull(s *DB) bool { return s.writer.full.Load() }

// WithoutLinks makes every file system one without hard links until the function it
// returns is called.
func WithoutLinks() (restore func()) {
	supportsLinks = func(string) bool { return false }
	return func() { supportsLinks = newfile.SupportsLinks }
}

// FrequentQueries are statements of calls and verifications, which must not read a whole
// workspace.
var FrequentQueries = map[string]string{"callAccess": callAccess, "applicationCredentials": applicationCredentials}
