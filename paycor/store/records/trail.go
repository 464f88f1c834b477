package records

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"math"
	"time"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// Trail reads the audit trail of a database. It is what the engines share of a
// store.AuditTrail.
type Trail struct {
	conn    Conn
	dialect *Dialect
}

// NewTrail returns the trail of the database of a connection.
func NewTrail(conn Conn, dialect *Dialect) *Trail { return &Trail{conn, dialect} }

// Beginning implements store.AuditTrail.
func (t *Trail) Beginning(ctx context.Context) (head audit.Head, err error) {
	exists := false // not in older schemas
	err = t.conn.Rows(ctx, t.dialect.Columns, []any{"audit_beginnings"}, func(Scan) error {
		exists = true
		return nil
	})
	if err != nil || !exists {
		return head, err
	}
	const newest = `SELECT sequence, hash FROM audit_beginnings ORDER BY sequence DESC LIMIT 1`
	if err = t.conn.Row(ctx, newest, nil, &head.Sequence, &head.Hash); errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return head, err
}

// Check implements store.AuditTrail.
func (t *Trail) Check(ctx context.Context, heads ...audit.Head) (audit.Head, error) {
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

// errEnough ends reading before the last row.
var errEnough = errors.New("enough was read")

// Lines implements store.AuditTrail.
func (t *Trail) Lines(ctx context.Context, after int64) iter.Seq2[audit.Line, error] {
	return func(yield func(audit.Line, error) bool) {
		beginning, err := t.Beginning(ctx)
		previous := ""
		if after <= beginning.Sequence && beginning.Sequence > 0 {
			after, previous = beginning.Sequence, beginning.Hash
		} else if err == nil {
			err = t.conn.Row(ctx, `SELECT hash FROM audit WHERE sequence = ?`, []any{after}, &previous)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			yield(audit.Line{}, err)
			return
		}
		err = t.conn.Rows(ctx, AuditColumns+`WHERE sequence > ? ORDER BY sequence`, []any{after}, func(scan Scan) (err error) {
			line := audit.Line{Previous: previous}
			if line.Entry, err = scanTampered(scan); err != nil {
				return err
			}
			after, previous = line.Sequence, line.Hash
			if !yield(line, nil) {
				return errEnough
			}
			return nil
		})
		switch {
		case err == nil || errors.Is(err, errEnough):
		case IsDamage(err):
			t.salvage(ctx, after, yield)
		default:
			yield(audit.Line{}, err)
		}
	}
}

// salvageSpan is how many sequences are searched at once for what can be read of them.
const salvageSpan = 4096

// salvage reads the lines after a sequence where a part of the database is damaged. Before
// those of a span of which some are lost, it yields a *store.DamagedError.
func (t *Trail) salvage(ctx context.Context, after int64, yield func(audit.Line, error) bool) {
	tx := &Transaction{ctx: ctx, conn: t.conn, dialect: t.dialect, view: true}
	newest, oldest, err := auditTx{tx}.auditEnds()
	if err != nil {
		yield(audit.Line{}, err)
		return
	}
	for low := max(after, oldest, 0); low < newest; low += salvageSpan {
		lines, err := salvageAudit(low, low+salvageSpan+1, salvageSpan, false, func(low, high int64, limit int) ([]audit.Line, error) {
			return List(tx, lineScan(scanTampered), auditLineColumns+`WHERE sequence > ? AND sequence < ? ORDER BY sequence LIMIT ?`, low, high, limit)
		})
		if err != nil && (!yield(audit.Line{}, err) || !errors.As(err, new(*store.DamagedError))) {
			return
		}
		for _, line := range lines {
			if !yield(line, nil) {
				return
			}
		}
	}
}

// Entries reads all entries, including ones with sequences that this program does not use.
func (t *Trail) Entries(ctx context.Context) iter.Seq2[audit.Entry, error] {
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
func scanTampered(scan Scan) (e audit.Entry, err error) {
	var at, names sql.NullString
	err = scan(&e.Sequence, &at, &e.Workspace, &e.CallerKind, &e.CallerID, &e.CallerName, &e.From, &e.RequestID,
		&e.Action, &e.Credential, &names, &e.Outcome, &e.Detail, &e.Hash)
	if err != nil {
		return e, err
	}
	var when Timestamp
	if when.Scan(at.String) != nil {
		when = Timestamp(unreadableTime)
	}
	e.At = time.Time(when)
	if names.Valid {
		var list JSON[[]fields.Field]
		if list.Scan(names.String) != nil {
			e.At = unreadableTime
		}
		e.Fields = list.OrZero()
	}
	return e, nil
}
