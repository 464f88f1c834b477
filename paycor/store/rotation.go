package store

import (
	"paycorcred/paycor/fields"
	"time"
)

// RotationReader finds what rotations keep.
type RotationReader interface {
	// EndedRotations lists credentials of all workspaces whose rotation keeps
	// something longer than it should by then, the oldest first.
	EndedRotations(by time.Time, limit int) ([]Owned, error)
}

// RotationWriter destroys what rotations keep.
type RotationWriter interface {
	// DropSecrets removes secrets of a credential. One that is not there is no
	// error; one that is in use is.
	DropSecrets(workspace, id string, names ...fields.Field) error
}

// Owned names a credential within its workspace.
type Owned struct{ Workspace, Credential string }
