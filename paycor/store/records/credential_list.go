package records

import (
	"errors"
	"slices"
	"strconv"

	"paycorcred/paycor"
	"paycorcred/paycor/listing"
)

// Sizes of one page of a list.
const (
	defaultPageSize = 100
	MaxPageSize     = 200
	maxAuditEntries = 1000
)

// maxSortedHits is how many hits of a search or a filter are counted and sorted. Where
// there are more, reading the documents in order finds a page of them soon.
const maxSortedHits = 2000

// A list first finds the position of each of its credentials, which reads only the
// narrow tables of the index, and then reads the credentials of one page. These are parts
// of the statements that find positions. Their arguments are those of listQuery.arguments.
const (
	isVisible = ` AND (?5 IS NULL OR d.restricted = 0 OR EXISTS (SELECT 1 FROM json_each(?5) key
		JOIN credential_shares s ON s.workspace = ?1 AND s.viewer = key.value AND s.credential = d.credential))`

	fromShared = `FROM credential_shares s
		CROSS JOIN search_documents d ON d.workspace = ?1 AND d.credential = s.credential AND d.restricted = 1
		WHERE s.workspace = ?1 AND s.viewer IN (SELECT value FROM json_each(?5))`

	fromIDs = `FROM (SELECT DISTINCT value FROM json_each(?6)) among
		CROSS JOIN search_documents d ON d.workspace = ?1 AND d.credential = among.value WHERE true`
)

// filterPart is a filter of a list as SQL: what a document fulfills, and where the
// documents that do are read from.
type filterPart struct{ condition, from string }

var (
	filterState = filterPart{` AND d.state_rank = ?14`,
		`FROM search_documents d INDEXED BY search_documents_by_state WHERE d.workspace = ?1 AND d.restricted IN (0, 1)`}
	filterEnvironment = filterPart{` AND d.environment = ?15`,
		`FROM search_documents d INDEXED BY search_documents_environment WHERE d.workspace = ?1`}
	filterTag   = labelPart("tag", "?16")
	filterOwner = labelPart("owner", "?17")

	filterAttention = map[listing.Attention]filterPart{
		listing.AttentionRotation: {` AND d.rotate_by <= ?18`,
			`FROM search_documents d INDEXED BY search_documents_by_rotate_by WHERE d.workspace = ?1 AND d.restricted IN (0, 1)`},
		listing.AttentionAny: {` AND (d.problem = 1 OR d.rotate_by <= ?18)`,
			`FROM (SELECT document FROM search_documents INDEXED BY search_documents_problem WHERE workspace = ?1 AND problem = 1
				UNION SELECT document FROM search_documents INDEXED BY search_documents_by_rotate_by WHERE workspace = ?1 AND restricted IN (0, 1) AND rotate_by <= ?18) due
			CROSS JOIN search_documents d ON d.document = due.document WHERE true`},
	}
)

func labelPart(kind, argument string) filterPart {
	has := `l.workspace = ?1 AND l.kind = '` + kind + `' AND l.label = ` + argument
	return filterPart{` AND EXISTS (SELECT 1 FROM search_labels l WHERE ` + has + ` AND l.credential = d.credential)`,
		`FROM search_labels l CROSS JOIN search_documents d ON d.workspace = ?1 AND d.credential = l.credential WHERE ` + has}
}

// selectPage reads the credentials of one page in their order.
var selectPage = `SELECT ` + credentialColumns + ` FROM (SELECT key AS place, value AS shown FROM json_each(?2)) page
	CROSS JOIN credentials c ON c.workspace = ?1 AND c.id = page.shown` + WithApplication + `ORDER BY page.place`

// listQuery is one list to read.
type listQuery struct {
	credentialTx
	paycor.Query
	workspace string
	order     listOrder
	patterns  []string
	keys      any // JSON list of what names the viewer, or nil
	only      []string
	after     listPosition
	limit     int
}

func (t credentialTx) Credentials(workspace string, query paycor.Query, only []string) (paycor.CredentialPage, error) {
	order := orderOf(query)
	after, err := t.parseCursor(workspace, order, query.Cursor)
	if err != nil {
		return paycor.CredentialPage{Credentials: []paycor.Credential{}}, err
	}
	named, words := splitIDs(query.Search)
	for _, id := range named {
		if len(only) > 0 && !slices.Contains(only, id) {
			return paycor.CredentialPage{Credentials: []paycor.Credential{}}, nil
		}
		only = []string{id}
	}
	query.Filter = query.Filter.Clean()
	q := listQuery{t, query, workspace, order, searchPatterns(words), viewerArgument(query.Viewer), only, after, pageSize(query.Limit)}
	page, err := q.read()
	if IsDamage(err) {
		return q.salvage()
	}
	return page, err
}

// read reads the list with the index of lists and searches.
func (q listQuery) read() (page paycor.CredentialPage, err error) {
	page.Credentials = []paycor.Credential{}
	var found []listPosition // after the cursor, one more than fit on the page
	found, page.Total, page.TotalIsMinimum, err = q.find()
	if err != nil || len(found) == 0 {
		return page, err
	}
	if len(found) > q.limit {
		found = found[:q.limit]
		page.Next = q.cursor(q.workspace, q.order, found[q.limit-1])
	}
	ids := make([]string, len(found))
	for i, position := range found {
		ids[i] = position.id
	}
	var lost []string
	page.Credentials, lost, err = q.Readable(q.workspace, ids)
	page.Unreadable = len(lost)
	return page, err
}

