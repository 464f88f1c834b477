package sqlite

import (
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// credentialTx reads and writes credentials.
type credentialTx struct{ *transaction }

// fieldColumns are the columns of a credential's fields, from the table of fields.
var fieldColumns = func() []paycor.FieldSpec {
	return slices.DeleteFunc(paycor.FieldTable(), func(s paycor.FieldSpec) bool { return s.Column() == "" })
}()

// fieldColumnList names them, each with a suffix.
func fieldColumnList(suffix string) string {
	var list strings.Builder
	for _, spec := range fieldColumns {
		list.WriteString(spec.Column() + suffix + ", ")
	}
	return list.String()
}

// fieldValues returns their values in a credential.
func fieldValues(c paycor.Credential) []any {
	values := make([]any, len(fieldColumns))
	for i, spec := range fieldColumns {
		values[i] = spec.ColumnValue(c)
	}
	return values
}

// credentialColumns are the columns for scanCredential. Whether there is a secret
// comes from the secrets table, so it cannot be out of date.
var credentialColumns = fieldColumnList("") + `
	id, version, legal_entity_name, created_at, updated_at, last_used_at, verified_at, activated_at, activated_by, rotation, verdict, settled, shared,
	(SELECT saved_at FROM secrets s WHERE s.workspace = c.workspace AND s.credential = c.id AND s.field = 'client_secret'),
	(SELECT saved_at FROM secrets s WHERE s.workspace = c.workspace AND s.credential = c.id AND s.field = 'subscription_key'),
	EXISTS (SELECT 1 FROM secrets s WHERE s.workspace = c.workspace AND s.credential = c.id AND s.field = 'refresh_token')
		AND NOT EXISTS (SELECT 1 FROM holdings h WHERE h.workspace = c.workspace AND h.credential = c.id AND h.ended <> '')`

func scanCredential(scan scanFunc) (paycor.Credential, error) {
	var c paycor.Credential
	var created, updated, used, accepted, activated timestamp
	var verdict, settled jsonColumn[verdicts.Verdict]
	var rotation jsonColumn[paycor.Rotation]
	var secretSaved, keySaved optionalTimestamp
	var shared jsonColumn[[]string]
	var targets []any
	for _, spec := range fieldColumns {
		targets = append(targets, spec.ColumnTarget(&c))
	}
	err := scan(append(targets,
		&c.ID, &c.Version, &c.LegalEntityName, lenient{&created}, lenient{&updated}, lenient{&used}, lenient{&accepted}, lenient{&activated}, &c.ActivatedBy,
		lenient{&rotation}, lenient{&verdict}, lenient{&settled}, closed{&shared}, lenient{&secretSaved}, lenient{&keySaved}, &c.HasRefreshToken)...)
	c.ActivatedAt, c.VerifiedAt = time.Time(activated), time.Time(accepted)
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

// closed reads who may use a credential. A damaged value means nobody.
type closed struct{ keys *jsonColumn[[]string] }

// Scan implements sql.Scanner.
func (s closed) Scan(column any) error {
	if s.keys.Scan(column) != nil {
		s.keys.value = &[]string{}
	}
	return nil
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

var selectCredential = `SELECT ` + credentialColumns + ` FROM credentials c WHERE workspace = ? AND id = ?`

func (t credentialTx) Credential(workspace, id string) (paycor.Credential, error) {
	return scanCredential(func(destinations ...any) error { return t.row(selectCredential, []any{workspace, id}, destinations...) })
}

// otherColumns are the columns that are not fields and that every write sets.
const otherColumns = `version, legal_entity_name, created_at, updated_at, verified_at, activated_at, activated_by,
	rotation, rotation_ends_at, verdict, settled, `

// otherValues returns their values in a credential.
func otherValues(c paycor.Credential) []any {
	return []any{
		c.Version, c.LegalEntityName, timestamp(c.CreatedAt), timestamp(c.UpdatedAt),
		timestamp(c.VerifiedAt), timestamp(c.ActivatedAt), c.ActivatedBy, jsonOf(c.Rotation), rotationEnd(c),
		jsonOf(verdictInUTC(c.Verdict)), jsonOf(verdictInUTC(c.LastConclusive)),
	}
}

var (
	insertCredential = `INSERT INTO credentials (` + fieldColumnList("") + otherColumns + `last_used_at, workspace, id) VALUES (` +
		strings.Repeat("?, ", len(fieldColumns)+strings.Count(otherColumns, ",")) + `?, ?, ?) ON CONFLICT DO NOTHING`

	// A use that was recorded meanwhile is not taken back.
	updateCredential = `UPDATE credentials SET ` + fieldColumnList(" = ?") + strings.ReplaceAll(otherColumns, ",", " = ?,") +
		`last_used_at = max(last_used_at, ?) WHERE workspace = ? AND id = ? AND version = ?`
)

func (t credentialTx) InsertCredential(workspace string, c paycor.Credential, secrets store.Secrets) error {
	sealed, err := t.seal(workspace, c, secrets)
	if err != nil {
		return err
	}
	values := slices.Concat(fieldValues(c), otherValues(c), []any{timestamp(c.LastUsedAt), workspace, c.ID})
	err = t.insert(insertCredential, values...)
	if err != nil {
		return err
	}
	if err := t.insertDocument(workspace, c); err != nil {
		return err
	}
	return t.putSecrets(workspace, c.ID, sealed)
}

func (t credentialTx) UpdateCredential(workspace string, c paycor.Credential, version int64, secrets store.Secrets) error {
	sealed, err := t.seal(workspace, c, secrets)
	if err != nil {
		return err
	}
	values := slices.Concat(fieldValues(c), otherValues(c), []any{timestamp(c.LastUsedAt), workspace, c.ID, version})
	changed, err := t.exec(updateCredential, values...)
	if err != nil {
		return err
	}
	if changed == 0 {
		return t.staleOrNotFound(workspace, c.ID)
	}
	if err := t.updateDocument(workspace, c); err != nil {
		return err
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
