package records

import (
	"time"

	"paycorcred/paycor/store"
)

// idempotencyTx reads and writes idempotency records.
type idempotencyTx struct{ *Transaction }

func (t idempotencyTx) IdempotencyRecord(workspace, caller, key string) (store.IdempotencyRecord, error) {
	found := store.IdempotencyRecord{Workspace: workspace, Caller: caller, Key: key}
	var expires Timestamp
	const query = `SELECT request, credential, expires_at FROM idempotency WHERE workspace = ? AND caller = ? AND key = ?`
	err := t.Row(query, []any{workspace, caller, key}, &found.Request, &found.Credential, &expires)
	if err != nil {
		return store.IdempotencyRecord{}, err
	}
	found.ExpiresAt = time.Time(expires)
	return found, nil
}

func (t idempotencyTx) InsertIdempotencyRecord(i store.IdempotencyRecord) error {
	const query = `INSERT INTO idempotency (workspace, caller, key, request, credential, expires_at)
		VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	return t.insert(query, i.Workspace, i.Caller, i.Key, nonNil(i.Request), i.Credential, Timestamp(i.ExpiresAt))
}
