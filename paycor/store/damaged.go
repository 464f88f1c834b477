package store

import (
	"errors"
	"fmt"
)

// DamagedError means that a part of the database is damaged. What can be read is returned
// with it.
type DamagedError struct {
	Lost  int // records that cannot be read; 0 if nothing tells how many
	Cause error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%d records are in a damaged part of the database: %v", e.Lost, e.Cause)
}

// Collect adds the records that another error says are damaged, or returns that error.
func (e *DamagedError) Collect(err error) error {
	damaged, is := errors.AsType[*DamagedError](err)
	if !is {
		return err
	}
	e.Lost, e.Cause = e.Lost+damaged.Lost, damaged.Cause
	return nil
}

// Lost returns how many records cannot be read if an error is a *DamagedError, so that what
// can be read is used, or else the error.
func Lost(err error) (int, error) {
	if damaged, is := errors.AsType[*DamagedError](err); is {
		return damaged.Lost, nil
	}
	return 0, err
}

// Unwrap returns the engine's error.
func (e *DamagedError) Unwrap() error { return e.Cause }
