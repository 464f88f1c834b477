package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"

	"paycorcred/paycor/store/records"
)

// damagedError means that a part of the file is damaged. It is records.ErrDamaged.
type damagedError struct{ error }

// Unwrap returns the error that names the file.
func (e damagedError) Unwrap() error { return e.error }

// Is reports whether the error is records.ErrDamaged.
func (damagedError) Is(target error) bool { return target == records.ErrDamaged }

// columnError returns an error of Scan as records.ErrDamaged, unless it is the engine's or
// the caller's.
func columnError(err error) error {
	if err == nil || errors.As(err, new(*sqlite.Error)) || errors.Is(err, sql.ErrNoRows) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", records.ErrDamaged, err)
}
