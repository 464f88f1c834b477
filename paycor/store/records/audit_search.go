package records

import (
	"errors"
	"slices"
	"sort"

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
	auditOfAny        = `AND (?4 = '' OR credential = ?4) ` // uses no index
)

func auditArguments(workspace string, query audit.Query, low, high int64, limit int) []any {
	return []any{workspace, low, high, query.Credential, query.Caller, string(query.Action), query.Outcome, query.RequestID,
		Timestamp(query.From), Timestamp(query.To), limit}
}

func (t auditTx) SearchAudit(workspace string, query audit.Query, scan store.AuditScan) ([]audit.Entry, int64, error) {
	const (
		newestFirst  = `ORDER BY sequence DESC LIMIT ?11`
		ofAll        = AuditColumns + `WHERE ` + auditMatches + auditOfAll + newestFirst
		ofCredential = AuditColumns + `WHERE ` + auditMatches + auditOfCredential + newestFirst

		ofAllOrCredential = AuditColumns + `NOT INDEXED WHERE ` + auditMatches + auditOfAny + newestFirst
	)
	newest, oldest, err := t.auditEnds()
	if err != nil {
		return nil, 0, err
	}
	high := newest + 1
	if scan.From > 0 {
		high = min(high, scan.From)
	}
	text, low, limit := ofAll, max(oldest, high-1-max(scan.MaxScanned, 1)), min(max(scan.Limit, 1), maxAuditEntries)
	if query.Credential != "" {
		text, low = ofCredential, oldest
	}
	read := func(low, high int64, limit int) ([]audit.Entry, error) {
		return List(t.Transaction, scanAudit, text, auditArguments(workspace, query, low, high, limit)...)
	}
	entries, err := read(low, high, limit)
	if IsDamage(err) {
		// Without the index of credentials, whose pages have entries from far apart.
		text, low = ofAllOrCredential, max(oldest, high-1-max(scan.MaxScanned, 1))
		entries, err = salvageAudit(low, high, limit, true, read)
	}
	switch {
	case err != nil && !errors.As(err, new(*store.DamagedError)):
		return nil, 0, err
	case len(entries) == limit && entries[limit-1].Sequence > oldest+1:
		return entries, entries[limit-1].Sequence, err
	case len(entries) == limit || low == oldest:
		return entries, 0, err
	}
	return entries, low + 1, err
}

// salvageAudit lists what is stored of the entries between two sequences, the newest first,
// or else the oldest first, where a part of the database is damaged. It halves what cannot be read until a single entry
// is left, which is lost.
func salvageAudit[T any](low, high int64, limit int, newestFirst bool, read func(low, high int64, limit int) ([]T, error)) ([]T, error) {
	entries, err := read(low, high, limit)
	if err == nil || !IsDamage(err) {
		return entries, err
	}
	if high-low <= 2 {
		return nil, &store.DamagedError{Lost: 1, Cause: err}
	}
	middle := low + (high-low+1)/2
	lost := store.DamagedError{Cause: err}
	entries = nil
	halves := [][2]int64{{low, middle}, {middle - 1, high}}
	if newestFirst {
		slices.Reverse(halves)
	}
	for _, half := range halves {
		if len(entries) == limit {
			break
		}
		found, err := salvageAudit(half[0], half[1], limit-len(entries), newestFirst, read)
		if damaged, is := errors.AsType[*store.DamagedError](err); is {
			lost.Lost += damaged.Lost
		} else if err != nil {
			return nil, err
		}
		entries = append(entries, found...)
	}
	return entries, &lost
}

func (t auditTx) AuditLines(workspace string, query audit.Query, scan store.AuditScan) ([]audit.Line, int64, error) {
	const (
		oldestFirst  = `ORDER BY sequence LIMIT ?11`
		ofAll        = auditLineColumns + `WHERE ` + auditMatches + auditOfAll + oldestFirst
		ofCredential = auditLineColumns + `WHERE ` + auditMatches + auditOfCredential + oldestFirst

		ofAllOrCredential = auditLineColumns + `NOT INDEXED WHERE ` + auditMatches + auditOfAny + oldestFirst
	)
	newest, oldest, err := t.auditEnds()
	if err != nil {
		return nil, 0, err
	}
	low := max(scan.From, oldest)
	text, high, limit := ofAll, min(newest, low+max(scan.MaxScanned, 1))+1, min(max(scan.Limit, 1), maxAuditEntries)
	if query.Credential != "" {
		text, high = ofCredential, newest+1
	}
	read := func(low, high int64, limit int) ([]audit.Line, error) {
		return List(t.Transaction, lineScan(scanAudit), text, auditArguments(workspace, query, low, high, limit)...)
	}
	lines, err := read(low, high, limit)
	if IsDamage(err) {
		text, high = ofAllOrCredential, min(newest, low+max(scan.MaxScanned, 1))+1
		lines, err = salvageAudit(low, high, limit, false, read)
	}
	switch {
	case err != nil && !errors.As(err, new(*store.DamagedError)):
		return nil, 0, err
	case len(lines) == limit && lines[limit-1].Sequence < newest:
		return lines, lines[limit-1].Sequence, err
	case len(lines) == limit || high > newest:
		return lines, 0, err
	}
	return lines, high - 1, err
}

// lineScan returns what reads a line, of auditLineColumns, with what reads its entry.
func lineScan(scanEntry func(Scan) (audit.Entry, error)) func(Scan) (audit.Line, error) {
	return func(scan Scan) (line audit.Line, err error) {
		line.Entry, err = scanEntry(func(destinations ...any) error { return scan(append(destinations, &line.Previous)...) })
		return line, err
	}
}

// auditLineColumns are the columns of an entry and the hash of the one before it, which
// may be archived.
const auditLineColumns = `SELECT sequence, at, workspace, caller_kind, caller_id, caller_name, came_from, request_id,
	action, credential, fields, outcome, detail, hash,
	coalesce((SELECT hash FROM audit AS before WHERE before.sequence = audit.sequence - 1),
		(SELECT hash FROM audit_beginnings AS before WHERE before.sequence = audit.sequence - 1), '') FROM audit `

// auditEnds returns the newest sequence, and the sequence that the trail begins after;
// 0 if there is none. Searches need not read archived entries that are not deleted yet.
func (t auditTx) auditEnds() (newest, oldest int64, err error) {
	err = t.Row(`SELECT coalesce((SELECT max(sequence) FROM audit), 0), coalesce((SELECT max(sequence) FROM audit_beginnings), 0)`, nil, &newest, &oldest)
	if !t.view || !IsDamage(err) {
		return newest, oldest, err
	}
	if err = t.Row(`SELECT coalesce(max(sequence), 0) FROM audit_beginnings`, nil, &oldest); IsDamage(err) {
		oldest, err = 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	newest, err = t.newestKnown()
	return newest, oldest, err
}

// newestKnown returns the highest sequence that is known where the newest entries cannot
// be read: the first of these, or one that an index still has.
func (t auditTx) newestKnown() (newest int64, err error) {
	err = t.Row(`SELECT coalesce(max(sequence), 0) FROM audit INDEXED BY audit_of_credential WHERE credential <> ''`, nil, &newest)
	if err != nil && !IsDamage(err) {
		return 0, err
	}
	// Seeking an entry of the last page, or one that does not exist yet, fails.
	first := sort.Search(1<<40, func(sequence int) bool {
		return IsDamage(t.Row(`SELECT sequence FROM audit WHERE sequence = ?`, []any{sequence}, new(int64)))
	})
	if first == 1<<40 {
		return newest, nil
	}
	return max(newest, int64(first)), nil
}
