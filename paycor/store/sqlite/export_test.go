package sqlite

// WriterExec runs a statement on the connection that writes, as no caller can.
func WriterExec(s *DB, statement string) error { return s.writer.control(statement) }

// WatchesTheLog reports whether versions are told by the log's index.
func WatchesTheLog(s *DB) bool { return s.versions.log != nil }

// AskForVersions has versions told by a connection.
func AskForVersions(s *DB) { s.versions.log = nil }

// PathOf returns the path of the database.
func PathOf(s *DB) string { return s.config.Path }
