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
	"time"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store/records"
)

// AuditTrail reads the audit trail of a database file, whether or not a server uses
// it. It needs no key and changes and creates no file, so it also works on a backup
// and on a read-only disk.
type AuditTrail struct {
	path      string
	db        *sql.DB
	immutable bool // no process had the database open
}

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
	if err != nil {
		return nil, errors.Join(t.explain(err), t.db.Close())
	}
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

// Beginning returns the last archived entry, which the trail begins after; zero if
// nothing was archived.
func (t *AuditTrail) Beginning(ctx context.Context) (head audit.Head, err error) {
	var archives int
	const table = `SELECT count(*) FROM sqlite_schema WHERE name = 'audit_beginnings'` // not in older schemas
	if err := t.db.QueryRowContext(ctx, table).Scan(&archives); err != nil || archives == 0 {
		return audit.Head{}, t.explain(err)
	}
	const newest = `SELECT sequence, hash FROM audit_beginnings ORDER BY sequence DESC LIMIT 1`
	err = t.db.QueryRowContext(ctx, newest).Scan(&head.Sequence, &head.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return head, t.explain(err)
}

// Check checks the trail from its beginning, and returns its head. heads were stored
// elsewhere; see audit.Check. It cannot tell anything about heads before the beginning.
func (t *AuditTrail) Check(ctx context.Context, heads ...audit.Head) (audit.Head, error) {
	beginning, err := t.Beginning(ctx)
	if err != nil {
		return audit.Head{}, err
	}
	var previous *audit.Entry
	if beginning.Sequence > 0 {
		previous = &audit.Entry{Sequence: beginning.Sequence, Hash: beginning.Hash}
	}
	return audit.Check(previous, t.Entries(ctx), heads...)
}

// Lines reads a snapshot of the entries of all workspaces after a sequence, the
// oldest first, one at a time. An entry with an unreadable column comes without it,
// so that its hash does not match.
func (t *AuditTrail) Lines(ctx context.Context, after int64) iter.Seq2[audit.Line, error] {
	return func(yield func(audit.Line, error) bool) {
		beginning, err := t.Beginning(ctx)
		previous := ""
		if after <= beginning.Sequence && beginning.Sequence > 0 {
			after, previous = beginning.Sequence, beginning.Hash
		} else if err == nil {
			err = t.db.QueryRowContext(ctx, `SELECT hash FROM audit WHERE sequence = ?`, after).Scan(&previous)
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			yield(audit.Line{}, t.explain(err))
			return
		}
		rows, err := t.db.QueryContext(ctx, records.AuditColumns+`WHERE sequence > ? ORDER BY sequence`, after)
		if err != nil {
			yield(audit.Line{}, t.explain(err))
			return
		}
		defer func() { _ = rows.Close() }() // read-only
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

// Entries reads all entries, including ones with sequences that this program does
// not use.
func (t *AuditTrail) Entries(ctx context.Context) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		for line, err := range t.Lines(ctx, math.MinInt64) {
			if !yield(line.Entry, err) {
				return
			}
		}
	}
}

// unreadableTime marks an entry with an unreadable column. No valid entry has it.
var unreadableTime = time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC)

// scanTampered reads an entry of which any column may have been tampered with.
func scanTampered(scan records.Scan) (e audit.Entry, err error) {
	var at, names sql.RawBytes
	err = scan(&e.Sequence, &at, &e.Workspace, &e.CallerKind, &e.CallerID, &e.CallerName, &e.From, &e.RequestID,
		&e.Action, &e.Credential, &names, &e.Outcome, &e.Detail, &e.Hash)
	if err != nil {
		return e, err
	}
	var when records.Timestamp
	if when.Scan(string(at)) != nil {
		when = records.Timestamp(unreadableTime)
	}
	e.At = time.Time(when)
	if names != nil {
		var list records.JSON[[]fields.Field]
		if list.Scan(string(names)) != nil {
			e.At = unreadableTime
		}
		e.Fields = list.OrZero()
	}
	return e, nil
}

func (t *AuditTrail) explain(err error) error {
	return (&DB{config: Config{Path: t.path}}).explain(err)
}

// Close closes the database.
func (t *AuditTrail) Close() error { return t.db.Close() }
