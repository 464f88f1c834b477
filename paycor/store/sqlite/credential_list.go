package sqlite

import (
	"errors"
	"slices"

	"paycorcred/paycor"
)

// Sizes of one page of a list.
const (
	defaultPageSize = 100
	maxPageSize     = 200
	maxAuditEntries = 1000
)

// maxSortedHits is how many hits of a search are counted and sorted. Where there are
// more, reading the names in order finds a page of them soon.
const maxSortedHits = 2000

// A list first finds the position of each of its credentials, which reads only the
// narrow tables of the index, and then reads the credentials of one page. These
// statements find positions. Their arguments are those of listQuery.arguments.
const (
	selectPosition = `SELECT DISTINCT d.name_key, d.credential `

	// The first few patterns have arguments of their own, because that is far faster
	// than a JSON list. instr, unlike LIKE, has no wildcards, and finds "" in any text.
	inlinePatterns = 4
	matchesText    = ` AND instr(d.text, ?8) AND instr(d.text, ?9) AND instr(d.text, ?10) AND instr(d.text, ?11)
		AND (?12 IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(?12) pattern WHERE NOT instr(d.text, pattern.value)))`
	isVisible = ` AND (?5 IS NULL OR d.restricted = 0 OR EXISTS (SELECT 1 FROM json_each(?5) key
		JOIN credential_shares s ON s.workspace = ?1 AND s.viewer = key.value AND s.credential = d.credential))`

	isLater = ` AND (d.name_key, d.credential) > (?2, ?3) ORDER BY d.name_key, d.credential LIMIT ?4`

	unrestrictedByName = `SELECT d.name_key, d.credential FROM search_documents d INDEXED BY search_documents_name WHERE d.workspace = ?1 AND d.restricted = 0`
	restrictedByName   = `SELECT d.name_key, d.credential FROM search_documents d INDEXED BY search_documents_name WHERE d.workspace = ?1 AND d.restricted = 1`
	sharedByName       = selectPosition + `FROM credential_shares s
		CROSS JOIN search_documents d ON d.workspace = ?1 AND d.credential = s.credential AND d.restricted = 1
		WHERE s.workspace = ?1 AND s.viewer IN (SELECT value FROM json_each(?5))`

	hitsByTrigram = `SELECT d.name_key, d.credential FROM search_workspaces w
		CROSS JOIN search_trigrams hit ON hit.rowid BETWEEN w.number << 32 AND ((w.number + 1) << 32) - 1
		CROSS JOIN search_documents d ON d.document = hit.rowid
		WHERE w.workspace = ?1 AND search_trigrams MATCH ?7` + matchesText + isVisible + ` LIMIT ?4`

	hitsAmongIDs = selectPosition + `FROM json_each(?6) among
		CROSS JOIN search_documents d ON d.workspace = ?1 AND d.credential = among.value WHERE true` + matchesText + isVisible

	countVisible = `SELECT
		coalesce((SELECT credentials FROM search_workspaces WHERE workspace = ?1), 0)
		- (SELECT count(*) FROM search_documents INDEXED BY search_documents_name WHERE ?2 IS NOT NULL AND workspace = ?1 AND restricted = 1)
		+ (SELECT count(DISTINCT s.credential) FROM json_each(?2) key CROSS JOIN credential_shares s ON s.workspace = ?1 AND s.viewer = key.value)`
)

// selectPage reads the credentials of one page in their order.
var selectPage = `SELECT ` + credentialColumns + ` FROM (SELECT key AS place, value AS shown FROM json_each(?2)) page
	CROSS JOIN credentials c ON c.workspace = ?1 AND c.id = page.shown` + withApplication + `ORDER BY page.place`

// listQuery is one list to read.
type listQuery struct {
	credentialTx
	workspace string
	patterns  []string
	viewer    *paycor.Viewer // nil sees all
	keys      any            // JSON list of what names the viewer, or nil
	only      []string
	after     listPosition
	limit     int
}

