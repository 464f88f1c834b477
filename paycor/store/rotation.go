package store

import (
	"paycorcred/paycor/fields"
	"time"
)

// RotationReader finds what rotations keep.
type RotationReader interface {
	// ExpiredRotations lists credentials of all workspaces whose rotation keeps
	// something longer than it should by then, the oldest first.
	ExpiredRotations(by time.Time, limit int) ([]CredentialKey, error)
}

// RotationWriter destroys what rotations keep.
type RotationWriter interface {
	// DeleteSecrets removes secrets of a credential. One that is not there is no
	// error; one that is in use is.
	DeleteSecrets(workspace, id string, names ...fields.Field) error
}

// CredentialKey names a credential within its workspace.
type CredentialKey struct{ Workspace, Credential string }
