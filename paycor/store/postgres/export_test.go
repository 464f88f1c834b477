package postgres

// Translated is translated.
var Translated = translated

// Dialect is dialect.
var Dialect = dialect

// Pooled reports whether there is a pooler in front of the database.
func Pooled(s *DB) bool { return s.pooled }

// Revises is revises.
var Revises = revises

// MigrationLock is migrationLock.
const MigrationLock = migrationLock
