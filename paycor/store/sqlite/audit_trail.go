package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"time"
)

// AuditTrail reads the audit trail of a database, whether or not a server runs on
// it. It needs no key, changes nothing and makes no file, so it works on a
// backup and on a disk that is read-only as well.
type AuditTrail struct {
	path      string
	db        *sql.DB
	immutable bool // nobody had the database open
}

// OpenAuditTrail opens the audit trail of the database in a file.
func OpenAuditTrail(ctx context.Context, path string) (*AuditTrail, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", path, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("looking for the database: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file: give the path of a database file", path)
	}
	if isEmptyFile(path) {
		return nil, errEmptyDatabase(path)
	}
	t := &AuditTrail{path: path, immutable: !walExists(path)}
	options := url.Values{"mode": {"ro"}, "_pragma": {"query_only(ON)", "busy_timeout(10000)"}, "_dqs": {"false"}, "_defensive": {"true"}}
	if t.immutable {
		options.Set("immutable", "1") // else SQLite would make the files of its log
	}
	t.db, err = sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	if err := checkApplication(ctx, t.db, path); err != nil {
		return nil, errors.Join(t.explain(err), t.db.Close())
	}
	return t, nil
}

// checkApplication finds out whether a database is one of this program.
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
	return fmt.Errorf("%s is a database of another program: give the path of a credential store", path)
}

// walExists reports whether a server has the database open, or was killed
// while it had.
func walExists(path string) bool {
	_, err := os.Stat(siblingPath(path, "-wal"))
	return !errors.Is(err, fs.ErrNotExist)
}

// ChangedWhileOpen reports whether the database was opened by a server after it was
// by OpenAuditTrail, which then knew of nobody and looked at it as at a file that
// nobody changes. What was read may be torn: open the trail again.
func (t *AuditTrail) ChangedWhileOpen() bool { return t.immutable && walExists(t.path) }

// Lines reads the entries of all workspaces after one, oldest first, as they
// were when it began. It keeps one in memory. An entry that cannot be read any
// more comes without what was unreadable, so that its hash does not fit.
func (t *AuditTrail) Lines(ctx context.Context, after int64) iter.Seq2[audit.Line, error] {
	return func(yield func(audit.Line, error) bool) {
		var previous string
		err := t.db.QueryRowContext(ctx, `SELECT hash FROM audit WHERE sequence = ?`, after).Scan(&previous)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			yield(audit.Line{}, t.explain(err))
			return
		}
		rows, err := t.db.QueryContext(ctx, auditColumns+`WHERE sequence > ? ORDER BY sequence`, after)
		if err != nil {
			yield(audit.Line{}, t.explain(err))
			return
		}
		defer func() { _ = rows.Close() }() // it was only read
		for rows.Next() {
			line := audit.Line{Previous: previous}
			if line.Entry, err = scanTampered(rows.Scan); err != nil {
				yield(line, t.explain(err))
				return
			}
			if !yield(line, nil) {
				return
			}
			previous = line.Hash
		}
		if err := rows.Err(); err != nil {
			yield(audit.Line{}, t.explain(err))
		}
	}
}

// Entries is Lines without the hashes before, from the very first on, also
// where that has a number that no entry of ours has.
func (t *AuditTrail) Entries(ctx context.Context) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		for line, err := range t.Lines(ctx, math.MinInt64) {
			if !yield(line.Entry, err) {
				return
			}
		}
	}
}

// unreadableTime stands for what is not as we wrote it. No entry of ours has it.
var unreadableTime = time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC)

// scanTampered reads an entry of which anything may have been changed.
func scanTampered(scan func(...any) error) (e audit.Entry, err error) {
	var at, names sql.RawBytes
	err = scan(&e.Sequence, &at, &e.Workspace, &e.CallerKind, &e.CallerID, &e.CallerName, &e.From, &e.RequestID,
		&e.Action, &e.Credential, &names, &e.Outcome, &e.Detail, &e.Hash)
	if err != nil {
		return e, err
	}
	var when timestamp
	if when.Scan(string(at)) != nil {
		when = timestamp(unreadableTime)
	}
	e.At = time.Time(when)
	if names != nil {
		var list jsonColumn[[]fields.Field]
		if list.Scan(string(names)) != nil {
			e.At = unreadableTime
		}
		e.Fields = list.orZero()
	}
	return e, nil
}

func (t *AuditTrail) explain(err error) error {
	return (&DB{config: Config{Path: t.path}}).explain(err)
}

// Close lets the database go.
func (t *AuditTrail) Close() error { return t.db.Close() }
