package sqlite

import (
	"context"
	"fmt"
	"sync"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/groupcommit"
)

// versionSource reads the version of a database.
//
// SQLite keeps the state of its write-ahead log in shared memory: the file ending in
// -shm, which every process maps. Each commit by any process changes its header
// before it returns, so reading the version costs a few memory reads. Where that is
// not available, PRAGMA data_version gives the same answer at a thousand times the
// cost.
//
// The size and time of the log file are no substitute: they may stay the same, and
// they change before a commit is valid.
type versionSource struct {
	walIndex *walIndex // nil if it cannot be read

	mutex sync.Mutex
	conn  *connection // used instead of walIndex; opened on first use
}

// Version identifies the current state of the database.
func (s *DB) Version(ctx context.Context) (store.Version, error) {
	select {
	case <-s.closed:
		return store.Version{}, groupcommit.ErrClosed
	default:
	}
	if s.versions.walIndex != nil {
		return s.versions.walIndex.version(), nil
	}
	return s.dataVersion(ctx)
}

// dataVersion uses a separate connection, because the value counts commits by
// other connections only.
func (s *DB) dataVersion(ctx context.Context) (store.Version, error) {
	v := &s.versions
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.conn == nil {
		session, err := s.connect(ctx)
		if err != nil {
			return store.Version{}, fmt.Errorf("opening a connection for the database version: %w", err)
		}
		v.conn = session
	}
	var version int64
	err := v.conn.Row(ctx, "PRAGMA data_version", nil, &version)
	return store.Version{uint32(version), uint32(version >> 32)}, err
}

// close closes the connection, if there is one.
func (v *versionSource) close() error {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.conn == nil {
		return nil
	}
	err := v.conn.close()
	v.conn = nil
	return err
}
