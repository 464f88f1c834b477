package api

import (
	"context"
	"paycorcred/paycor"
)

// Rotator replaces the secrets of a credential without a gap: new ones are
// tested beside the old, promoted only when Paycor takes them, and the old
// stay for a while, with a way back.
type Rotator interface {
	// Rotate tests new secrets beside the saved ones. Where Paycor takes them
	// they become the credential's and the ones before are kept for a time;
	// where it does not, nothing changes and the verdict says why. A request
	// without secrets tests those again that are kept as pending; KindConflict
	// where there are none, where those of a rotation before are kept still, or
	// where another secret is pending for which the request brings none. A new
	// value takes the place of a pending one of the same field.
	Rotate(ctx context.Context, id string, request paycor.RotateRequest, progress paycor.Progress) (paycor.Rotated, error)

	// RotateBack tests the kept secrets beside those in use. Where Paycor takes
	// them they become the credential's again, and the newer ones stay as pending;
	// where it does not, nothing changes and the verdict says why. anyway makes
	// them the credential's whatever Paycor says, and asks it then.
	RotateBack(ctx context.Context, id string, anyway bool, progress paycor.Progress) (paycor.Rotated, error)

	// EndRotation destroys what a rotation keeps besides the secrets in use.
	// Where it keeps nothing, nothing is done.
	EndRotation(ctx context.Context, id string) (paycor.Credential, error)
}
