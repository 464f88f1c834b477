package postgres

import (
	"context"

	"paycorcred/paycor/store"
)

// selectChange reads the number of the last update.
const selectChange = `SELECT change FROM store_state WHERE id = 1`

// Version identifies the current state of the database: by the number of the last update
// of any process.
func (s *DB) Version(ctx context.Context) (store.Version, error) {
	var change int64
	err := s.read(ctx, s.versions, selectChange, &change)
	return store.Version{uint32(change), uint32(change >> 32)}, err
}
