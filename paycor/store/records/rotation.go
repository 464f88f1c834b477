package records

import (
	"time"

	"paycorcred/paycor"
)

// rotationTx finds rotations that have ended.
type rotationTx struct{ *Transaction }

func (t rotationTx) ExpiredRotations(by time.Time, limit int) ([]paycor.CredentialKey, error) {
	const query = `SELECT a.workspace, (SELECT min(c.id) FROM credentials c WHERE c.workspace = a.workspace AND c.application = a.id)
		FROM applications a WHERE a.rotation_ends_at <> '' AND a.rotation_ends_at <= ? ORDER BY a.rotation_ends_at, a.id LIMIT ?`
	return List(t.Transaction, scanCredentialKey, query, Timestamp(by), limit)
}

func scanCredentialKey(scan Scan) (paycor.CredentialKey, error) {
	var key paycor.CredentialKey
	err := scan(&key.Workspace, &key.Credential)
	return key, err
}

// rotationEnd returns when the previous or pending secret is due for deletion.
func rotationEnd(c paycor.Credential) Timestamp {
	if c.Rotation == nil {
		return Timestamp{}
	}
	return Timestamp(c.Rotation.DiscardAt)
}
