package sqlite

// ExecOnWriter runs a statement on the connection that writes, as no caller can.
func ExecOnWriter(s *DB, statement string) error { return s.writer.execControl(statement) }

// UsesWALIndex reports whether versions are told by the log's index.
func UsesWALIndex(s *DB) bool { return s.versions.walIndex != nil }

// DisableWALIndex has versions told by a connection.
func DisableWALIndex(s *DB) { s.versions.walIndex = nil }

// PathOf returns the path of the database.
func PathOf(s *DB) string { return s.config.Path }
