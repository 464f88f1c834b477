package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/records"
)

// AuditTrail reads the audit trail of a database file, whether or not a server uses
// it. It needs no key and changes and creates no file, so it also works on a backup
// and on a read-only disk.
type AuditTrail struct {
	*records.Trail
	path      string
	db        *sql.DB
	conn      *connection
	immutable bool // no process had the database open
}

var _ store.AuditTrail = (*AuditTrail)(nil)

// OpenAuditTrail opens the audit trail of a database file. Its schema may be older than
// this program's.
func OpenAuditTrail(ctx context.Context, path string) (*AuditTrail, error) {
	return openAuditTrail(ctx, path, func(err error) error { return err })
}

// openAuditTrail opens a database file that accept accepts.
func openAuditTrail(ctx context.Context, path string, accept func(error) error) (*AuditTrail, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", path, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, message.Wrapf(err, "store.unusable", path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, errNotFile(path)
	}
	if isEmptyFile(path) {
		return nil, errEmptyDatabase(path)
	}
	t := &AuditTrail{path: path, immutable: !walExists(path)}
	options := url.Values{"mode": {"ro"}, "_pragma": {"query_only(ON)", "busy_timeout(10000)"}, "_dqs": {"false"}, "_defensive": {"true"}}
	if t.immutable {
		options.Set("immutable", "1") // otherwise SQLite creates the files of its log
	}
	t.db, err = sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	err = checkApplication(ctx, t.db, path)
	if err == nil {
		err = accept(rejectNewerSchema(ctx, t.db, path))
	}
	var conn *sql.Conn
	if err == nil {
		conn, err = t.db.Conn(ctx)
	}
	if err != nil {
		return nil, errors.Join(t.explain(err), t.db.Close())
	}
	t.conn = &connection{conn: conn, statements: map[string]*sql.Stmt{}, explain: t.explain}
	t.Trail = records.NewTrail(t.conn, dialect)
	return t, nil
}

// checkApplication returns an error unless this program created the database.
func checkApplication(ctx context.Context, db *sql.DB, path string) error {
	var application, tables int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&application); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	switch {
	case application == applicationID:
		return nil
	case tables == 0:
		return errEmptyDatabase(path)
	}
	return message.Errorf("store.foreign", path)
}

// walExists reports whether a server has the database open, or was killed while it
// had.
func walExists(path string) bool {
	_, err := os.Stat(siblingPath(path, "-wal"))
	return !errors.Is(err, fs.ErrNotExist)
}

// ChangedWhileOpen reports whether a server opened the database after
// OpenAuditTrail. If no server had it open before, the trail was read as an immutable
// file and may be inconsistent: open it again.
func (t *AuditTrail) ChangedWhileOpen() bool { return t.immutable && walExists(t.path) }

func (t *AuditTrail) explain(err error) error {
	return (&DB{config: Config{Path: t.path}}).explain(err)
}

// Close closes the database.
func (t *AuditTrail) Close() error { return errors.Join(t.conn.close(), t.db.Close()) }
