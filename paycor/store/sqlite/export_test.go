package sqlite

// ExecOnWriter runs a statement on the connection that writes.
func ExecOnWriter(s *DB, statement string) error { return s.writer.execControl(statement) }

// UsesWALIndex reports whether versions are read from the WAL index.
func UsesWALIndex(s *DB) bool { return s.versions.walIndex != nil }

// DisableWALIndex makes versions come from a query.
func DisableWALIndex(s *DB) { s.versions.walIndex = nil }

// QueueLength returns the number of waiting updates.
func QueueLength(s *DB) int {
	s.writer.mutex.Lock()
	defer s.writer.mutex.Unlock()
	return len(s.writer.waiting)
}

// PathOf returns the path of the database.
func PathOf(s *DB) string { return s.config.Path }
