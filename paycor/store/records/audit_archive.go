package records

import (
	"errors"
	"fmt"
	"math"
	"time"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

func (t auditTx) AuditBeginning() (head audit.Head, err error) {
	err = t.Row(`SELECT sequence, hash FROM audit_beginnings ORDER BY sequence DESC LIMIT 1`, nil, &head.Sequence, &head.Hash)
	if errors.Is(err, store.ErrNotFound) {
		return audit.Head{}, nil
	}
	if err == nil {
		err = t.requireAuthentic(auditBeginningTable, head.Sequence)
	}
	return head, err
}

func (t auditTx) AuditTrail(after int64, limit int) ([]audit.Line, error) {
	limit = min(max(limit, 1), maxAuditEntries)
	read := func(low, high int64, limit int) ([]audit.Line, error) {
		return List(t.Transaction, lineScan(scanAudit), auditLineColumns+`WHERE sequence > ? AND sequence < ? ORDER BY sequence LIMIT ?`, low, high, limit)
	}
	lines, err := read(after, math.MaxInt64, limit)
	if !IsDamage(err) {
		return lines, err
	}
	newest, oldest, err := t.auditEnds()
	if err != nil {
		return nil, err
	}
	low := max(after, oldest)
	return salvageAudit(low, min(newest, low+salvageSpan)+1, limit, false, read)
}

func (t auditTx) BeginAuditAfter(head audit.Head, at time.Time) error {
	var newest int64
	var hash string
	err := t.Row(`SELECT hash, (SELECT max(sequence) FROM audit) FROM audit WHERE sequence = ?`, []any{head.Sequence}, &hash, &newest)
	if err != nil {
		return err
	}
	if hash != head.Hash || head.Sequence >= newest {
		return fmt.Errorf("beginning the audit trail after %s: %w", head, store.ErrStale)
	}
	err = t.insert(`INSERT INTO audit_beginnings (sequence, hash, archived_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		head.Sequence, head.Hash, Timestamp(at))
	if err != nil {
		return err
	}
	return t.authenticate(auditBeginningTable, head.Sequence)
}

func (t auditTx) DeleteArchivedAudit(limit int) (deleted int, err error) {
	beginning, err := t.AuditBeginning()
	if err != nil || beginning.Sequence == 0 {
		return 0, err
	}
	changed, err := t.Exec(`DELETE FROM audit WHERE sequence IN (SELECT sequence FROM audit WHERE sequence <= ? ORDER BY sequence LIMIT ?)`,
		beginning.Sequence, limit)
	return int(changed), err
}
