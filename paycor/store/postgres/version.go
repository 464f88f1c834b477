package postgres

import (
	"context"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/groupcommit"
)

// selectChange reads the number of the last update.
const selectChange = `SELECT change FROM store_state WHERE id = 1`

// selectRevision reads the number of the last update of what processes keep in memory.
const selectRevision = `SELECT revision FROM store_state WHERE id = 1`

// Version identifies the current state of what processes keep in memory: by the number of
// the last update of that, of any process. A replica with a lease knows it; any other
// process asks the database.
func (s *DB) Version(ctx context.Context) (store.Version, error) {
	if s.closed.Load() {
		return store.Version{}, groupcommit.ErrClosed
	}
	if s.replica != nil {
		if revision, holds := s.replica.revision(); holds {
			return versionOf(revision), nil
		}
	}
	var revision int64
	err := s.read(ctx, s.versions, selectRevision, &revision)
	return versionOf(revision), err
}

func versionOf(revision int64) store.Version {
	return store.Version{uint32(revision), uint32(revision >> 32)}
}
