package records

import (
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// auditTx reads and appends to the audit trail.
type auditTx struct{ *Transaction }

const AuditColumns = `SELECT sequence, at, workspace, caller_kind, caller_id, caller_name, came_from, request_id,
	action, credential, fields, outcome, detail, hash FROM audit `

func scanAudit(scan Scan) (audit.Entry, error) {
	var e audit.Entry
	var at Timestamp
	var names JSON[[]fields.Field]
	err := scan(&e.Sequence, &at, &e.Workspace, &e.CallerKind, &e.CallerID, &e.CallerName, &e.From, &e.RequestID,
		&e.Action, &e.Credential, &names, &e.Outcome, &e.Detail, &e.Hash)
	e.At, e.Fields = time.Time(at), names.OrZero()
	return e, err
}

func (t auditTx) LastAuditEntry() (audit.Entry, error) {
	return One(t.Transaction, scanAudit, AuditColumns+`ORDER BY sequence DESC LIMIT 1`)
}

// maxHistory is how many entries a history has.
const maxHistory = 100

func (t auditTx) CredentialHistory(workspace, id string) ([]audit.Entry, error) {
	const (
		ofCredential = `WHERE workspace = ?1 AND credential = ?2 AND credential <> '' AND action <> 'credential.uses' `
		query        = AuditColumns + ofCredential + `ORDER BY sequence DESC LIMIT ?3`
		between      = AuditColumns + `NOT INDEXED ` + ofCredential + `AND sequence > ?4 AND sequence < ?5 ORDER BY sequence DESC LIMIT ?3`
	)
	entries, err := List(t.Transaction, scanAudit, query, workspace, id, maxHistory)
	if IsDamage(err) {
		return t.salvagedHistory(between, workspace, id)
	}
	return entries, err
}

// salvagedHistory lists the newest entries that a statement finds without an index, where a
// part of the database is damaged.
func (t auditTx) salvagedHistory(between, workspace, id string) ([]audit.Entry, error) {
	newest, oldest, err := t.auditEnds()
	if err != nil {
		return nil, err
	}
	return salvageAudit(oldest, newest+1, maxHistory, true, func(low, high int64, limit int) ([]audit.Entry, error) {
		return List(t.Transaction, scanAudit, between, workspace, id, limit, low, high)
	})
}

// applicationHistory reads at most 100 entries of each other credential. The actions are
// those of the index audit_of_applications.
func applicationHistory(dialect *Dialect) string {
	return AuditColumns + `WHERE sequence IN (
		SELECT a.sequence FROM credentials own
			CROSS JOIN credentials c ON c.workspace = own.workspace AND c.application = own.application AND c.id <> own.id` +
		dialect.ForEach("a", "audit", entriesOfApplication) + `
		WHERE own.workspace = ? AND own.id = ? ORDER BY a.sequence DESC LIMIT 100) ORDER BY sequence DESC`
}

var entriesOfApplication = `SELECT b.sequence FROM audit b
	WHERE b.workspace = c.workspace AND b.credential = c.id AND b.action IN (` + applicationActions + `)
		AND (b.action <> 'credential.update' OR EXISTS (SELECT 1 FROM json_each(b.fields) WHERE value IN (` + applicationFieldNames() + `)))
		AND b.at >= max(own.application_since, c.application_since)
	ORDER BY b.sequence DESC LIMIT 100`

// applicationHistoryBetween finds the same without an index of the trail.
var applicationHistoryBetween = AuditColumns + `NOT INDEXED WHERE workspace = ?1 AND sequence > ?4 AND sequence < ?5
	AND credential <> ?2 AND action IN (` + applicationActions + `)
	AND (action <> 'credential.update' OR EXISTS (SELECT 1 FROM json_each(fields) WHERE value IN (` + applicationFieldNames() + `)))
	AND EXISTS (SELECT 1 FROM credentials own JOIN credentials c ON c.workspace = own.workspace AND c.application = own.application
		WHERE own.workspace = ?1 AND own.id = ?2 AND c.id = credential AND at >= max(own.application_since, c.application_since))
	ORDER BY sequence DESC LIMIT ?3`

const applicationActions = `'credential.update', 'credential.rotate', 'credential.rotate.back', 'credential.rotate.end',
  'credential.activate', 'credential.token', 'credential.token.lost'`

// applicationFieldNames lists the fields whose change is one of the application.
func applicationFieldNames() string {
	var names []string
	for _, spec := range paycor.FieldTable() {
		if spec.Application && spec.Judged {
			names = append(names, "'"+string(spec.Field)+"'")
		}
	}
	return strings.Join(names, ", ")
}

func (t auditTx) ApplicationHistory(workspace, credential string) ([]audit.Entry, error) {
	entries, err := List(t.Transaction, scanAudit, applicationHistory(t.dialect), workspace, credential)
	if IsDamage(err) {
		return t.salvagedHistory(applicationHistoryBetween, workspace, credential)
	}
	return entries, err
}

func (t auditTx) AppendAudit(e audit.Entry) error {
	const query = `INSERT INTO audit (
		sequence, at, workspace, caller_kind, caller_id, caller_name, came_from, request_id,
		action, credential, fields, outcome, detail, hash)
		SELECT CAST(?1 AS BIGINT), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
		WHERE CAST(?1 AS BIGINT) = 1 + coalesce((SELECT max(sequence) FROM audit), 0)`
	err := t.change(store.ErrStale, query,
		e.Sequence, Timestamp(e.At), e.Workspace, string(e.CallerKind), e.CallerID, e.CallerName, e.From, e.RequestID,
		string(e.Action), e.Credential, jsonList(e.Fields), e.Outcome, e.Detail, e.Hash)
	if err != nil {
		return err
	}
	return t.tellEntry(e)
}
