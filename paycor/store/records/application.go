package records

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// applicationTx reads applications. They are written with their credentials.
type applicationTx struct{ *Transaction }

// Each verification reads it. Without INDEXED BY, SQLite would read the whole workspace in
// order of id.
const applicationCredentials = `SELECT id, legal_entity_id FROM credentials INDEXED BY credentials_of_application
	WHERE workspace = ? AND application = ? ORDER BY id`

func (t applicationTx) ApplicationCredentials(workspace, application string) ([]store.ApplicationCredential, error) {
	found, err := List(t.Transaction, func(scan Scan) (c store.ApplicationCredential, err error) {
		return c, scan(&c.ID, &c.LegalEntityID)
	}, applicationCredentials, workspace, application)
	if err == nil && len(found) == 0 {
		err = store.ErrNotFound
	}
	return found, err
}

func (t applicationTx) ApplicationsOf(workspace, environment, clientID string) ([]string, error) {
	const query = `SELECT id FROM applications WHERE workspace = ? AND client_id = ? AND environment = ? ORDER BY id LIMIT ?`
	return List(t.Transaction, func(scan Scan) (id string, err error) { return id, scan(&id) },
		query, workspace, clientID, environment, maxApplications)
}

// visibleMember is which credentials c of an application a viewer sees; see isVisible.
const visibleMember = `(?6 IS NULL OR c.id IN (SELECT value FROM json_each(?6)))
		AND (?5 IS NULL OR c.shared IS NULL OR EXISTS (SELECT 1 FROM json_each(?5) key
			JOIN credential_shares s ON s.workspace = ?1 AND s.viewer = key.value AND s.credential = c.id))`

// One of the viewer's credentials is enough.
const listApplications = `SELECT a.id FROM applications a WHERE a.workspace = ?1 AND a.id > ?2
	AND (?3 = '' OR a.environment = ?3) AND (?4 = '' OR a.client_id = ?4)
	AND EXISTS (SELECT 1 FROM credentials c WHERE c.workspace = ?1 AND c.application = a.id AND ` + visibleMember + `)
	ORDER BY a.id LIMIT ?7`

func (t applicationTx) Applications(workspace string, filter store.ApplicationFilter) ([]string, error) {
	return List(t.Transaction, func(scan Scan) (id string, err error) { return id, scan(&id) }, listApplications,
		workspace, filter.After, filter.Environment, filter.ClientID, viewerArgument(filter.Viewer), jsonList(filter.Only), filter.Limit)
}

// maxApplications is how many applications with the same Client ID are returned. There is
// one for each version of its secrets, so more are a mistake.
const maxApplications = 50

const applicationColumns = `activated_at, activated_by, rotation, rotation_ends_at`

func applicationValues(c paycor.Credential) []any {
	return append(fieldValues(applicationFields, c), Timestamp(c.ActivatedAt), c.ActivatedBy, jsonOf(c.Rotation), rotationEnd(c))
}

var (
	insertApplication = `INSERT INTO applications (` + columnList("", applicationFields, "") + applicationColumns + `, workspace, id) VALUES (` +
		strings.Repeat("?, ", len(applicationFields)+4) + `?, ?)`

	// An unchanged application costs no write.
	updateApplication = `UPDATE applications SET (` + columnList("", applicationFields, "") + applicationColumns + `) = (` + applicationMarks + `)
		WHERE workspace = ? AND id = ? AND (` + columnList("", applicationFields, "") + applicationColumns + `) IS DISTINCT FROM (` + applicationMarks + `)`

	applicationMarks = strings.Repeat("?, ", len(applicationFields)+3) + `?`

	selectApplication = `SELECT ` + strings.TrimSuffix(columnList("", applicationFields, ""), ", ") + ` FROM applications WHERE workspace = ? AND id = ?`

	rotateSiblings = `UPDATE search_documents SET rotate_by = ?3 WHERE workspace = ?1 AND rotate_by <> ?3
		AND credential IN (SELECT id FROM credentials INDEXED BY credentials_of_application WHERE workspace = ?1 AND application = ?2)`

	bumpSiblings = `UPDATE credentials SET version = version + 1, updated_at = ? WHERE workspace = ? AND application = ? AND id <> ?`
)

// useApplication returns a credential with the values of the application that it names,
// which is inserted if there is none.
func (t *Transaction) useApplication(workspace string, c paycor.Credential, secrets []sealedSecret) (paycor.Credential, error) {
	targets := make([]any, len(applicationFields))
	stored := c
	for i, spec := range applicationFields {
		targets[i] = spec.ColumnTarget(&stored)
	}
	err := t.Row(selectApplication, []any{workspace, c.ApplicationID}, targets...)
	switch {
	case errors.Is(err, store.ErrNotFound):
		if err := t.Queue(insertApplication, slices.Concat(applicationValues(c), []any{workspace, c.ApplicationID})...); err != nil {
			return c, err
		}
		return c, t.putSecrets(workspace, c.ApplicationID, secrets)
	case err == nil && len(secrets) > 0:
		err = fmt.Errorf("storing credential %s: application %s has secrets already", c.ID, c.ApplicationID)
	}
	return stored, err
}

// updateApplication stores what a credential says about its application. If that changed
// with the credential's version, the versions of its other credentials change, too.
func (t *Transaction) updateApplication(workspace string, c paycor.Credential, version int64, secrets []sealedSecret) error {
	values := applicationValues(c)
	changed, err := t.Exec(updateApplication, slices.Concat(values, []any{workspace, c.ApplicationID}, values)...)
	if err != nil {
		return err
	}
	if changed > 0 {
		if err := t.Queue(rotateSiblings, workspace, c.ApplicationID, rotateByKey(c)); err != nil {
			return err
		}
	}
	if err := t.putSecrets(workspace, c.ApplicationID, secrets); err != nil {
		return err
	}
	if c.Version == version || changed == 0 && len(secrets) == 0 {
		return nil
	}
	return t.Queue(bumpSiblings, Timestamp(c.UpdatedAt), workspace, c.ApplicationID, c.ID)
}
