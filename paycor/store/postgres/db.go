package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/groupcommit"
	"paycorcred/paycor/store/records"
)

// DB is a store.Store in one PostgreSQL database.
type DB struct {
	config Config
	name   string // what errors call the database
	pooled bool   // there is a pooler in front of the database
	keys   *records.Keyring
	macs   *records.MACs
	writer *groupcommit.Writer

	migration store.Migration // what Open did

	views    *pgxpool.Pool
	lists    *pgxpool.Pool
	turns    quota.Lists   // of lists
	versions *pgxpool.Pool // for what every request asks, which does not wait for views
	closed   atomic.Bool
	closing  context.Context // ends when Close begins
	cancel   context.CancelFunc

	replica    *replica // nil unless Config.Replica is set
	messages   messages // between replicas
	statistics statistics
}

var _ store.Database = (*DB)(nil)

// Open opens a store. It rejects a database with another schema or without one, but see
// Config.Migrate. Errors name the database and say what to do.
func Open(ctx context.Context, config Config) (_ *DB, err error) {
	config, err = config.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &DB{
		config: config,
		turns:  quota.NewLists(config.ListReaders),
	}
	s.closing, s.cancel = context.WithCancel(context.Background())
	defer func() {
		if err != nil {
			s.cancel()
			s.closePools()
		}
	}()
	conn, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	_ = conn.Close(ctx) // the pools know now whether to prepare statements
	if s.views, err = s.pool(ctx, config.Readers); err != nil {
		return nil, err
	}
	if s.lists, err = s.pool(ctx, config.ListReaders); err != nil {
		return nil, err
	}
	if s.versions, err = s.pool(ctx, versionReaders); err != nil {
		return nil, err
	}
	writer := newWriter(s)
	if err := s.open(ctx, writer); err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	if config.Replica != "" {
		if err := s.startReplica(ctx); err != nil {
			return nil, errors.Join(err, writer.Close())
		}
	}
	s.writer = groupcommit.NewWriter(writer)
	return s, nil
}

// connect connects for the first time and finds out whether there is a pooler: then the
// process that serves the connection is not the one that accepted it.
func (s *DB) connect(ctx context.Context) (*pgx.Conn, error) {
	settings, err := s.config.pool(1, true)
	if err != nil {
		return nil, err
	}
	s.name = name(settings.ConnConfig)
	conn, err := pgx.ConnectConfig(ctx, settings.ConnConfig)
	if err != nil {
		return nil, s.explainConnect(ctx, err)
	}
	var process uint32
	if err := conn.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&process); err != nil {
		_ = conn.Close(ctx) // it changed nothing
		return nil, s.explain(err)
	}
	s.pooled = process != conn.PgConn().PID()
	return conn, nil
}

// pool returns a pool that connects when it is used.
func (s *DB) pool(ctx context.Context, connections int) (*pgxpool.Pool, error) {
	settings, err := s.config.pool(connections, s.pooled)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return nil, s.explain(err)
	}
	return pool, nil
}

// open prepares the database and the keys on the connection that writes.
func (s *DB) open(ctx context.Context, writer *writer) error {
	if err := writer.connect(ctx); err != nil {
		return err
	}
	conn := writer.connection()
	if err := s.checkServer(ctx, conn); err != nil {
		return err
	}
	err := s.initialize(ctx, conn)
	// A migration locks tables that other servers use at the moment, in another order. PostgreSQL
	// then ends one of the transactions, and nothing of it is done.
	for try := 1; try < migrationTries && isDeadlock(err); try++ {
		s.config.Logger.WarnContext(ctx, "the database is in use: preparing it again", "error", err)
		err = s.initialize(ctx, conn)
	}
	if err != nil {
		return err
	}
	return s.keySource().Publish(ctx)
}

// records returns what the transactions of the database share.
func (s *DB) records() records.Config {
	return records.Config{Dialect: dialect, Keys: s.keys, MACs: s.macs}
}

// Update runs write in one transaction. write must neither call Update nor wait for
// another Update, because updates of all processes run one after another. After an update of
// what processes keep in memory, Update returns when all replicas know of it.
func (s *DB) Update(ctx context.Context, write func(store.Tx) error) error {
	var last *update
	err := s.writer.Do(ctx, func(tx store.Tx) error {
		last = tx.(*update)
		return write(tx)
	})
	if err != nil {
		return err
	}
	if last.revises {
		s.awaitReplicas(last.change)
	}
	s.statistics.committed(s)
	return nil
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
	var standby bool
	if err := s.read(ctx, s.versions, `SELECT pg_is_in_recovery()`, &standby); err != nil {
		return err
	}
	if standby {
		return message.Errorf("store.postgres-read-only", s.name)
	}
	return s.View(ctx, func(r store.Reader) error {
		if _, err := r.LastAuditEntry(); err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("reading the store: %w", err)
		}
		return nil
	})
}

// keysets reads the keys of the database as they are stored.
func (s *DB) keysets(ctx context.Context) (wrapped seal.Wrapped, err error) {
	acquired, err := s.acquire(ctx, s.versions, func(conn connection) (err error) {
		wrapped, err = records.ReadKeysets(ctx, conn)
		return err
	})
	if err == nil {
		acquired.Release()
	}
	return wrapped, err
}

// Checkpoint does nothing: PostgreSQL takes its own checkpoints.
func (s *DB) Checkpoint(context.Context) error { return nil }

// RemoveReplaced removes earlier versions of rows with sealed values. Other views may keep
// some, and the logs and backups of the server have them as long as its operator wants.
func (s *DB) RemoveReplaced(ctx context.Context) (remaining message.Message, err error) {
	acquired, err := s.acquire(ctx, s.versions, func(conn connection) error {
		for _, table := range records.SealedTables() {
			if err := conn.control(ctx, `VACUUM `+table); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		acquired.Release()
	}
	return message.New("store.postgres-replaced", s.name), err
}

// Size returns the size of the database in bytes.
func (s *DB) Size(ctx context.Context) (bytes int64, err error) {
	err = s.read(ctx, s.versions, `SELECT pg_database_size(current_database())`, &bytes)
	return bytes, err
}

// AlteredRecords lists the records that something other than this program wrote. A
// *store.DamagedError comes with those that can be read.
func (s *DB) AlteredRecords(ctx context.Context) (altered []*store.AlteredError, err error) {
	err = s.snapshot(ctx, s.views, func(conn connection) error {
		altered, err = s.macs.AlteredRecords(ctx, conn)
		return err
	})
	return altered, err
}

// Close waits for running transactions and closes the connections. Later calls fail. It waits
// no more than a few seconds for a database that does not answer.
func (s *DB) Close() (err error) {
	if s.closed.Swap(true) {
		return nil
	}
	s.cancel()
	err = s.writer.Close()
	s.messages.close()
	if s.replica != nil {
		s.replica.close()
	}
	s.closePools()
	return err
}

func (s *DB) closePools() {
	for _, pool := range []*pgxpool.Pool{s.views, s.lists, s.versions} {
		if pool != nil {
			pool.Close()
		}
	}
}

// List runs read on one consistent snapshot when it is the caller's turn.
func (s *DB) List(ctx context.Context, caller paycor.Caller, read func(store.Reader) error) error {
	release, err := s.turns.Acquire(ctx, caller)
	if err != nil {
		return err
	}
	defer release()
	return s.view(ctx, s.lists, read)
}
