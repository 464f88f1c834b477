package sqlite

import (
	"fmt"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"time"
)

// ExpiredRotations lists credentials whose rotation is over.
func (t *tx) ExpiredRotations(by time.Time, limit int) ([]store.CredentialKey, error) {
	var ended []store.CredentialKey
	const query = `SELECT workspace, id FROM credentials WHERE rotation_ends_at <> '' AND rotation_ends_at <= ? ORDER BY rotation_ends_at, id LIMIT ?`
	err := t.rows(query, []any{timestamp(by), limit}, func(scan func(...any) error) error {
		var one store.CredentialKey
		err := scan(&one.Workspace, &one.Credential)
		ended = append(ended, one)
		return err
	})
	return ended, err
}

// DeleteSecrets removes secrets that a rotation kept.
func (t *tx) DeleteSecrets(workspace, id string, names ...fields.Field) error {
	for _, field := range names {
		if !isRotationSecret(field) {
			return fmt.Errorf("removing %s of credential %s: no rotation keeps it", field, id)
		}
	}
	for _, field := range names {
		if _, err := t.exec(`DELETE FROM secrets WHERE workspace = ? AND credential = ? AND field = ?`, workspace, id, string(field)); err != nil {
			return err
		}
	}
	return nil
}

// isRotationSecret reports whether the field is a place for what a rotation keeps.
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

// rotationEnd is when the sweep is to destroy what is kept.
func rotationEnd(c paycor.Credential) timestamp {
	if c.Rotation == nil {
		return timestamp{}
	}
	return timestamp(c.Rotation.DiscardAt)
}
