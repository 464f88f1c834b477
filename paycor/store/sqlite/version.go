package sqlite

import (
	"context"
	"fmt"
	"paycorcred/paycor/store"
	"sync"
)

// versionSource tells the version of an SQLite database.
//
// SQLite keeps the state of the log in shared memory: the file ending in -shm
// that every process has mapped. Its header changes with each commit of
// whatever process, before the commit returns, so looking at it costs a few
// reads of memory. Where that is not to be had, a connection is asked for
// PRAGMA data_version, which says the same for a thousand times the price.
//
// The log's own file would not do: its size and time may stay the same, and
// they change before the commit does.
type versionSource struct {
	walIndex *walIndex // nil where it cannot be looked at

	mutex sync.Mutex
	conn  *connection // asked instead; opened when it is needed
}

// Version tells one state of the store from another.
func (s *DB) Version(ctx context.Context) (store.Version, error) {
	select {
	case <-s.closed:
		return store.Version{}, errClosed
	default:
	}
	if s.versions.walIndex != nil {
		return s.versions.walIndex.version(), nil
	}
	return s.dataVersion(ctx)
}

// dataVersion asks a connection that does nothing else: the value counts what
// others than the connection itself have committed.
func (s *DB) dataVersion(ctx context.Context) (store.Version, error) {
	v := &s.versions
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.conn == nil {
		session, err := s.connect(ctx)
		if err != nil {
			return store.Version{}, fmt.Errorf("opening a connection to watch the database: %w", err)
		}
		v.conn = session
	}
	var version int64
	err := v.conn.row(ctx, "PRAGMA data_version", nil, &version)
	return store.Version{uint32(version), uint32(version >> 32)}, err
}

// close lets go what is held. The connections of the store are closed after
// it.
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
