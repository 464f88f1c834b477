package store

import (
	"time"

	"paycorcred/paycor"
)

// RotationReader finds rotations whose previous or pending secret is due for
// deletion.
type RotationReader interface {
	// ExpiredRotations lists applications of all workspaces whose rotation ends
	// at by or earlier, the oldest first, each by one of its credentials.
	ExpiredRotations(by time.Time, limit int) ([]paycor.CredentialKey, error)
}
