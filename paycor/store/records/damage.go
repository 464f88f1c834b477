package records

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/store"
)

// ErrDamaged means that a column of a row has a value that this program cannot read, or
// that the engine cannot read a part of the database. Other parts can be read nevertheless.
var ErrDamaged = errors.New("a stored value cannot be read")

// IsDamage reports whether an error is ErrDamaged.
func IsDamage(err error) bool { return errors.Is(err, ErrDamaged) }

// Readable reads credentials in the order of their ids. It leaves out what is damaged,
// and returns the ids of that.
func (t credentialTx) Readable(workspace string, ids []string) (found []paycor.Credential, lost []string, err error) {
	found, err = List(t.Transaction, scanCredential, selectPage, workspace, jsonList(ids))
	if err == nil && len(found) == len(ids) || err != nil && !IsDamage(err) {
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
		case IsDamage(err), errors.Is(err, store.ErrNotFound): // an index lists it and the table lacks it
			lost = append(lost, key)
		default:
			return nil, nil, err
		}
	}
	return found, lost, nil
}

// keys returns the keys that any of some statements returns. Statements that each read
// other pages of the database find what one of them does not. If none of them finds all it looks
// for, nothing tells what is missing, and the error means damage.
func keys[K any](t *Transaction, statements []string, arguments ...any) ([]K, error) {
	seen, found := map[string]bool{}, []K{}
	var damaged error
	whole := false
	for _, statement := range statements {
		err := t.Rows(statement, arguments, func(scan Scan) error {
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
		case IsDamage(err):
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

// salvage reads the records of some keys one by one, where a part of the database is damaged. A
// *store.DamagedError comes with what can be read. A transaction that writes ends with the
// damage instead.
func salvage[K, T any](t *Transaction, cause error, statements []string, arguments []any, read func(K) (T, error)) ([]T, error) {
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
func (t credentialTx) credentialIDs() []string {
	return append(t.dialect.Keys(`credentials`, `id`, ` WHERE workspace = ?`, `credentials_of_application`),
		`SELECT credential FROM search_documents INDEXED BY search_documents_name WHERE workspace = ?`)
}

// salvage reads a list without the index of lists and searches, which is damaged. That
// takes as long as reading all credentials.
func (q listQuery) salvage() (paycor.CredentialPage, error) {
	page := paycor.CredentialPage{Credentials: []paycor.Credential{}}
	ids, err := q.SalvagedIDs(q.workspace)
	if len(q.only) > 0 {
		ids = slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(q.only, id) })
	}
	var matches []paycor.Credential
	for batch := range slices.Chunk(ids, MaxPageSize) {
		read, lost, readErr := q.Readable(q.workspace, batch)
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

// salvagedCounts counts the credentials that can be read, where what counts them is damaged.
func (t credentialTx) salvagedCounts(workspace string, query paycor.Query, only []string) (listing.Counts, error) {
	all := paycor.Query{Viewer: query.Viewer, Today: query.Today}
	page, err := listQuery{credentialTx: t, Query: all, workspace: workspace, order: orderOf(all), only: only, limit: math.MaxInt}.salvage()
	counts := noCounts()
	counts.Total = page.Total
	tags, owners := map[string]listing.Count{}, map[string]listing.Count{}
	count := func(counted map[string]listing.Count, label, name string) {
		counted[label] = listing.Count{Name: name, Credentials: counted[label].Credentials + 1}
	}
	for _, credential := range page.Credentials {
		if credential.NeedsAttention(query.Today) {
			counts.NeedsAttention++
		}
		if credential.RotatesSoon(query.Today) {
			counts.RotateSoon++
		}
		counts.States[string(stateOf(credential))]++
		counts.Environments[credential.Environment]++
		for _, tag := range credential.Tags.List() {
			count(tags, tag, tag)
		}
		if credential.Owner != "" {
			count(owners, paycor.NameKey(credential.Owner), credential.Owner)
		}
	}
	counts.Tags, counts.Owners = frequent(tags), frequent(owners)
	return counts, err
}

// SalvagedIDs returns the ids of all credentials of a workspace that any index knows.
func (t credentialTx) SalvagedIDs(workspace string) ([]string, error) {
	ids, err := keys[string](t.Transaction, t.credentialIDs(), workspace)
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
	shared, err := sharingTx{q.Transaction}.CredentialSharing(q.workspace, c.ID)
	return err == nil && q.Viewer.Sees(shared.Owner, shared.Sharing), err
}
