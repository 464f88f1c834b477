package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
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
	found = []paycor.Credential{}
	for _, id := range ids {
		credential, err := t.Credential(workspace, id)
		switch {
		case err == nil:
			found = append(found, credential)
		case isDamage(err), errors.Is(err, store.ErrNotFound): // an index lists it and the table lacks it
			lost = append(lost, id)
		default:
			return nil, nil, err
		}
	}
	return found, lost, nil
}

// credentialIDs are statements that each read the ids of a workspace from other pages of
// the file.
var credentialIDs = []string{
	`SELECT id FROM credentials NOT INDEXED WHERE workspace = ? ORDER BY id`,
	`SELECT id FROM credentials NOT INDEXED WHERE workspace = ? ORDER BY id DESC`,
	`SELECT id FROM credentials INDEXED BY credentials_of_application WHERE workspace = ?`,
	`SELECT credential FROM search_documents INDEXED BY search_documents_name WHERE workspace = ?`,
}

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
	slices.SortFunc(matches, func(a, b paycor.Credential) int { return comparePositions(positionOf(a), positionOf(b)) })
	page.Total = len(matches)
	for _, credential := range matches {
		if comparePositions(positionOf(credential), q.after) <= 0 {
			page.Unreadable = 0 // the first page says so
			continue
		}
		if len(page.Credentials) == q.limit {
			page.Next = q.cursor(q.workspace, positionOf(page.Credentials[q.limit-1]))
			break
		}
		page.Credentials = append(page.Credentials, credential)
	}
	return page, nil
}

// salvagedIDs returns the ids of all credentials of a workspace that any index knows.
func (t credentialTx) salvagedIDs(workspace string) ([]string, error) {
	ids := map[string]bool{}
	for _, query := range credentialIDs {
		err := t.rows(query, []any{workspace}, func(scan scanFunc) error {
			var id string
			if err := scan(&id); err != nil {
				return err
			}
			ids[id] = true
			return nil
		})
		if err != nil && !isDamage(err) {
			return nil, err
		}
	}
	return slices.Sorted(maps.Keys(ids)), nil
}

// matches reports whether a credential belongs to the list.
func (q listQuery) matches(c paycor.Credential) (bool, error) {
	if len(q.patterns) > 0 {
		text := searchText(c)
		if slices.ContainsFunc(q.patterns, func(pattern string) bool { return !strings.Contains(text, pattern) }) {
			return false, nil
		}
	}
	if q.viewer == nil || c.Sharing == nil {
		return true, nil
	}
	shared, err := sharingTx{q.transaction}.CredentialSharing(q.workspace, c.ID)
	return err == nil && q.viewer.Sees(shared.Owner, shared.Sharing), err
}

func positionOf(c paycor.Credential) listPosition {
	return listPosition{paycor.NameKey(c.Name), c.ID}
}
