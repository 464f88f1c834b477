package sqlite

import (
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// The conditions of an audit query, by numbered arguments. A query for one
// credential uses its index.
const (
	auditMatches = `workspace = ?1 AND sequence > ?2 AND sequence < ?3
		AND (?5 = '' OR caller_id = ?5 OR instr(lower(caller_name), lower(?5)) > 0)
		AND (?6 = '' OR action = ?6) AND (?7 = '' OR outcome = ?7) AND (?8 = '' OR request_id = ?8)
		AND (?9 = '' OR at >= ?9) AND (?10 = '' OR at < ?10) `
	auditOfAll        = `AND ?4 = '' `
	auditOfCredential = `AND credential <> '' AND credential = ?4 `
)

func auditArguments(workspace string, query audit.Query, low, high int64, limit int) []any {
	return []any{workspace, low, high, query.Credential, query.Caller, string(query.Action), query.Outcome, query.RequestID,
		timestamp(query.From), timestamp(query.To), limit}
}

func (t auditTx) SearchAudit(workspace string, query audit.Query, scan store.AuditScan) ([]audit.Entry, int64, error) {
	const (
		newestFirst  = `ORDER BY sequence DESC LIMIT ?11`
		ofAll        = auditColumns + `WHERE ` + auditMatches + auditOfAll + newestFirst
		ofCredential = auditColumns + `WHERE ` + auditMatches + auditOfCredential + newestFirst
	)
	newest, err := t.newestAudit()
	if err != nil {
		return nil, 0, err
	}
	high := newest + 1
	if scan.From > 0 {
		high = min(high, scan.From)
	}
	text, low, limit := ofAll, max(0, high-1-max(scan.MaxScanned, 1)), min(max(scan.Limit, 1), maxAuditEntries)
	if query.Credential != "" {
		text, low = ofCredential, 0
	}
	entries, err := list(t.transaction, scanAudit, text, auditArguments(workspace, query, low, high, limit)...)
	switch {
	case err != nil:
		return nil, 0, err
	case len(entries) == limit && entries[limit-1].Sequence > 1:
		return entries, entries[limit-1].Sequence, nil
	case len(entries) == limit || low == 0:
		return entries, 0, nil
	}
	return entries, low + 1, nil
}

func (t auditTx) AuditLines(workspace string, query audit.Query, scan store.AuditScan) ([]audit.Line, int64, error) {
	const (
		columns = `SELECT sequence, at, workspace, caller_kind, caller_id, caller_name, came_from, request_id,
			action, credential, fields, outcome, detail, hash,
			coalesce((SELECT hash FROM audit AS before WHERE before.sequence = audit.sequence - 1), '') FROM audit `
		oldestFirst  = `ORDER BY sequence LIMIT ?11`
		ofAll        = columns + `WHERE ` + auditMatches + auditOfAll + oldestFirst
		ofCredential = columns + `WHERE ` + auditMatches + auditOfCredential + oldestFirst
	)
	newest, err := t.newestAudit()
	if err != nil {
		return nil, 0, err
	}
	low := max(scan.From, 0)
	text, high, limit := ofAll, min(newest, low+max(scan.MaxScanned, 1))+1, min(max(scan.Limit, 1), maxAuditEntries)
	if query.Credential != "" {
		text, high = ofCredential, newest+1
	}
	lines, err := list(t.transaction, scanAuditLine, text, auditArguments(workspace, query, low, high, limit)...)
	switch {
	case err != nil:
		return nil, 0, err
	case len(lines) == limit && lines[limit-1].Sequence < newest:
		return lines, lines[limit-1].Sequence, nil
	case len(lines) == limit || high > newest:
		return lines, 0, nil
	}
	return lines, high - 1, nil
}

func scanAuditLine(scan scanFunc) (line audit.Line, err error) {
	line.Entry, err = scanAudit(func(destinations ...any) error { return scan(append(destinations, &line.Previous)...) })
	return line, err
}

// newestAudit returns the newest sequence, or 0.
func (t auditTx) newestAudit() (newest int64, err error) {
	return newest, t.row(`SELECT coalesce(max(sequence), 0) FROM audit`, nil, &newest)
}
