package records

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

const (
	// An unchanged document costs no write. A use that was recorded meanwhile stays.
	updateDocument = `UPDATE search_documents SET (` + documentColumns + `) = (` + documentMarks + `)
		WHERE workspace = ?1 AND credential = ?2 AND (` + documentColumns + `) IS DISTINCT FROM (` + documentMarks + `)`

	isRestricted = `(SELECT CASE WHEN shared IS NULL THEN 0 ELSE 1 END FROM credentials WHERE workspace = ?1 AND id = ?2)`

	documentColumns = `name_key, text, environment, state, state_rank, problem, rotate_by, verified_at, checked_at, last_used_at`
	documentMarks   = `?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, (SELECT max(last_used_at, ?12) FROM credentials WHERE workspace = ?1 AND id = ?2)`

	insertLabel = `INSERT INTO search_labels (workspace, credential, kind, label, name, restricted)
		SELECT ?1, ?2, ?3, ?4, ?5, restricted FROM search_documents WHERE workspace = ?1 AND credential = ?2`
)

// lowerRules notes that a document follows earlier rules than those of a later version that
// works beside this one: the next process of that version to start makes all of them again.
const lowerRules = `UPDATE search_rules SET rules = ?1 WHERE rules > ?1`

func documentValues(workspace string, c paycor.Credential) []any {
	return []any{
		workspace, c.ID, nameKeyOf(c), searchText(c), c.Environment, string(stateOf(c)), stateRank(c), flag(hasProblem(c)),
		rotateByKey(c), Timestamp(c.VerifiedAt), Timestamp(c.CheckedAt()), Timestamp(c.LastUsedAt),
	}
}

// insertDocument lets lists and searches find a new credential.
func (t credentialTx) insertDocument(workspace string, c paycor.Credential) error {
	search := t.dialect.Search
	if search.InsertWorkspace != "" {
		if err := t.Queue(search.InsertWorkspace, workspace); err != nil {
			return err
		}
	}
	if err := t.Queue(search.InsertDocument(documentColumns, documentMarks, isRestricted), documentValues(workspace, c)...); err != nil {
		return err
	}
	if err := t.Queue(lowerRules, searchRules); err != nil {
		return err
	}
	return t.insertLabels(workspace, c, searchLabels(c))
}

// updateDocument lets lists and searches find what a credential is now.
func (t credentialTx) updateDocument(workspace string, c paycor.Credential) error {
	if err := t.Queue(updateDocument, documentValues(workspace, c)...); err != nil {
		return err
	}
	if err := t.Queue(lowerRules, searchRules); err != nil {
		return err
	}
	return t.updateLabels(workspace, c)
}

// searchLabel is a tag or an owner of a credential, by which lists are filtered.
type searchLabel struct{ kind, label, name string }

func searchLabels(c paycor.Credential) (labels []searchLabel) {
	for _, tag := range c.Tags.List() {
		labels = append(labels, searchLabel{"tag", tag, tag})
	}
	if c.Owner != "" {
		labels = append(labels, searchLabel{"owner", paycor.NameKey(c.Owner), c.Owner})
	}
	return labels
}

// updateLabels stores what the labels are now. Unchanged ones cost no write.
func (t credentialTx) updateLabels(workspace string, c paycor.Credential) error {
	labels := searchLabels(c)
	stored, err := List(t.Transaction, func(scan Scan) (l searchLabel, err error) {
		return l, scan(&l.kind, &l.label, &l.name)
	}, `SELECT kind, label, name FROM search_labels WHERE workspace = ? AND credential = ?`, workspace, c.ID)
	if err != nil {
		return err
	}
	for _, l := range stored {
		if slices.Contains(labels, l) {
			continue
		}
		if err := t.Queue(`DELETE FROM search_labels WHERE workspace = ? AND kind = ? AND label = ? AND credential = ?`, workspace, l.kind, l.label, c.ID); err != nil {
			return err
		}
	}
	return t.insertLabels(workspace, c, slices.DeleteFunc(labels, func(l searchLabel) bool { return slices.Contains(stored, l) }))
}

// insertLabels stores labels that a credential does not have yet.
func (t credentialTx) insertLabels(workspace string, c paycor.Credential, labels []searchLabel) error {
	for _, l := range labels {
		if err := t.Queue(insertLabel, workspace, c.ID, l.kind, l.label, l.name); err != nil {
			return err
		}
	}
	return nil
}

// RenewDocuments makes the search documents of all credentials unless they follow the
// present rules, or those of a later version, already. It returns how many it made. Like a migration, it is left to
// those who may migrate.
func (t credentialTx) RenewDocuments() (renewed int, err error) {
	var rules int
	err = t.Row(`SELECT rules FROM search_rules`, nil, &rules)
	if err != nil && !errors.Is(err, store.ErrNotFound) || rules >= searchRules {
		return 0, err
	}
	if renewed, err = t.renewDocuments(); err != nil {
		return renewed, fmt.Errorf("indexing credentials for lists and searches: %w", err)
	}
	_, err = t.Exec(`INSERT INTO search_rules (id, rules) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET rules = ?1`, searchRules)
	return renewed, err
}

func (t credentialTx) renewDocuments() (renewed int, err error) {
	query := `SELECT c.workspace, d.credential IS NOT NULL, ` + credentialColumns + ` FROM credentials c` + WithApplication + `
		LEFT JOIN search_documents d ON d.workspace = c.workspace AND d.credential = c.id
		WHERE (c.workspace, c.id) > (?, ?) ORDER BY c.workspace, c.id LIMIT 500`
	type document struct {
		workspace string
		exists    bool
		paycor.Credential
	}
	var last document
	for {
		batch, err := List(t.Transaction, func(scan Scan) (d document, err error) {
			d.Credential, err = scanCredential(func(destinations ...any) error {
				return scan(append([]any{&d.workspace, &d.exists}, destinations...)...)
			})
			return d, err
		}, query, last.workspace, last.ID)
		if err != nil || len(batch) == 0 {
			return renewed, err
		}
		for _, d := range batch {
			write := t.insertDocument
			if d.exists {
				write = t.updateDocument
			}
			if err := write(d.workspace, d.Credential); err != nil {
				return renewed, err
			}
		}
		renewed += len(batch)
		last = batch[len(batch)-1]
	}
}

// stateRank is the position of a credential's state among all states, as text.
func stateRank(c paycor.Credential) string { return strconv.Itoa(stateOf(c).Rank()) }

// rotateByKey is the date to replace the secrets by, as text that sorts behind every date
// if there is none.
func rotateByKey(c paycor.Credential) string { return cmp.Or(string(c.RotateBy), "~") }

func hasProblem(c paycor.Credential) bool {
	c.State = stateOf(c)
	return c.HasProblem()
}
