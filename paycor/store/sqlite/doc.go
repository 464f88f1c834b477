// Package sqlite keeps the records of package store in one SQLite file.
//
// The database runs in WAL mode. WAL is a write-ahead log: a commit appends its
// pages to a second file (ending in -wal) instead of overwriting the database,
// so readers continue while one connection writes. SQLite copies the log back
// into the database from time to time, which is called a checkpoint. Anyone who
// copies the database file alone may therefore miss recent commits; Backup
// includes them.
//
// Secrets are encrypted one by one (package seal) before SQLite sees them.
// Schema changes are the files in migrations, applied in order by Open.
package sqlite