func (t credentialTx) Credentials(workspace string, query paycor.Query, only []string) (paycor.CredentialPage, error) {
	after, err := t.parseCursor(workspace, query.Cursor)
	if err != nil {
		return paycor.CredentialPage{Credentials: []paycor.Credential{}}, err
	}
	q := listQuery{t, workspace, searchPatterns(query.Search), query.Viewer, viewerArgument(query.Viewer), only, after, pageSize(query.Limit)}
	page, err := q.read()
	if isDamage(err) {
		return q.salvage()
	}
	return page, err
}

// read reads the list with the index of lists and searches.
func (q listQuery) read() (page paycor.CredentialPage, err error) {
	page.Credentials = []paycor.Credential{}
	var found []listPosition // after the cursor, one more than fit on the page
	switch {
	case len(q.only) > 0:
		found, err = q.positions(hitsAmongIDs, 0)
		page.Total = len(found)
		found = q.sorted(found)
	case len(q.patterns) == 0:
		if err = q.row(countVisible, []any{q.workspace, q.keys}, &page.Total); err == nil {
			found, err = q.byName("")
		}
	default:
		found, err = q.positions(hitsByTrigram, maxSortedHits+1)
		page.Total, page.TotalIsMinimum = min(len(found), maxSortedHits), len(found) > maxSortedHits
		if page.TotalIsMinimum {
			found, err = q.byName(matchesText)
		} else {
			found = q.sorted(found)
		}
	}
	if err != nil || len(found) == 0 {
		return page, err
	}
	if len(found) > q.limit {
		found = found[:q.limit]
		page.Next = q.cursor(q.workspace, found[q.limit-1])
	}
	ids := make([]string, len(found))
	for i, position := range found {
		ids[i] = position.id
	}
	var lost []string
	page.Credentials, lost, err = q.readable(q.workspace, ids)
	page.Unreadable = len(lost)
	return page, err
}

// positions runs one of the statements that find positions.
func (q listQuery) positions(query string, limit int) ([]listPosition, error) {
	return list(q.transaction, func(scan scanFunc) (position listPosition, err error) {
		return position, scan(&position.nameKey, &position.id)
	}, query, q.arguments(query, limit)...)
}

// arguments returns as many arguments as a statement has.
func (q listQuery) arguments(query string, limit int) []any {
	arguments := []any{q.workspace, q.after.nameKey, q.after.id, limit, q.keys, jsonList(q.only), ""}
	if len(q.patterns) > 0 {
		arguments[6] = trigramQuery(q.patterns)
	}
	for i := range inlinePatterns {
		pattern := ""
		if i < len(q.patterns) {
			pattern = q.patterns[i]
		}
		arguments = append(arguments, pattern)
	}
	return append(arguments, jsonList(q.patterns[min(inlinePatterns, len(q.patterns)):]))
}

// sorted returns those of all hits that come after the cursor.
func (q listQuery) sorted(hits []listPosition) []listPosition {
	hits = slices.DeleteFunc(hits, func(hit listPosition) bool { return comparePositions(hit, q.after) <= 0 })
	slices.SortFunc(hits, comparePositions)
	return hits
}

// byName reads one page and one position more in order of the names. A restricted
// credential costs nothing where the viewer cannot see it.
func (q listQuery) byName(filter string) ([]listPosition, error) {
	restricted := restrictedByName
	if q.viewer != nil {
		restricted = sharedByName
	}
	all, err := q.positions(unrestrictedByName+filter+isLater, q.limit+1)
	visible, sharedErr := q.positions(restricted+filter+isLater, q.limit+1)
	all = append(all, visible...)
	slices.SortFunc(all, comparePositions)
	return all[:min(len(all), q.limit+1)], errors.Join(err, sharedErr)
}

func pageSize(requested int) int {
	if requested == 0 {
		return defaultPageSize
	}
	return min(max(requested, 1), maxPageSize)
}
