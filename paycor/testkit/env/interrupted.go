package env

import (
	"context"
	"errors"

	"paycorcred/paycor/store"
)

// ErrKilled is the error of an Interrupted store.
var ErrKilled = errors.New("killed")

// Interrupted is a store whose updates fail after some, as when the process is killed
// between two of them.
type Interrupted struct {
	store.Store
	After int // updates that succeed
}

// Update implements store.Store.
func (s *Interrupted) Update(ctx context.Context, write func(store.Tx) error) error {
	if s.After--; s.After < 0 {
		return ErrKilled
	}
	return s.Store.Update(ctx, write)
}