// find finds positions after the cursor, at least one more than fit on the page if there
// are as many, and counts all matches. isMinimum means that there are more than counted.
func (q listQuery) find() (found []listPosition, total int, isMinimum bool, err error) {
	if len(q.only) > 0 {
		found, err = q.positions(q.order.selects()+fromIDs+q.conditions()+isVisible, 0)
		return q.sorted(found), len(found), false, err
	}
	counted := len(q.patterns) == 0 && q.Filter.Tag == "" && q.Filter.Owner == ""
	var groups []documentGroup
	if len(q.patterns) == 0 {
		groups, err = q.documentGroups(q.workspace, q.Today)
	}
	if err == nil && counted {
		total, err = q.countVisible(groups)
	}
	if err != nil {
		return nil, 0, false, err
	}
	if !counted || q.Filter != (paycor.Filter{}) && total <= maxSortedHits {
		from, err := q.source(groups)
		if err == nil {
			found, err = q.positions(q.order.selects()+from+q.conditions()+isVisible+` LIMIT ?4`, maxSortedHits+1)
		}
		if err != nil || len(found) <= maxSortedHits {
			return q.sorted(found), len(found), false, err
		}
		total = maxSortedHits
	}
	found, err = q.inOrder()
	return found, total, !counted, err
}

// countVisible counts the documents that the viewer sees and the filter lets through,
// which has no labels.
func (q listQuery) countVisible(groups []documentGroup) (total int, err error) {
	for _, group := range groups {
		if q.Viewer == nil || !group.restricted {
			total += group.matching(q.Filter)
		}
	}
	if q.Viewer == nil {
		return total, nil
	}
	var shared int
	err = q.Row(countShared+q.conditions()+endCountShared, q.arguments(0), &shared)
	return total + shared, err
}

const (
	countShared    = `SELECT count(*) FROM (SELECT DISTINCT d.document ` + fromShared
	endCountShared = `) seen`
)

// source returns where to read the matches from: the index of the words of a search, or
// that of the filter which lets the fewest documents through.
func (q listQuery) source(groups []documentGroup) (string, error) {
	if len(q.patterns) > 0 {
		return q.dialect.Search.From, nil
	}
	var from string
	fewest := -1
	consider := func(size int, part filterPart) {
		if fewest < 0 || size < fewest {
			fewest, from = size, part.from
		}
	}
	for _, label := range []struct {
		kind, name string
		part       filterPart
	}{{"tag", q.Filter.Tag, filterTag}, {"owner", q.Filter.Owner, filterOwner}} {
		if label.name == "" {
			continue
		}
		var size int
		if err := q.Row(countLabel, []any{q.workspace, label.kind, label.name}, &size); err != nil {
			return "", err
		}
		consider(size, label.part)
	}
	if q.Filter.State != "" {
		consider(sizeOf(groups, paycor.Filter{State: q.Filter.State}), filterState)
	}
	if q.Filter.Environment != "" {
		consider(sizeOf(groups, paycor.Filter{Environment: q.Filter.Environment}), filterEnvironment)
	}
	if q.Filter.Attention != "" {
		consider(sizeOf(groups, paycor.Filter{Attention: q.Filter.Attention}), filterAttention[q.Filter.Attention])
	}
	return from, nil
}

const countLabel = `SELECT coalesce(sum(credentials), 0) FROM search_label_counts WHERE workspace = ? AND kind = ? AND restricted IN (0, 1) AND label = ?`

// conditions returns what a document d of the list fulfills.
func (q listQuery) conditions() string {
	var conditions string
	add := func(applies bool, condition string) {
		if applies {
			conditions += condition
		}
	}
	add(len(q.patterns) > 0, q.dialect.Search.Matches)
	add(q.Filter.State != "", filterState.condition)
	add(q.Filter.Environment != "", filterEnvironment.condition)
	add(q.Filter.Tag != "", filterTag.condition)
	add(q.Filter.Owner != "", filterOwner.condition)
	add(q.Filter.Attention != "", filterAttention[q.Filter.Attention].condition)
	return conditions
}

// positions runs one of the statements that find positions.
func (q listQuery) positions(query string, limit int) ([]listPosition, error) {
	return List(q.Transaction, func(scan Scan) (position listPosition, err error) {
		return position, scan(&position.key, &position.nameKey, &position.id)
	}, query, q.arguments(limit)...)
}

// arguments returns as many arguments as a statement has.
func (q listQuery) arguments(limit int) []any {
	arguments := []any{q.workspace, q.after.nameKey, q.after.id, limit, q.keys, jsonList(q.only)}
	patterns := q.dialect.Search.Arguments(q.patterns)
	arguments = append(arguments, patterns[:]...)
	return append(arguments, q.after.key,
		strconv.Itoa(q.Filter.State.Rank()), q.Filter.Environment, q.Filter.Tag, q.Filter.Owner, string(q.Today.RemindsUntil()))
}

// sorted returns those of all hits that come after the cursor.
func (q listQuery) sorted(hits []listPosition) []listPosition {
	hits = slices.DeleteFunc(hits, func(hit listPosition) bool {
		return q.after != (listPosition{}) && q.order.compare(hit, q.after) <= 0
	})
	slices.SortFunc(hits, q.order.compare)
	return hits
}

// inOrder reads one page and one position more in the order of the list. A restricted
// credential costs nothing where the viewer cannot see it.
func (q listQuery) inOrder() ([]listPosition, error) {
	restricted := q.order.from("1")
	if q.Viewer != nil {
		restricted = q.order.fromShared()
	}
	end := q.conditions() + q.order.page(q.after)
	all, err := q.positions(q.order.from("0")+end, q.limit+1)
	visible, sharedErr := q.positions(restricted+end, q.limit+1)
	all = append(all, visible...)
	slices.SortFunc(all, q.order.compare)
	return all[:min(len(all), q.limit+1)], errors.Join(err, sharedErr)
}

func pageSize(requested int) int {
	if requested == 0 {
		return defaultPageSize
	}
	return min(max(requested, 1), MaxPageSize)
}
