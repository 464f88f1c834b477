package sqlite

import (
	"slices"
	"strconv"
	"strings"

	"paycorcred/paycor"
)

// Sizes of one page of a list.
const (
	defaultPageSize = 100
	maxPageSize     = 200
	maxAuditEntries = 1000
)

// One statement serves any number of ids and search words, which are passed as
// JSON lists. The first few words have arguments of their own, because that is
// far faster. instr, unlike LIKE, has no wildcards, and it finds "" in any text.
const (
	inlineWords = 4
	listFilter  = ` FROM credentials c WHERE workspace = ?1
		AND (?2 IS NULL OR id IN (SELECT value FROM json_each(?2)))
		AND (?3 = '' OR (instr(c.search, ?3) AND instr(c.search, ?4) AND instr(c.search, ?5) AND instr(c.search, ?6)
			AND (?7 IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(?7) word WHERE NOT instr(c.search, word.value)))))
		AND (?8 IS NULL OR c.shared IS NULL OR c.owner = ?8 AND c.owner <> ''
			OR EXISTS (SELECT 1 FROM json_each(c.shared) named JOIN json_each(?9) key ON named.value = key.value))`
	countQuery = `SELECT count(*)` + listFilter
)

// listQuery sorts names and ids only, and reads the other columns for one page of
// them.
var listQuery = `WITH page AS MATERIALIZED (SELECT name_key AS key, id AS at` + listFilter + `
		AND (name_key, id) > (?10, ?11) ORDER BY name_key, id LIMIT ?12)
		SELECT name_key, ` + credentialColumns + ` FROM page CROSS JOIN credentials c ON c.workspace = ?1 AND c.id = page.at
		ORDER BY page.key, page.at`

// filterArguments returns the arguments for listFilter.
func filterArguments(workspace string, query paycor.Query, only []string) []any {
	words := slices.Compact(slices.Sorted(strings.FieldsSeq(foldCase(query.Search))))
	arguments := []any{workspace, jsonList(only)}
	for i := range inlineWords {
		word := ""
		if i < len(words) {
			word = words[i]
		}
		arguments = append(arguments, word)
	}
	return append(append(arguments, jsonList(words[min(inlineWords, len(words)):])), viewerArguments(query.Viewer)...)
}

func (t credentialTx) Credentials(workspace string, query paycor.Query, only []string) (paycor.CredentialPage, error) {
	page := paycor.CredentialPage{Credentials: []paycor.Credential{}}
	after, err := t.parseCursor(workspace, query.Cursor)
	if err != nil {
		return page, err
	}
	arguments := filterArguments(workspace, query, only)
	if err := t.row(countQuery, arguments, &page.Total); err != nil {
		return page, err
	}
	limit := pageSize(query.Limit)
	var last listPosition
	err = t.rows(listQuery, append(arguments, after.nameKey, after.id, limit+1), func(scan scanFunc) error {
		var nameKey string
		credential, err := scanCredential(func(destinations ...any) error { return scan(append([]any{&nameKey}, destinations...)...) })
		if err != nil {
			return err
		}
		if len(page.Credentials) == limit {
			page.Next = t.cursor(workspace, last)
			return nil
		}
		page.Credentials = append(page.Credentials, credential)
		last = listPosition{nameKey, credential.ID}
		return nil
	})
	return page, err
}

func pageSize(requested int) int {
	if requested == 0 {
		return defaultPageSize
	}
	return min(max(requested, 1), maxPageSize)
}

// foldCase removes differences of case. It goes through upper case because some
// letters have two lower-case forms.
func foldCase(text string) string {
	return strings.ToLower(strings.ToUpper(strings.ToValidUTF8(text, "\uFFFD")))
}

// searchText returns the text that a search matches. Line breaks keep a word from
// matching across two fields, because a word contains none.
func searchText(c paycor.Credential) string {
	return foldCase(strings.Join([]string{
		c.Name, c.Description, c.ClientID, strconv.Itoa(int(c.LegalEntityID)), c.LegalEntityName,
	}, "\n"))
}
