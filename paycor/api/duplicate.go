package api

import (
	"context"
	"paycorcred/paycor"
)

// DuplicateFinder finds credentials that are saved already.
type DuplicateFinder interface {
	// Duplicates finds what of a draft is saved already, among the credentials
	// that the caller may see. It asks Paycor nothing.
	Duplicates(ctx context.Context, request paycor.DuplicateRequest) ([]paycor.Duplicate, error)
}
