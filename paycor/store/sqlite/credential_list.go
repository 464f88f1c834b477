package sqlite

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"slices"
	"strconv"
	"strings"
)

// How many credentials a page holds.
const (
	defaultPageSize = 100
	maxPageSize     = 200
	maxAuditEntries = 1000
)

// One statement does for any number of ids and words: they come in as JSON
// lists, except for the first words, which are far faster to look for one by
// one. instr takes every character as it is, % and _ too, and finds "".
const (
	inlineWords = 4
	listFilter  = ` FROM credentials c WHERE workspace = ?1
		AND (?2 IS NULL OR id IN (SELECT value FROM json_each(?2)))
		AND (?3 = '' OR (instr(c.search, ?3) AND instr(c.search, ?4) AND instr(c.search, ?5) AND instr(c.search, ?6)
			AND (?7 IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(?7) word WHERE NOT instr(c.search, word.value)))))
		AND (?8 IS NULL OR c.shared IS NULL OR c.owner = ?8 AND c.owner <> ''
			OR EXISTS (SELECT 1 FROM json_each(c.shared) named JOIN json_each(?9) key ON named.value = key.value))`
	countQuery = `SELECT count(*)` + listFilter

	// Only names and ids are sorted; the rest is read for one page of them.
	listQuery = `WITH page AS MATERIALIZED (SELECT name_key AS key, id AS at` + listFilter + `
		AND (name_key, id) > (?10, ?11) ORDER BY name_key, id LIMIT ?12)
		SELECT name_key, ` + credentialColumns + ` FROM page CROSS JOIN credentials c ON c.workspace = ?1 AND c.id = page.at
		ORDER BY page.key, page.at`
)

// filterArguments returns the arguments of listFilter.
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

// Credentials lists by name, then id.
func (t *tx) Credentials(workspace string, query paycor.Query, only []string) (paycor.CredentialPage, error) {
	page := paycor.CredentialPage{Credentials: []paycor.Credential{}}
	after, err := t.parseCursor(workspace, query.Cursor)
	if err != nil {
		return page, err
	}
	filter := filterArguments(workspace, query, only)
	if err := t.row(countQuery, filter, &page.Total); err != nil {
		return page, err
	}
	limit := pageSize(query.Limit)
	var last listPosition
	err = t.rows(listQuery, append(filter, after.nameKey, after.id, limit+1), func(scan func(...any) error) error {
		var nameKey string
		credential, err := scanCredential(func(destinations ...any) error {
			return scan(append([]any{&nameKey}, destinations...)...)
		})
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

func pageSize(wanted int) int {
	if wanted == 0 {
		return defaultPageSize
	}
	return min(max(wanted, 1), maxPageSize)
}

// foldCase removes the difference of case. Through upper case first, because some
// letters have two lower forms.
func foldCase(text string) string {
	return strings.ToLower(strings.ToUpper(strings.ToValidUTF8(text, "\uFFFD")))
}

// searchText is what a search looks into. Lines keep a word from matching
// across two fields: a word has no line break.
func searchText(c paycor.Credential) string {
	return foldCase(strings.Join([]string{
		c.Name, c.Description, c.ClientID, strconv.Itoa(int(c.LegalEntityID)), c.LegalEntityName,
	}, "\n"))
}

func compareFields(a, b fields.Field) int { return strings.Compare(string(a), string(b)) }

// listPosition is a place in a list: behind the credential that stands there, and
// good even when that one is gone.
type listPosition struct{ nameKey, id string }

// macSize is enough to make guessing a cursor hopeless.
const macSize = 16

// cursor writes a position so that only this store, for this workspace, can
// have written it.
func (t *tx) cursor(workspace string, at listPosition) string {
	body := binary.AppendUvarint(nil, uint64(len(at.nameKey)))
	body = append(append(body, at.nameKey...), at.id...)
	return base64.RawURLEncoding.EncodeToString(append(t.cursorMAC(workspace, body), body...))
}

func (t *tx) cursorMAC(workspace string, body []byte) []byte {
	data := binary.AppendUvarint(nil, uint64(len(workspace)))
	data = append(append(data, workspace...), body...)
	return t.sealer.Fingerprint("cursor of a list of credentials", data)[:macSize]
}

func (t *tx) parseCursor(workspace, cursor string) (listPosition, error) {
	if cursor == "" {
		return listPosition{}, nil
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(data) < macSize || !hmac.Equal(data[:macSize], t.cursorMAC(workspace, data[macSize:])) {
		return listPosition{}, paycor.Errorf(paycor.KindMalformed, "The cursor is none that this list gave. Leave it out to begin again.")
	}
	body := data[macSize:]
	length, size := binary.Uvarint(body)
	if size <= 0 || length > uint64(len(body)-size) {
		return listPosition{}, paycor.Errorf(paycor.KindMalformed, "The cursor is one of another version. Leave it out to begin again.")
	}
	body = body[size:]
	return listPosition{string(body[:length]), string(body[length:])}, nil
}
