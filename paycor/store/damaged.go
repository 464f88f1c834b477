package store

import "fmt"

// DamagedError means that a part of the database is damaged. What can be read is returned
// with it.
type DamagedError struct {
	Lost  int // records that cannot be read
	Cause error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%d records are in a damaged part of the database: %v", e.Lost, e.Cause)
}

// Unwrap returns the engine's error.
func (e *DamagedError) Unwrap() error { return e.Cause }
