//go:build !linux && !darwin

package sqlite

import (
	"errors"

	"paycorcred/paycor/store"
)

// walIndex is not supported on this system.
type walIndex struct{}

func openWALIndex(string) (*walIndex, error) { return nil, errors.New("not supported on this system") }

func (*walIndex) version() store.Version { return store.Version{} }
