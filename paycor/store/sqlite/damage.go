package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// errColumn means that a column of a row has a value that this program cannot read.
var errColumn = errors.New("a stored value cannot be read")

// columnError returns an error of Scan as errColumn, unless it is the engine's or the
// caller's.
func columnError(err error) error {
	if err == nil || errors.As(err, new(*sqlite.Error)) || errors.Is(err, sql.ErrNoRows) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", errColumn, err)
}

// isDamage reports whether an error means that a part of the file is damaged. Other parts
// can be read nevertheless.
func isDamage(err error) bool {
	var engine *sqlite.Error
	return errors.Is(err, errColumn) || errors.As(err, &engine) && engine.Code()&0xff == sqlite3.SQLITE_CORRUPT
}

// readable reads credentials in the order of their ids. It leaves out what is damaged,
// and returns the ids of that.
func (t credentialTx) readable(workspace string, ids []string) (found []paycor.Credential, lost []string, err error) {
	found, err = list(t.transaction, scanCredential, selectPage, workspace, jsonList(ids))
	if err == nil && len(found) == len(ids) || err != nil && !isDamage(err) {
		return found, nil, err
	}
	return readEach(ids, func(id string) (paycor.Credential, error) { return t.Credential(workspace, id) })
}

// readEach reads records one by one. It leaves out what is damaged, and returns the keys of
// that.
func readEach[K, T any](keys []K, read func(K) (T, error)) (found []T, lost []K, err error) {
	found = []T{}
	for _, key := range keys {
		record, err := read(key)
		switch {
		case err == nil:
			found = append(found, record)
		case isDamage(err), errors.Is(err, store.ErrNotFound): // an index lists it and the table lacks it
			lost = append(lost, key)
		default:
			return nil, nil, err
		}
	}
	return found, lost, nil
}

// keys returns the keys that any of some statements returns. Statements that each read
// other pages of the file find what one of them does not. If none of them finds all it looks
// for, nothing tells what is missing, and the error means damage.
func keys[K any](t *transaction, statements []string, arguments ...any) ([]K, error) {
	seen, found := map[string]bool{}, []K{}
	var damaged error
	whole := false
	for _, statement := range statements {
		err := t.rows(statement, arguments, func(scan scanFunc) error {
			var key K
			if err := scan(&key); err != nil {
				return err
			}
			if text := fmt.Sprint(key); !seen[text] {
				seen[text], found = true, append(found, key)
			}
			return nil
		})
		switch {
		case err == nil:
			whole = true
		case isDamage(err):
			damaged = err
		default:
			return nil, err
		}
	}
	if !whole && len(found) == 0 {
		return nil, damaged
	}
	return found, nil
}

// keyStatements read the keys of a table from both ends, and from indexes. NOT INDEXED
// would read an index instead of the table.
func keyStatements(table, key, where string, indexes ...string) []string {
	read := func(from, order string) string {
		return `SELECT ` + key + ` FROM ` + table + from + where + order
	}
	rows := ` INDEXED BY sqlite_autoindex_` + table + `_1`
	if key == "sequence" { // the row ID, which has no index
		rows = ` NOT INDEXED`
	}
	statements := []string{read(rows, ` ORDER BY `+key), read(rows, ` ORDER BY `+key+` DESC`)}
	for _, index := range indexes {
		statements = append(statements, read(` INDEXED BY `+index, ``))
	}
	return statements
}

// salvage reads the records of some keys one by one, where a part of the file is damaged. A
// *store.DamagedError comes with what can be read. A transaction that writes ends with the
// damage instead.
func salvage[K, T any](t *transaction, cause error, statements []string, arguments []any, read func(K) (T, error)) ([]T, error) {
	if !t.view {
		return nil, cause
	}
	all, err := keys[K](t, statements, arguments...)
	if err != nil {
		return nil, err
	}
	found, lost, err := readEach(all, read)
	if err == nil && len(lost) > 0 {
		err = &store.DamagedError{Lost: len(lost), Cause: cause}
	}
	return found, err
}

// credentialIDs read the ids of a workspace.
var credentialIDs = append(keyStatements(`credentials`, `id`, ` WHERE workspace = ?`, `credentials_of_application`),
	`SELECT credential FROM search_documents INDEXED BY search_documents_name WHERE workspace = ?`)

// salvage reads a list without the index of lists and searches, which is damaged. That
// takes as long as reading all credentials.
func (q listQuery) salvage() (paycor.CredentialPage, error) {
	page := paycor.CredentialPage{Credentials: []paycor.Credential{}}
	ids, err := q.salvagedIDs(q.workspace)
	if len(q.only) > 0 {
		ids = slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(q.only, id) })
	}
	var matches []paycor.Credential
	for batch := range slices.Chunk(ids, maxPageSize) {
		read, lost, readErr := q.readable(q.workspace, batch)
		page.Unreadable += len(lost)
		err = errors.Join(err, readErr)
		for _, credential := range read {
			matching, matchErr := q.matches(credential)
			if matching {
				matches = append(matches, credential)
			}
			err = errors.Join(err, matchErr)
		}
	}
	if err != nil {
		return page, err
	}
	slices.SortFunc(matches, func(a, b paycor.Credential) int { return q.order.compare(q.order.position(a), q.order.position(b)) })
	page.Total = len(matches)
	for _, credential := range matches {
		if q.after != (listPosition{}) && q.order.compare(q.order.position(credential), q.after) <= 0 {
			page.Unreadable = 0 // the first page says so
			continue
		}
		if len(page.Credentials) == q.limit {
			page.Next = q.cursor(q.workspace, q.order, q.order.position(page.Credentials[q.limit-1]))
			break
		}
		page.Credentials = append(page.Credentials, credential)
	}
	return page, nil
}

// salvagedIDs returns the ids of all credentials of a workspace that any index knows.
func (t credentialTx) salvagedIDs(workspace string) ([]string, error) {
	ids, err := keys[string](t.transaction, credentialIDs, workspace)
	slices.Sort(ids)
	return ids, err
}

// matches reports whether a credential belongs to the list.
func (q listQuery) matches(c paycor.Credential) (bool, error) {
	if !q.Filter.Matches(c, q.Today) {
		return false, nil
	}
	if len(q.patterns) > 0 {
		text := searchText(c)
		if slices.ContainsFunc(q.patterns, func(pattern string) bool { return !strings.Contains(text, pattern) }) {
			return false, nil
		}
	}
	if q.Viewer == nil || c.Sharing == nil {
		return true, nil
	}
	shared, err := sharingTx{q.transaction}.CredentialSharing(q.workspace, c.ID)
	return err == nil && q.Viewer.Sees(shared.Owner, shared.Sharing), err
}
