package sqlite

import (
	"fmt"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
	"slices"
	"strings"
	"time"
)

// credentialColumns are what scanCredential reads. Whether there is a secret
// is told by the secrets themselves and never by a copy.
const credentialColumns = `
	id, version, name, description, environment, grant_type, client_id,
	legal_entity_id, legal_entity_name, scope, created_at, updated_at, last_used_at, activated_at, activated_by, rotate_by, rotation, verdict, settled, shared,
	(SELECT saved_at FROM secrets s WHERE s.workspace = c.workspace AND s.credential = c.id AND s.field = 'client_secret'),
	(SELECT saved_at FROM secrets s WHERE s.workspace = c.workspace AND s.credential = c.id AND s.field = 'subscription_key'),
	EXISTS (SELECT 1 FROM secrets s WHERE s.workspace = c.workspace AND s.credential = c.id AND s.field = 'refresh_token')
		AND NOT EXISTS (SELECT 1 FROM holdings h WHERE h.workspace = c.workspace AND h.credential = c.id AND h.ended <> '')`

func scanCredential(scan func(...any) error) (paycor.Credential, error) {
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
	c.Rotation = rotation.value
	c.Verdict, c.LastConclusive = verdict.value, settled.value
	c.Sharing = sharingOf(shared)
	c.State = paycor.StateOf(c.Verdict, c.LastConclusive)
	c.HasClientSecret, c.ClientSecretSavedAt = secretSaved.present, time.Time(secretSaved.timestamp)
	c.HasSubscriptionKey, c.SubscriptionKeySavedAt = keySaved.present, time.Time(keySaved.timestamp)
	return c, err
}

// optionalTimestamp is a stamp of a row that may be missing.
type optionalTimestamp struct {
	timestamp
	present bool
}

// Scan is the driver's way to read an optionalStamp.
func (o *optionalTimestamp) Scan(column any) error {
	o.present = column != nil
	return o.timestamp.Scan(column)
}

// Credential returns one, without opening its secrets.
func (t *tx) Credential(workspace, id string) (paycor.Credential, error) {
	const query = `SELECT ` + credentialColumns + ` FROM credentials c WHERE workspace = ? AND id = ?`
	return scanCredential(func(destinations ...any) error {
		return t.row(query, []any{workspace, id}, destinations...)
	})
}

// Secrets opens the secrets of one credential.
func (t *tx) Secrets(workspace, id string) (store.Secrets, error) {
	var one int
	if err := t.row(`SELECT 1 FROM credentials WHERE workspace = ? AND id = ?`, []any{workspace, id}, &one); err != nil {
		return nil, err
	}
	sealed := map[fields.Field][]byte{}
	const query = `SELECT field, sealed FROM secrets WHERE workspace = ? AND credential = ?`
	err := t.rows(query, []any{workspace, id}, func(scan func(...any) error) error {
		var field fields.Field
		var value []byte
		err := scan(&field, &value)
		sealed[field] = value
		return err
	})
	if err != nil {
		return nil, err
	}
	secrets := store.Secrets{}
	for field, value := range sealed {
		if secrets[field], err = t.sealer.Open(t.aad(workspace, id, field), value); err != nil {
			return nil, fmt.Errorf("credential %s: %w", id, err)
		}
	}
	return secrets, nil
}

// InsertCredential stores a new credential and seals its secrets.
func (t *tx) InsertCredential(workspace string, c paycor.Credential, secrets store.Secrets) error {
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

// UpdateCredential stores a changed credential whose version in the store is
// still version.
func (t *tx) UpdateCredential(workspace string, c paycor.Credential, version int64, secrets store.Secrets) error {
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
		return t.staleOrMissing(workspace, c.ID)
	}
	return t.putSecrets(workspace, c.ID, sealed)
}

// DeleteCredential removes a credential and, by the foreign key, its secrets.
func (t *tx) DeleteCredential(workspace, id string, version int64) error {
	changed, err := t.exec(`DELETE FROM credentials WHERE workspace = ? AND id = ? AND version = ?`, workspace, id, version)
	if err == nil && changed == 0 {
		return t.staleOrMissing(workspace, id)
	}
	return err
}

// staleOrMissing tells why no row had the version that was expected.
func (t *tx) staleOrMissing(workspace, id string) error {
	if _, err := t.Credential(workspace, id); err != nil {
		return err
	}
	return store.ErrStale
}

// sealedSecret is a secret ready to be stored.
type sealedSecret struct {
	field   fields.Field
	sealed  []byte
	savedAt time.Time
}

// seal seals secrets before anything is written, so that a failure leaves
// nothing half done.
func (t *tx) seal(workspace string, c paycor.Credential, secrets store.Secrets) ([]sealedSecret, error) {
	var all []sealedSecret
	for field, secret := range secrets {
		if secret.IsZero() {
			return nil, fmt.Errorf("sealing %s of credential %s: it is empty; leave it out to keep what is stored", field, c.ID)
		}
		sealed, err := t.sealer.Seal(t.aad(workspace, c.ID, field), secret)
		if err != nil {
			return nil, err
		}
		all = append(all, sealedSecret{field, sealed, savedAt(c, field)})
	}
	slices.SortFunc(all, func(a, b sealedSecret) int { return compareFields(a.field, b.field) })
	return all, nil
}

// savedAt tells when the credential says that a secret was saved.
func savedAt(c paycor.Credential, field fields.Field) time.Time {
	switch field {
	case fields.ClientSecret:
		return c.ClientSecretSavedAt
	case fields.SubscriptionKey:
		return c.SubscriptionKeySavedAt
	}
	return c.UpdatedAt
}

// putSecrets stores all secrets with one statement.
func (t *tx) putSecrets(workspace, id string, secrets []sealedSecret) error {
	if len(secrets) == 0 {
		return nil
	}
	const one = `(?1, ?2, ?, ?, ?)`
	query := `INSERT INTO secrets (workspace, credential, field, sealed, saved_at) VALUES ` +
		one + strings.Repeat(`, `+one, len(secrets)-1) +
		` ON CONFLICT DO UPDATE SET sealed = excluded.sealed, saved_at = excluded.saved_at`
	arguments := []any{workspace, id}
	for _, secret := range secrets {
		arguments = append(arguments, string(secret.field), secret.sealed, timestamp(secret.savedAt))
	}
	_, err := t.exec(query, arguments...)
	return err
}

// verdictInUTC returns the verdict with its time as the store gives it back.
func verdictInUTC(verdict *verdicts.Verdict) *verdicts.Verdict {
	if verdict == nil {
		return nil
	}
	same := *verdict
	same.CheckedAt = same.CheckedAt.UTC()
	return &same
}
