package records

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// credentialTx reads and writes credentials.
type credentialTx struct{ *Transaction }

// fieldColumns are the columns of the fields in the table of fields: those of a
// credential itself, or those of its application.
func fieldColumns(ofApplication bool) []paycor.FieldSpec {
	return slices.DeleteFunc(paycor.FieldTable(), func(s paycor.FieldSpec) bool { return s.Column() == "" || s.Application != ofApplication })
}

var credentialFields, applicationFields = fieldColumns(false), fieldColumns(true)

// columnList names columns, each between a prefix and a suffix.
func columnList(prefix string, columns []paycor.FieldSpec, suffix string) string {
	var list strings.Builder
	for _, spec := range columns {
		list.WriteString(prefix + spec.Column() + suffix + ", ")
	}
	return list.String()
}

// fieldValues returns the values of columns in a credential.
func fieldValues(columns []paycor.FieldSpec, c paycor.Credential) []any {
	values := make([]any, len(columns))
	for i, spec := range columns {
		values[i] = spec.ColumnValue(c)
	}
	return values
}

// credentialColumns are the columns for scanCredential, of a credential c and its
// application a. Whether there is a secret comes from the secrets table, so it cannot be
// out of date.
var credentialColumns = columnList("c.", credentialFields, "") + columnList("a.", applicationFields, "") + `
	c.id, c.application, c.version, c.legal_entity_name, c.created_at, c.updated_at, c.last_used_at, c.verified_at,
	a.activated_at, a.activated_by, a.rotation, c.verdict, c.settled, c.shared,
	(SELECT saved_at FROM secrets s WHERE s.workspace = a.workspace AND s.application = a.id AND s.field = 'client_secret'),
	(SELECT saved_at FROM secrets s WHERE s.workspace = a.workspace AND s.application = a.id AND s.field = 'subscription_key'),
	EXISTS (SELECT 1 FROM secrets s WHERE s.workspace = a.workspace AND s.application = a.id AND s.field = 'refresh_token')
		AND NOT EXISTS (SELECT 1 FROM token_states t WHERE t.workspace = a.workspace AND t.application = a.id AND t.refresh_token_error <> '')`

// WithApplication joins the application a of a credential c.
const WithApplication = ` CROSS JOIN applications a ON a.workspace = c.workspace AND a.id = c.application `

func scanCredential(scan Scan) (paycor.Credential, error) {
	var c paycor.Credential
	var created, updated, used, accepted, activated Timestamp
	var verdict, settled JSON[verdicts.Verdict]
	var rotation JSON[paycor.Rotation]
	var secretSaved, keySaved optionalTimestamp
	var shared JSON[[]string]
	var targets []any
	for _, spec := range slices.Concat(credentialFields, applicationFields) {
		targets = append(targets, spec.ColumnTarget(&c))
	}
	err := scan(append(targets,
		&c.ID, &c.ApplicationID, &c.Version, &c.LegalEntityName, Lenient{&created}, Lenient{&updated}, Lenient{&used}, Lenient{&accepted}, Lenient{&activated}, &c.ActivatedBy,
		Lenient{&rotation}, Lenient{&verdict}, Lenient{&settled}, closed{&shared}, Lenient{&secretSaved}, Lenient{&keySaved}, &c.HasRefreshToken)...)
	c.ActivatedAt, c.VerifiedAt = time.Time(activated), time.Time(accepted)
	c.CreatedAt, c.UpdatedAt, c.LastUsedAt = time.Time(created), time.Time(updated), time.Time(used)
	if c.Rotation = rotation.value; c.Rotation != nil {
		c.Rotation.Verdict = withKeys(c.Rotation.Verdict)
	}
	c.Verdict, c.LastConclusive = withKeys(verdict.value), withKeys(settled.value)
	c.Sharing = sharingOf(shared)
	c.State = paycor.StateOf(c.Verdict, c.LastConclusive)
	c.HasClientSecret, c.ClientSecretSavedAt = secretSaved.present, time.Time(secretSaved.Timestamp)
	c.HasSubscriptionKey, c.SubscriptionKeySavedAt = keySaved.present, time.Time(keySaved.Timestamp)
	return c, err
}

// closed reads who may use a credential. A damaged value means nobody.
type closed struct{ keys *JSON[[]string] }

// Scan implements sql.Scanner.
func (s closed) Scan(column any) error {
	if s.keys.Scan(column) != nil {
		s.keys.value = &[]string{}
	}
	return nil
}

