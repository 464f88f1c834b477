package records

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// secretTx decrypts and deletes secrets.
type secretTx struct{ *Transaction }

func (t secretTx) Secrets(workspace, id string) (store.Secrets, error) {
	application, err := t.applicationOf(workspace, id)
	if err != nil {
		return nil, err
	}
	sealed := map[fields.Field][]byte{}
	const query = `SELECT field, sealed FROM secrets WHERE workspace = ? AND application = ?`
	err = t.Rows(query, []any{workspace, application}, func(scan Scan) error {
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
	unreadable := &store.UnreadableError{Credential: id}
	for field, value := range sealed {
		secret, err := t.Open(t.AAD(workspace, application, field), value)
		if err != nil {
			unreadable.Fields, unreadable.Cause = append(unreadable.Fields, field), err
			continue
		}
		secrets[field] = secret
	}
	if unreadable.Cause != nil {
		slices.Sort(unreadable.Fields)
		return secrets, unreadable
	}
	return secrets, nil
}

func (t secretTx) DeleteSecrets(workspace, id string, names ...fields.Field) error {
	for _, field := range names {
		if !isRotationSecret(field) {
			return fmt.Errorf("deleting %s of credential %s: it is a current secret", field, id)
		}
	}
	application, err := t.applicationOf(workspace, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	for _, field := range names {
		if err := t.deleteSecret(workspace, application, field); err != nil {
			return err
		}
	}
	return nil
}

// isRotationSecret reports whether the field is for the previous or pending
// secret of a rotation.
func isRotationSecret(field fields.Field) bool {
	for _, state := range []paycor.RotationState{paycor.RotationPrevious, paycor.RotationPending} {
		for _, rotated := range paycor.RotatableFields() {
			if state.SecretField(rotated) == field {
				return true
			}
		}
	}
	return false
}

func (t *Transaction) deleteSecret(workspace, application string, field fields.Field) error {
	return t.Queue(`DELETE FROM secrets WHERE workspace = ? AND application = ? AND field = ?`, workspace, application, string(field))
}

// sealedSecret is a secret ready to be stored.
type sealedSecret struct {
	field   fields.Field
	sealed  []byte
	savedAt time.Time
}

// sealSecrets encrypts secrets for a credential's application. Callers do so before they write anything, so that a
// failure leaves nothing half done.
func (t *Transaction) sealSecrets(workspace string, c paycor.Credential, secrets store.Secrets) ([]sealedSecret, error) {
	var all []sealedSecret
	for field, secret := range secrets {
		if secret.IsZero() {
			return nil, fmt.Errorf("sealing %s of credential %s: it is empty; leave it out to keep the stored one", field, c.ID)
		}
		sealed, err := t.Seal(t.AAD(workspace, c.ApplicationID, field), secret)
		if err != nil {
			return nil, err
		}
		all = append(all, sealedSecret{field, sealed, savedAt(c, field)})
	}
	slices.SortFunc(all, func(a, b sealedSecret) int { return strings.Compare(string(a.field), string(b.field)) })
	return all, nil
}

// savedAt returns when the credential's secret was saved.
func savedAt(c paycor.Credential, field fields.Field) time.Time {
	switch field {
	case fields.ClientSecret:
		return c.ClientSecretSavedAt
	case fields.SubscriptionKey:
		return c.SubscriptionKeySavedAt
	}
	return c.UpdatedAt
}

// putSecrets stores secrets of an application with one statement.
func (t *Transaction) putSecrets(workspace, application string, secrets []sealedSecret) error {
	if len(secrets) == 0 {
		return nil
	}
	const row = `(?1, ?2, ?, ?, ?)`
	query := `INSERT INTO secrets (workspace, application, field, sealed, saved_at) VALUES ` +
		row + strings.Repeat(`, `+row, len(secrets)-1) +
		` ON CONFLICT (workspace, application, field) DO UPDATE SET sealed = excluded.sealed, saved_at = excluded.saved_at`
	arguments := []any{workspace, application}
	for _, secret := range secrets {
		arguments = append(arguments, string(secret.field), secret.sealed, Timestamp(secret.savedAt))
	}
	return t.Queue(query, arguments...)
}
