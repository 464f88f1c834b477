package api

import (
	"context"

	"paycorcred/paycor"
)

// Rotator replaces the secrets of a credential without an interruption: new
// secrets are tested while the old ones stay in use, promoted only if Paycor
// accepts them, and the previous ones are kept for a while for a rollback.
type Rotator interface {
	// Rotate tests new secrets while the saved ones stay in use. If Paycor
	// accepts them they are promoted and the previous ones kept for a time;
	// otherwise nothing changes and the verdict says why. A request without
	// secrets tests the pending ones again. It fails with KindConflict if there
	// are none, if a previous rotation still keeps secrets, or if another
	// secret is pending that the request does not contain. A new value replaces
	// a pending one of the same field.
	Rotate(ctx context.Context, id string, request paycor.RotateRequest, progress paycor.Progress) (paycor.Rotated, error)

	// RotateBack tests the kept secrets while the current ones stay in use. If
	// Paycor accepts them they are used again and the newer ones become
	// pending; otherwise nothing changes and the verdict says why. anyway uses
	// them regardless of Paycor's verdict, and verifies afterwards.
	RotateBack(ctx context.Context, id string, anyway bool, progress paycor.Progress) (paycor.Rotated, error)

	// EndRotation discards the secrets that a rotation keeps. It does nothing if there
	// are none.
	EndRotation(ctx context.Context, id string) (paycor.Credential, error)
}
