package records

import (
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// scheduleTx reads and writes scheduled verifications.
type scheduleTx struct{ *Transaction }

func (t scheduleTx) NextScheduled(filter store.ScheduleFilter) (store.ScheduledVerification, error) {
	var next store.ScheduledVerification
	if len(filter.Environments) == 0 {
		return next, errors.Join(t.usable(), store.ErrNotFound)
	}
	until := filter.Until
	if until.IsZero() {
		until = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)
	}
	var due Timestamp
	// CROSS JOIN makes SQLite start with checkups, along the index on due_at.
	const query = `SELECT k.workspace, k.credential, k.due_at FROM checkups k
		CROSS JOIN credentials c ON c.workspace = k.workspace AND c.id = k.credential` + WithApplication + `
		WHERE k.due_at >= ? AND k.due_at < ? AND a.environment IN (SELECT value FROM json_each(?))
			AND a.environment || '
' || a.client_id NOT IN (SELECT value FROM json_each(?))
		ORDER BY k.due_at LIMIT 1`
	except := make([]string, len(filter.Except))
	for i, application := range filter.Except {
		except[i] = application.Environment + "\n" + application.ClientID
	}
	err := t.Row(query, []any{Timestamp(filter.From), Timestamp(until), jsonList(filter.Environments), jsonList(except)}, &next.Workspace, &next.Credential, &due)
	next.DueAt = time.Time(due)
	return next, err
}

func (t scheduleTx) CountScheduled() (count int, err error) {
	err = t.Row(`SELECT count(*) FROM checkups`, nil, &count)
	return count, err
}

func (t scheduleTx) Unscheduled(limit int) ([]paycor.CredentialKey, error) {
	const query = `SELECT workspace, id FROM credentials c WHERE NOT EXISTS
		(SELECT 1 FROM checkups k WHERE k.workspace = c.workspace AND k.credential = c.id) LIMIT ?`
	return List(t.Transaction, scanCredentialKey, query, limit)
}

func (t scheduleTx) ScheduledAfter(after time.Time, limit int) ([]paycor.CredentialKey, error) {
	return List(t.Transaction, scanCredentialKey, `SELECT workspace, credential FROM checkups WHERE due_at > ? LIMIT ?`, Timestamp(after), limit)
}

func (t scheduleTx) PutScheduled(next store.ScheduledVerification) error {
	const query = `INSERT INTO checkups (workspace, credential, due_at)
		SELECT workspace, id, ?3 FROM credentials WHERE workspace = ?1 AND id = ?2
		ON CONFLICT (workspace, credential) DO UPDATE SET due_at = excluded.due_at`
	return t.change(store.ErrNotFound, query, next.Workspace, next.Credential, Timestamp(next.DueAt))
}

func (t scheduleTx) MoveScheduled(read store.ScheduledVerification, to time.Time) error {
	const query = `UPDATE checkups SET due_at = ?4 WHERE workspace = ?1 AND credential = ?2 AND due_at = ?3`
	return t.change(store.ErrStale, query, read.Workspace, read.Credential, Timestamp(read.DueAt), Timestamp(to))
}