// optionalTimestamp is a Timestamp from a row that may be missing.
type optionalTimestamp struct {
	Timestamp
	present bool
}

// Scan implements sql.Scanner.
func (o *optionalTimestamp) Scan(column any) error {
	o.present = column != nil
	return o.Timestamp.Scan(column)
}

var selectCredential = `SELECT ` + credentialColumns + ` FROM credentials c` + WithApplication + `WHERE c.workspace = ? AND c.id = ?`

func (t credentialTx) Credential(workspace, id string) (paycor.Credential, error) {
	return scanCredential(func(destinations ...any) error { return t.Row(selectCredential, []any{workspace, id}, destinations...) })
}

// otherColumns are the columns that are not fields and that every write sets.
const otherColumns = `application, version, legal_entity_name, created_at, updated_at, verified_at, verdict, settled, `

// otherValues returns their values in a credential.
func otherValues(c paycor.Credential) []any {
	return []any{
		c.ApplicationID, c.Version, c.LegalEntityName, Timestamp(c.CreatedAt), Timestamp(c.UpdatedAt), Timestamp(c.VerifiedAt),
		jsonOf(verdictInUTC(c.Verdict)), jsonOf(verdictInUTC(c.LastConclusive)),
	}
}

var (
	insertCredential = `INSERT INTO credentials (` + columnList("", credentialFields, "") + otherColumns + `application_since, last_used_at, workspace, id) VALUES (` +
		strings.Repeat("?, ", len(credentialFields)+strings.Count(otherColumns, ",")) + `?, ?, ?, ?) ON CONFLICT DO NOTHING`

	// A use that was recorded meanwhile is not taken back.
	updateCredential = `UPDATE credentials SET ` + columnList("", credentialFields, " = ?") + strings.ReplaceAll(otherColumns, ",", " = ?,") +
		`last_used_at = max(last_used_at, ?) WHERE workspace = ? AND id = ? AND version = ?`
)

func (t credentialTx) InsertCredential(workspace string, c paycor.Credential, secrets store.Secrets) error {
	if c.ApplicationID == "" {
		return fmt.Errorf("inserting credential %s: it names no application", c.ID)
	}
	sealed, err := t.sealSecrets(workspace, c, secrets)
	if err != nil {
		return err
	}
	values := slices.Concat(fieldValues(credentialFields, c), otherValues(c), []any{Timestamp(c.CreatedAt), Timestamp(c.LastUsedAt), workspace, c.ID})
	if err := t.insert(insertCredential, values...); err != nil {
		return err
	}
	if c, err = t.useApplication(workspace, c, sealed); err != nil {
		return err
	}
	return t.insertDocument(workspace, c)
}

func (t credentialTx) UpdateCredential(workspace string, c paycor.Credential, version int64, secrets store.Secrets) error {
	current, err := t.applicationOf(workspace, c.ID)
	if err != nil {
		return err
	}
	c.ApplicationID = cmp.Or(c.ApplicationID, current)
	sealed, err := t.sealSecrets(workspace, c, secrets)
	if err != nil {
		return err
	}
	before, err := t.watch(workspace, c.ID)
	if err != nil {
		return err
	}
	values := slices.Concat(fieldValues(credentialFields, c), otherValues(c), []any{Timestamp(c.LastUsedAt), workspace, c.ID, version})
	changed, err := t.Exec(updateCredential, values...)
	if err != nil {
		return err
	}
	if changed == 0 {
		return store.ErrStale
	}
	if c.ApplicationID == current {
		err = t.updateApplication(workspace, c, version, sealed)
	} else {
		err = t.Queue(`UPDATE credentials SET application_since = ? WHERE workspace = ? AND id = ?`, Timestamp(c.UpdatedAt), workspace, c.ID)
		if err == nil {
			c, err = t.useApplication(workspace, c, sealed)
		}
	}
	if err != nil {
		return err
	}
	if err := t.updateDocument(workspace, c); err != nil {
		return err
	}
	return t.tellChange(workspace, before, c)
}

// DeleteCredential deletes dependent rows by foreign keys, and an application that no
// other credential uses by a trigger.
func (t credentialTx) DeleteCredential(workspace, id string, version int64) error {
	changed, err := t.Exec(`DELETE FROM credentials WHERE workspace = ? AND id = ? AND version = ?`, workspace, id, version)
	if err == nil && changed == 0 {
		return t.staleOrNotFound(workspace, id)
	}
	if err != nil {
		return err
	}
	return t.forgetEvents(workspace, id)
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
