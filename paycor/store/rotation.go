package store

import (
	"time"

	"paycorcred/paycor"
)

// RotationReader finds rotations whose previous or pending secret is due for
// deletion.
type RotationReader interface {
	// ExpiredRotations lists credentials of all workspaces whose rotation ends
	// at by or earlier, the oldest first.
	ExpiredRotations(by time.Time, limit int) ([]paycor.CredentialKey, error)
}
