package sqlite

import (
	"errors"
	"paycorcred/paycor/store"
	"time"
)

// NextScheduled returns the one that is due first.
func (t *tx) NextScheduled(environments []string) (store.ScheduledVerification, error) {
	var next store.ScheduledVerification
	if len(environments) == 0 {
		return next, errors.Join(t.usable(), store.ErrNotFound)
	}
	var due timestamp
	// CROSS JOIN keeps the order of the tables: along the index on due_at.
	const query = `SELECT k.workspace, k.credential, k.due_at FROM checkups k
		CROSS JOIN credentials c ON c.workspace = k.workspace AND c.id = k.credential
		WHERE c.environment IN (SELECT value FROM json_each(?)) ORDER BY k.due_at LIMIT 1`
	err := t.row(query, []any{jsonList(environments)}, &next.Workspace, &next.Credential, &due)
	next.DueAt = time.Time(due)
	return next, err
}

// CountScheduled counts the credentials that have one.
func (t *tx) CountScheduled() (count int, err error) {
	err = t.row(`SELECT count(*) FROM checkups`, nil, &count)
	return count, err
}

// Unscheduled lists credentials that have none.
func (t *tx) Unscheduled(limit int) ([]store.CredentialKey, error) {
	const query = `SELECT workspace, id FROM credentials c WHERE NOT EXISTS
		(SELECT 1 FROM checkups k WHERE k.workspace = c.workspace AND k.credential = c.id) LIMIT ?`
	return t.owned(query, limit)
}

// ScheduledAfter lists credentials that are due later than a moment.
func (t *tx) ScheduledAfter(moment time.Time, limit int) ([]store.CredentialKey, error) {
	return t.owned(`SELECT workspace, credential FROM checkups WHERE due_at > ? LIMIT ?`, timestamp(moment), limit)
}

func (t *tx) owned(query string, arguments ...any) ([]store.CredentialKey, error) {
	var found []store.CredentialKey
	err := t.rows(query, arguments, func(scan func(...any) error) error {
		var one store.CredentialKey
		err := scan(&one.Workspace, &one.Credential)
		found = append(found, one)
		return err
	})
	return found, err
}

// PutScheduled stores when to ask about a credential.
func (t *tx) PutScheduled(c store.ScheduledVerification) error {
	const query = `INSERT INTO checkups (workspace, credential, due_at)
		SELECT workspace, id, ?3 FROM credentials WHERE workspace = ?1 AND id = ?2
		ON CONFLICT DO UPDATE SET due_at = excluded.due_at`
	changed, err := t.exec(query, c.Workspace, c.Credential, timestamp(c.DueAt))
	if err == nil && changed == 0 {
		return store.ErrNotFound
	}
	return err
}
