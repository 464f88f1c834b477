package api

import (
	"context"

	"paycorcred/paycor"
)

// DuplicateFinder finds saved credentials with the same values.
type DuplicateFinder interface {
	// Duplicates finds saved credentials, among those the caller may see, that share
	// values with the draft. It does not call Paycor.
	Duplicates(ctx context.Context, request paycor.DuplicateRequest) ([]paycor.Duplicate, error)
}
