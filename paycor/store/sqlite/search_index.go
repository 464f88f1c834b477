package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// The number of a workspace begins at bit 32 of a document's.
const (
	insertSearchWorkspace = `INSERT INTO search_workspaces (workspace) VALUES (?) ON CONFLICT DO NOTHING`

	insertDocument = `INSERT INTO search_documents (document, workspace, credential, restricted, ` + documentColumns + `)
		SELECT number << 32 | (last_document + 1), ?1, ?2, (SELECT shared IS NOT NULL FROM credentials WHERE workspace = ?1 AND id = ?2), ` + documentMarks + `
		FROM search_workspaces WHERE workspace = ?1`

	// An unchanged document costs no write. A use that was recorded meanwhile stays.
	updateDocument = `UPDATE search_documents SET (` + documentColumns + `) = (` + documentMarks + `)
		WHERE workspace = ?1 AND credential = ?2 AND (` + documentColumns + `) IS NOT (` + documentMarks + `)`

	documentColumns = `name_key, text, environment, state, state_rank, problem, rotate_by, verified_at, last_used_at`
	documentMarks   = `?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, (SELECT max(last_used_at, ?11) FROM credentials WHERE workspace = ?1 AND id = ?2)`

	insertLabel = `INSERT INTO search_labels (workspace, credential, kind, label, name, restricted)
		SELECT ?1, ?2, ?3, ?4, ?5, restricted FROM search_documents WHERE workspace = ?1 AND credential = ?2`
)

func documentValues(workspace string, c paycor.Credential) []any {
	return []any{
		workspace, c.ID, nameKeyOf(c), searchText(c), c.Environment, string(stateOf(c)), stateRank(c), hasProblem(c),
		rotateByKey(c), timestamp(c.VerifiedAt), timestamp(c.LastUsedAt),
	}
}

// insertDocument lets lists and searches find a new credential.
func (t credentialTx) insertDocument(workspace string, c paycor.Credential) error {
	if _, err := t.exec(insertSearchWorkspace, workspace); err != nil {
		return err
	}
	if err := t.insert(insertDocument, documentValues(workspace, c)...); err != nil {
		return err
	}
	return t.putLabels(workspace, c)
}

// updateDocument lets lists and searches find what a credential is now.
func (t credentialTx) updateDocument(workspace string, c paycor.Credential) error {
	if _, err := t.exec(updateDocument, documentValues(workspace, c)...); err != nil {
		return err
	}
	return t.putLabels(workspace, c)
}

// searchLabel is a tag or an owner of a credential.
type searchLabel struct{ kind, label, name string }

// putLabels lets lists be filtered by tags and owner. Unchanged ones cost no write.
func (t credentialTx) putLabels(workspace string, c paycor.Credential) error {
	var labels []searchLabel
	for _, tag := range c.Tags.List() {
		labels = append(labels, searchLabel{"tag", tag, tag})
	}
	if c.Owner != "" {
		labels = append(labels, searchLabel{"owner", paycor.NameKey(c.Owner), c.Owner})
	}
	stored, err := list(t.transaction, func(scan scanFunc) (l searchLabel, err error) {
		return l, scan(&l.kind, &l.label, &l.name)
	}, `SELECT kind, label, name FROM search_labels WHERE workspace = ? AND credential = ?`, workspace, c.ID)
	if err != nil {
		return err
	}
	for _, l := range stored {
		if slices.Contains(labels, l) {
			continue
		}
		if _, err := t.exec(`DELETE FROM search_labels WHERE workspace = ? AND kind = ? AND label = ? AND credential = ?`, workspace, l.kind, l.label, c.ID); err != nil {
			return err
		}
	}
	for _, l := range labels {
		if slices.Contains(stored, l) {
			continue
		}
		if err := t.insert(insertLabel, workspace, c.ID, l.kind, l.label, l.name); err != nil {
			return err
		}
	}
	return nil
}

// renewDocuments makes the search documents of all credentials unless they follow the
// present rules already. Like a migration, it is left to those who may migrate.
func (s *DB) renewDocuments(ctx context.Context, conn *connection) error {
	own, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || s.migration.From > 0 && !s.config.Migrate || s.migration.To < len(own) {
		return err
	}
	t := newTx(ctx, conn, new(keyring), nil)
	var rules int
	err = t.row(`SELECT rules FROM search_rules`, nil, &rules)
	if err != nil && !errors.Is(err, store.ErrNotFound) || rules == searchRules {
		return err
	}
	renewed, err := t.renewDocuments()
	if err != nil {
		return fmt.Errorf("indexing credentials for lists and searches: %w", err)
	}
	if renewed > 0 {
		s.config.Logger.InfoContext(ctx, "credentials indexed for lists and searches", "credentials", renewed)
	}
	_, err = t.exec(`INSERT INTO search_rules (id, rules) VALUES (1, ?1) ON CONFLICT DO UPDATE SET rules = ?1`, searchRules)
	return err
}

func (t credentialTx) renewDocuments() (renewed int, err error) {
	query := `SELECT c.workspace, d.credential IS NOT NULL, ` + credentialColumns + ` FROM credentials c` + withApplication + `
		LEFT JOIN search_documents d ON d.workspace = c.workspace AND d.credential = c.id
		WHERE (c.workspace, c.id) > (?, ?) ORDER BY c.workspace, c.id LIMIT 500`
	type document struct {
		workspace string
		exists    bool
		paycor.Credential
	}
	var last document
	for {
		batch, err := list(t.transaction, func(scan scanFunc) (d document, err error) {
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
