package sqlite

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// credentialTx reads and writes credentials.
type credentialTx struct{ *transaction }

// credentialColumns are the columns for scanCredential. Whether there is a secret
// comes from the secrets table, so it cannot be out of date.
const credentialColumns = `
	id, version, name, description, environment, grant_type, client_id,
	legal_entity_id, legal_entity_name, scope, created_at, updated_at, last_used_at, activated_at, activated_by, rotate_by, rotation, verdict, settled, shared,
	(SELECT saved_at FROM secrets s WHERE s.workspace = c.workspace AND s.credential = c.id AND s.field = 'client_secret'),
	(SELECT saved_at FROM secrets s WHERE s.workspace = c.workspace AND s.credential = c.id AND s.field = 'subscription_key'),
	EXISTS (SELECT 1 FROM secrets s WHERE s.workspace = c.workspace AND s.credential = c.id AND s.field = 'refresh_token')
		AND NOT EXISTS (SELECT 1 FROM holdings h WHERE h.workspace = c.workspace AND h.credential = c.id AND h.ended <> '')`

func scanCredential(scan scanFunc) (paycor.Credential, error) {
	var c paycor.Credential
	var created, updated, used, activated timestamp
	var verdict, settled jsonColumn[verdicts.Verdict]
	var rotation jsonColumn[paycor.Rotation]
	var secretSaved, keySaved optionalTimestamp
	var shared jsonColumn[[]string]
	err := scan(&c.ID, &c.Version, &c.Name, &c.Description, &c.Environment, &c.Grant, &c.ClientID,
		&c.LegalEntityID, &c.LegalEntityName, &c.Scope, &created, &updated, &used, &activated, &c.ActivatedBy, &c.RotateBy, &rotation, &verdict, &settled, &shared,
		&secretSaved, &keySaved, &c.HasRefreshToken)
	c.ActivatedAt = time.Time(activated)
	c.CreatedAt, c.UpdatedAt, c.LastUsedAt = time.Time(created), time.Time(updated), time.Time(used)
	if c.Rotation = rotation.value; c.Rotation != nil {
		c.Rotation.Verdict = withKeys(c.Rotation.Verdict)
	}
	c.Verdict, c.LastConclusive = withKeys(verdict.value), withKeys(settled.value)
	c.Sharing = sharingOf(shared)
	c.State = paycor.StateOf(c.Verdict, c.LastConclusive)
	c.HasClientSecret, c.ClientSecretSavedAt = secretSaved.present, time.Time(secretSaved.timestamp)
	c.HasSubscriptionKey, c.SubscriptionKeySavedAt = keySaved.present, time.Time(keySaved.timestamp)
	return c, err
}

// optionalTimestamp is a timestamp from a row that may be missing.
type optionalTimestamp struct {
	timestamp
	present bool
}

// Scan implements sql.Scanner.
func (o *optionalTimestamp) Scan(column any) error {
	o.present = column != nil
	return o.timestamp.Scan(column)
}

func (t credentialTx) Credential(workspace, id string) (paycor.Credential, error) {
	const query = `SELECT ` + credentialColumns + ` FROM credentials c WHERE workspace = ? AND id = ?`
	return scanCredential(func(destinations ...any) error { return t.row(query, []any{workspace, id}, destinations...) })
}

func (t credentialTx) InsertCredential(workspace string, c paycor.Credential, secrets store.Secrets) error {
	sealed, err := t.seal(workspace, c, secrets)
	if err != nil {
		return err
	}
	const query = `INSERT INTO credentials (
		workspace, id, version, name_key, search, name, description, environment, grant_type, client_id,
		legal_entity_id, legal_entity_name, scope, created_at, updated_at, last_used_at, activated_at, activated_by, rotate_by, rotation, rotation_ends_at, verdict, settled
		) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	err = t.insert(query,
		workspace, c.ID, c.Version, foldCase(c.Name), searchText(c), c.Name, c.Description, c.Environment, string(c.Grant), c.ClientID,
		c.LegalEntityID, c.LegalEntityName, c.Scope, timestamp(c.CreatedAt), timestamp(c.UpdatedAt), timestamp(c.LastUsedAt),
		timestamp(c.ActivatedAt), c.ActivatedBy, string(c.RotateBy), jsonOf(c.Rotation), rotationEnd(c),
		jsonOf(verdictInUTC(c.Verdict)), jsonOf(verdictInUTC(c.LastConclusive)))
	if err != nil {
		return err
	}
	return t.putSecrets(workspace, c.ID, sealed)
}

func (t credentialTx) UpdateCredential(workspace string, c paycor.Credential, version int64, secrets store.Secrets) error {
	sealed, err := t.seal(workspace, c, secrets)
	if err != nil {
		return err
	}
	const query = `UPDATE credentials SET
		version = ?, name_key = ?, search = ?, name = ?, description = ?, environment = ?, grant_type = ?, client_id = ?,
		legal_entity_id = ?, legal_entity_name = ?, scope = ?, created_at = ?, updated_at = ?, last_used_at = max(last_used_at, ?), activated_at = ?, activated_by = ?, rotate_by = ?, rotation = ?, rotation_ends_at = ?, verdict = ?, settled = ?
		WHERE workspace = ? AND id = ? AND version = ?`
	changed, err := t.exec(query,
		c.Version, foldCase(c.Name), searchText(c), c.Name, c.Description, c.Environment, string(c.Grant), c.ClientID,
		c.LegalEntityID, c.LegalEntityName, c.Scope, timestamp(c.CreatedAt), timestamp(c.UpdatedAt), timestamp(c.LastUsedAt),
		timestamp(c.ActivatedAt), c.ActivatedBy, string(c.RotateBy), jsonOf(c.Rotation), rotationEnd(c),
		jsonOf(verdictInUTC(c.Verdict)), jsonOf(verdictInUTC(c.LastConclusive)),
		workspace, c.ID, version)
	if err != nil {
		return err
	}
	if changed == 0 {
		return t.staleOrNotFound(workspace, c.ID)
	}
	return t.putSecrets(workspace, c.ID, sealed)
}

// DeleteCredential deletes secrets and other dependent rows by foreign keys.
func (t credentialTx) DeleteCredential(workspace, id string, version int64) error {
	changed, err := t.exec(`DELETE FROM credentials WHERE workspace = ? AND id = ? AND version = ?`, workspace, id, version)
	if err == nil && changed == 0 {
		return t.staleOrNotFound(workspace, id)
	}
	return err
}

// staleOrNotFound returns why no row had the expected version.
func (t credentialTx) staleOrNotFound(workspace, id string) error {
	if err := t.requireCredential(workspace, id); err != nil {
		return err
	}
	return store.ErrStale
}

// verdictInUTC returns a copy of the verdict with its time in UTC, as it will be
// read back.
func verdictInUTC(verdict *verdicts.Verdict) *verdicts.Verdict {
	if verdict == nil {
		return nil
	}
	same := *verdict
	same.CheckedAt = same.CheckedAt.UTC()
	return &same
}
