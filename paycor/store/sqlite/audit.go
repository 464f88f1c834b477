package sqlite

import (
	"time"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// auditTx reads and appends to the audit trail.
type auditTx struct{ *transaction }

const auditColumns = `SELECT sequence, at, workspace, caller_kind, caller_id, caller_name, came_from, request_id,
	action, credential, fields, outcome, detail, hash FROM audit `

func scanAudit(scan scanFunc) (audit.Entry, error) {
	var e audit.Entry
	var at timestamp
	var names jsonColumn[[]fields.Field]
	err := scan(&e.Sequence, &at, &e.Workspace, &e.CallerKind, &e.CallerID, &e.CallerName, &e.From, &e.RequestID,
		&e.Action, &e.Credential, &names, &e.Outcome, &e.Detail, &e.Hash)
	e.At, e.Fields = time.Time(at), names.orZero()
	return e, err
}

func (t auditTx) LastAuditEntry() (audit.Entry, error) {
	return one(t.transaction, scanAudit, auditColumns+`ORDER BY sequence DESC LIMIT 1`)
}

func (t auditTx) CredentialHistory(workspace, id string) ([]audit.Entry, error) {
	const query = auditColumns + `WHERE workspace = ? AND credential = ? AND credential <> '' AND action <> 'credential.uses'
		ORDER BY sequence DESC LIMIT 100`
	return list(t.transaction, scanAudit, query, workspace, id)
}

func (t auditTx) AppendAudit(e audit.Entry) error {
	const query = `INSERT INTO audit (
		sequence, at, workspace, caller_kind, caller_id, caller_name, came_from, request_id,
		action, credential, fields, outcome, detail, hash)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
		WHERE ?1 = 1 + coalesce((SELECT max(sequence) FROM audit), 0)`
	return t.change(store.ErrStale, query,
		e.Sequence, timestamp(e.At), e.Workspace, string(e.CallerKind), e.CallerID, e.CallerName, e.From, e.RequestID,
		string(e.Action), e.Credential, jsonList(e.Fields), e.Outcome, e.Detail, e.Hash)
}
