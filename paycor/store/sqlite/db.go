package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	_ "modernc.org/sqlite" // SQLite in Go, as driver "sqlite"

	"paycorcred/paycor/message"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/groupcommit"
	"paycorcred/paycor/store/records"
)

// DB is a store.Store in one SQLite file. Several processes on one machine may
// have it open.
type DB struct {
	config     Config
	db         *sql.DB
	keys       *records.Keyring
	macs       *records.MACs
	writer     *groupcommit.Writer
	connection writerConnection // of writer
	full       atomic.Bool      // the last write found the disk full

	migration store.Migration // what Open did

	readers  readers     // for views
	lists    readers     // for lists
	turns    quota.Lists // of lists
	closed   chan struct{}
	versions versionSource
}

var _ store.Database = (*DB)(nil)

// Open opens a store. If there is none, it creates directory, database and key
// file. It rejects a database with another schema, but see Config.Migrate. Errors
// name the file and say what to do.
func Open(ctx context.Context, config Config) (*DB, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	// Check before prepareFiles creates an empty database. On a first start the
	// key file gets its name last.
	if config.KEK == nil && config.Source == nil && fileExists(config.KeyFile) {
		if !fileExists(config.Path) {
			return nil, message.Errorf("store.database-missing", config.KeyFile, config.Path)
		}
		if isEmptyFile(config.Path) {
			return nil, errKeyWithoutData(config)
		}
	}
	if !fileExists(config.Path) || isEmptyFile(config.Path) {
		if err := checkFirstStart(config); err != nil {
			return nil, err
		}
	}
	if err := prepareFiles(config.Path, config.Logger); err != nil {
		return nil, err
	}
	if config.KEK == nil {
		if err := restrict(config.KeyFile, config.Logger); err != nil {
			return nil, err
		}
	}
	db, err := sql.Open("sqlite", dataSource(config.Path))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", config.Path, err)
	}
	s := &DB{
		config: config, db: db, readers: newReaders(config.Readers), lists: newReaders(config.ListReaders), closed: make(chan struct{}),
		turns: quota.NewLists(config.ListReaders),
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// open opens the connection that writes, and initializes database and keys on it.
func (s *DB) open(ctx context.Context) (err error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, conn.close())
		}
	}()
	if err := conn.set(ctx, "busy_timeout = 2"); err != nil { // milliseconds: this connection waits in retryWhileBusy
		return err
	}
	if err := s.enableWAL(ctx, conn); err != nil {
		return err
	}
	if err := s.initialize(ctx, conn); err != nil {
		return err
	}
	if err := s.keySource().Publish(ctx); err != nil {
		return err
	}
	s.connection = writerConnection{s, conn}
	s.writer = groupcommit.NewWriter(s.connection)
	if s.versions.walIndex, err = openWALIndex(s.config.Path); err != nil {
		s.config.Logger.WarnContext(ctx, "reading the database version with a query instead of from memory", "error", err)
	}
	return nil
}

// connect opens a connection.
func (s *DB) connect(ctx context.Context) (*connection, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, s.explain(err)
	}
	return &connection{conn: conn, statements: map[string]*sql.Stmt{}, explain: s.explain}, nil
}

// Update runs write in one transaction. write must neither call Update nor wait
// for another Update, because updates run one after another.
func (s *DB) Update(ctx context.Context, write func(store.Tx) error) error {
	err := s.writer.Do(ctx, write)
	s.full.Store(errors.Is(err, store.ErrFull) || err != nil && s.full.Load())
	return err
}

// records returns what the transactions of the database share.
func (s *DB) records() records.Config {
	return records.Config{Dialect: dialect, Keys: s.keys, MACs: s.macs}
}

// newTx returns the records in a transaction of the connection that writes.
func (s *DB) newTx(ctx context.Context, conn *connection) *records.Tx {
	return records.NewTx(ctx, conn, s.records())
}

// AlteredRecords lists the records that something other than this program wrote. A
// *store.DamagedError comes with those that can be read.
func (s *DB) AlteredRecords(ctx context.Context) ([]*store.AlteredError, error) {
	reader, err := s.acquireReader(ctx, s.readers)
	if err != nil {
		return nil, err
	}
	defer func() { s.readers <- reader }()
	return s.macs.AlteredRecords(ctx, reader)
}

// Fingerprint returns a keyed digest of data for one purpose.
func (s *DB) Fingerprint(purpose string, data []byte) []byte {
	return s.keys.Sealer().Fingerprint(purpose, data)
}

// Ping reports whether the store can serve requests. It takes up keys that another process
// rotated, so that the next write need not, and fails where that is not possible.
func (s *DB) Ping(ctx context.Context) error {
	if err := s.CheckSchema(ctx); err != nil {
		return err
	}
	keysets, err := s.keysets(ctx)
	if err == nil {
		err = s.keys.TakeUp(keysets)
	}
	if err != nil {
		return err
	}
	if err := s.checkSpace(ctx); err != nil {
		return err
	}
	return s.View(ctx, func(r store.Reader) error {
		if _, err := r.LastAuditEntry(); err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("reading the store: %w", err)
		}
		return nil
	})
}

// keysets reads the keys of the database as they are stored.
func (s *DB) keysets(ctx context.Context) (seal.Wrapped, error) {
	reader, err := s.acquireReader(ctx, s.readers)
	if err != nil {
		return seal.Wrapped{}, err
	}
	defer func() { s.readers <- reader }()
	return records.ReadKeysets(ctx, reader)
}

// Checkpoint copies the write-ahead log into the database file, except for what
// running views still need. SQLite does so only after checkpointPages, which takes
// a quiet server days, and a copy of the database file alone would miss all of it.
func (s *DB) Checkpoint(ctx context.Context) error {
	reader, err := s.acquireReader(ctx, s.readers)
	if err != nil {
		return err
	}
	defer func() { s.readers <- reader }()
	_, err = reader.Exec(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	return err
}

// Size returns the size of the file in bytes.
func (s *DB) Size(context.Context) (bytes int64, err error) {
	info, err := os.Stat(s.config.Path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// RemoveReplaced copies the write-ahead log into the database file and empties it, so that
// it holds no earlier content. That is not possible while there are readers.
func (s *DB) RemoveReplaced(ctx context.Context) (remaining message.Message, err error) {
	reader, err := s.acquireReader(ctx, s.readers)
	if err != nil {
		return remaining, err
	}
	defer func() { s.readers <- reader }()
	var busy, frames, copied int
	err = reader.Row(ctx, "PRAGMA wal_checkpoint(TRUNCATE)", nil, &busy, &frames, &copied)
	if err == nil && busy != 0 {
		remaining = message.New("store.log-kept")
	}
	return remaining, err
}

// Close waits for running transactions and closes the files. Later calls fail.
func (s *DB) Close() error {
	select {
	case <-s.closed:
		return nil
	default:
	}
	close(s.closed)
	var errs []error
	errs = append(errs, s.readers.close(), s.lists.close())
	// The writer is last: closing the last connection empties the log.
	errs = append(errs, s.versions.close(), s.writer.Close(), s.db.Close())
	return errors.Join(errs...)
}
