package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// The number of a workspace begins at bit 32 of a document's.
const (
	insertSearchWorkspace = `INSERT INTO search_workspaces (workspace) VALUES (?) ON CONFLICT DO NOTHING`

	insertDocument = `INSERT INTO search_documents (document, workspace, credential, name_key, restricted, text, environment, state)
		SELECT number << 32 | (last_document + 1), ?1, ?2, ?3, (SELECT shared IS NOT NULL FROM credentials WHERE workspace = ?1 AND id = ?2), ?4, ?5, ?6
		FROM search_workspaces WHERE workspace = ?1`

	// An unchanged document costs no write.
	updateDocument = `UPDATE search_documents SET name_key = ?3, text = ?4, environment = ?5, state = ?6
		WHERE workspace = ?1 AND credential = ?2 AND (name_key <> ?3 OR text <> ?4 OR environment <> ?5 OR state <> ?6)`
)

// insertDocument lets lists and searches find a new credential.
func (t credentialTx) insertDocument(workspace string, c paycor.Credential) error {
	if _, err := t.exec(insertSearchWorkspace, workspace); err != nil {
		return err
	}
	return t.insert(insertDocument, workspace, c.ID, paycor.NameKey(c.Name), searchText(c), c.Environment, stateOf(c))
}

// updateDocument lets lists and searches find what a credential is now.
func (t credentialTx) updateDocument(workspace string, c paycor.Credential) error {
	_, err := t.exec(updateDocument, workspace, c.ID, paycor.NameKey(c.Name), searchText(c), c.Environment, stateOf(c))
	return err
}

// renewDocuments makes the search documents of all credentials unless they follow the
// present rules already. Like a migration, it is left to those who may migrate.
func (s *DB) renewDocuments(ctx context.Context, conn *connection) error {
	own, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || s.migration.From > 0 && !s.config.Migrate || s.migration.To < len(own) {
		return err
	}
	t := newTx(ctx, conn, nil, nil)
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

// comparePositions sorts by name, then by id.
func comparePositions(a, b listPosition) int {
	return cmp.Or(cmp.Compare(a.nameKey, b.nameKey), cmp.Compare(a.id, b.id))
}
