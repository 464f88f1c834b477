package sqlite

import (
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"time"
)

const auditColumns = `SELECT sequence, at, workspace, caller_kind, caller_id, caller_name, came_from, request_id,
	action, credential, fields, outcome, detail, hash FROM audit `

func scanAudit(scan func(...any) error) (audit.Entry, error) {
	var e audit.Entry
	var at timestamp
	var names jsonColumn[[]fields.Field]
	err := scan(&e.Sequence, &at, &e.Workspace, &e.CallerKind, &e.CallerID, &e.CallerName, &e.From, &e.RequestID,
		&e.Action, &e.Credential, &names, &e.Outcome, &e.Detail, &e.Hash)
	e.At, e.Fields = time.Time(at), names.orZero()
	return e, err
}

// LastAuditEntry returns the newest entry of all workspaces.
func (t *tx) LastAuditEntry() (audit.Entry, error) {
	return scanAudit(func(destinations ...any) error {
		return t.row(auditColumns+`ORDER BY sequence DESC LIMIT 1`, nil, destinations...)
	})
}

// AuditEntries lists entries of a workspace, newest first.
func (t *tx) AuditEntries(workspace string, query store.AuditQuery) ([]audit.Entry, error) {
	const (
		ofWorkspace  = auditColumns + `WHERE workspace = ?1 AND (?2 = 0 OR sequence < ?2) ORDER BY sequence DESC LIMIT ?3`
		ofCredential = auditColumns + `WHERE workspace = ?1 AND credential <> '' AND credential = ?4
			AND (?2 = 0 OR sequence < ?2) ORDER BY sequence DESC LIMIT ?3`
	)
	limit := query.Limit
	if limit == 0 {
		limit = defaultPageSize
	}
	arguments := []any{workspace, query.Before, min(max(limit, 1), maxAuditEntries)}
	text := ofWorkspace
	if query.Credential != "" {
		text, arguments = ofCredential, append(arguments, query.Credential)
	}
	entries := []audit.Entry{}
	err := t.rows(text, arguments, func(scan func(...any) error) error {
		entry, err := scanAudit(scan)
		entries = append(entries, entry)
		return err
	})
	return entries, err
}

// AppendAudit stores an entry whose Sequence is one more than the last, else
// ErrStale.
func (t *tx) AppendAudit(e audit.Entry) error {
	const query = `INSERT INTO audit (
		sequence, at, workspace, caller_kind, caller_id, caller_name, came_from, request_id,
		action, credential, fields, outcome, detail, hash)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
		WHERE ?1 = 1 + coalesce((SELECT max(sequence) FROM audit), 0)`
	changed, err := t.exec(query,
		e.Sequence, timestamp(e.At), e.Workspace, string(e.CallerKind), e.CallerID, e.CallerName, e.From, e.RequestID,
		string(e.Action), e.Credential, jsonList(e.Fields), e.Outcome, e.Detail, e.Hash)
	if err == nil && changed == 0 {
		return store.ErrStale
	}
	return err
}
