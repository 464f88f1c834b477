package store

// WriterExec runs a statement on the connection that writes, as no caller can.
func WriterExec(s *SQLite, statement string) error { return s.writer.control(statement) }
