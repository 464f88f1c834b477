package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the engine, in Go

	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
)

const (
	// defaultReaders is how many views run at the same time.
	defaultReaders = 4

	// busyTimeout is how long one process waits for another one's write. Ours
	// take milliseconds.
	busyTimeout = 10 * time.Second

	// The connections may keep so much of the database in memory, in KiB. The
	// operating system caches the file besides.
	readerCacheKiB = 1024
	writerCacheKiB = 4096

	// checkpointPages is how long the log grows before it is copied into the
	// database. Four times SQLite's own: pages that change often, such as the
	// last ones of the audit trail, are then copied less often.
	checkpointPages = 4000
)

// Config says where an SQLite store is and what it needs.
type Config struct {
	Path    string           // of the database file; it and its directory are made where they are missing
	KeyFile string           // of the key that opens the secrets; empty means beside Path, ending in .key
	KEK     seal.KEK         // a key kept elsewhere; nil means KeyFile
	Readers int              // views at the same time; 0 means 4
	Clock   func() time.Time // nil means time.Now
	Logger  *slog.Logger     // nil means silence
}

// withDefaults returns the config with its zero values filled in.
func (c Config) withDefaults() (Config, error) {
	if c.Path == "" {
		return c, errors.New("opening the store: no path is given")
	}
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return c, fmt.Errorf("finding %s: %w", c.Path, err)
	}
	c.Path = path
	if c.KeyFile == "" {
		c.KeyFile = strings.TrimSuffix(path, filepath.Ext(path)) + ".key"
	}
	if c.Readers <= 0 {
		c.Readers = defaultReaders
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// DB is a Store in one SQLite file. Several processes on one machine may
// have it open.
type DB struct {
	config Config
	db     *sql.DB
	sealer *seal.Sealer
	writer *writer

	// readers holds a place for every reader: a session, or nil where none has
	// been opened yet.
	readers  chan *connection
	closed   chan struct{}
	versions versionSource
}

var _ store.Store = (*DB)(nil)

// Open opens a store, and makes it where there is none: directory,
// database and key file. It brings an older database up to date, and refuses
// a newer one. Errors name the file and say what to do.
func Open(ctx context.Context, config Config) (*DB, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	// In this order: the key file gets its name after the database is there.
	if config.KEK == nil && fileExists(config.KeyFile) {
		if !fileExists(config.Path) {
			return nil, fmt.Errorf("the key file %s is there and its database %s is missing: restore the database from the backup. Where a new, empty one is meant, move the key file away first",
				config.KeyFile, config.Path)
		}
		if isEmptyFile(config.Path) {
			return nil, errKeyWithoutData(config)
		}
	}
	if err := prepareFiles(config.Path, config.Logger); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dataSource(config.Path))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", config.Path, err)
	}
	s := &DB{config: config, db: db, readers: make(chan *connection, config.Readers), closed: make(chan struct{})}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func (s *DB) open(ctx context.Context) (err error) {
	first, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, first.close())
		}
	}()
	for _, pragma := range []string{
		"cache_size = -" + strconv.Itoa(writerCacheKiB),
		"busy_timeout = 2", // milliseconds: the one that writes waits by whenFree
	} {
		if _, err := first.exec(ctx, "PRAGMA "+pragma); err != nil {
			return err
		}
	}
	if err := enableWAL(ctx, first); err != nil {
		return err
	}
	if s.sealer, err = s.initialize(ctx, first); err != nil {
		return err
	}
	if s.config.KEK == nil {
		if err := s.publishKeyFile(ctx); err != nil {
			return err
		}
	}
	s.writer = newWriter(first, s.sealer)
	if s.versions.walIndex, err = openWALIndex(s.config.Path); err != nil {
		s.config.Logger.WarnContext(ctx, "watching the database the slow way", "error", err)
	}
	for range cap(s.readers) {
		s.readers <- nil
	}
	return nil
}

// dataSource is the driver's name for a file, with what holds for every
// connection to it.
func dataSource(path string) string {
	options := url.Values{"_pragma": {
		// First, because the others may have to wait for another process.
		"busy_timeout(" + strconv.FormatInt(busyTimeout.Milliseconds(), 10) + ")",
		"synchronous(FULL)",
		"foreign_keys(ON)",
		// What is deleted is overwritten, so that no sealed value stays in a
		// free page.
		"secure_delete(ON)",
		"temp_store(MEMORY)",
		"cache_size(-" + strconv.Itoa(readerCacheKiB) + ")",
		"wal_autocheckpoint(" + strconv.Itoa(checkpointPages) + ")",
	}, "_dqs": {"false"}, "_defensive": {"true"}}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}).String()
}

// connect opens a connection.
func (s *DB) connect(ctx context.Context) (*connection, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, s.explain(err)
	}
	return &connection{conn: conn, statements: map[string]*sql.Stmt{}, explain: s.explain}, nil
}

// View runs read on one consistent state of the store.
func (s *DB) View(ctx context.Context, read func(store.Reader) error) (err error) {
	reader, err := s.acquireReader(ctx)
	if err != nil {
		return err
	}
	defer func() { s.readers <- reader }()
	if _, err := reader.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	t := newTx(ctx, reader, s.sealer)
	defer func() {
		t.ended = true
		// The caller's context may have ended; the transaction has to end too.
		_, endErr := reader.exec(context.Background(), "ROLLBACK")
		err = errors.Join(err, endErr)
	}()
	return read(t)
}

// acquireReader takes a free reader, once there is one.
func (s *DB) acquireReader(ctx context.Context) (*connection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-s.closed:
		return nil, errClosed
	default:
	}
	select {
	case reader := <-s.readers:
		if reader != nil {
			return reader, nil
		}
		reader, err := s.connect(ctx)
		if err != nil {
			s.readers <- nil
		}
		return reader, err
	case <-s.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Update runs write in one transaction. It must not call Update itself, nor
// wait for somebody who does.
func (s *DB) Update(ctx context.Context, write func(store.Tx) error) error {
	return s.writer.do(ctx, write)
}

// Fingerprint returns a keyed digest of data for one purpose.
func (s *DB) Fingerprint(purpose string, data []byte) []byte {
	return s.sealer.Fingerprint(purpose, data)
}

// Ping reports whether the store can serve now.
func (s *DB) Ping(ctx context.Context) error {
	return s.View(ctx, func(r store.Reader) error {
		if _, err := r.LastAuditEntry(); err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("reading the store: %w", err)
		}
		return nil
	})
}

// Checkpoint copies what stands in the log into the database's own file, as far
// as nobody reads what was there before. SQLite does so by itself only after
// checkpointPages, which a quiet server takes days for, and a copy that was made
// without the log would miss all of it.
func (s *DB) Checkpoint(ctx context.Context) error {
	reader, err := s.acquireReader(ctx)
	if err != nil {
		return err
	}
	defer func() { s.readers <- reader }()
	_, err = reader.exec(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	return err
}

// Close waits for what is under way and lets the files go. Whatever is asked
// of the store afterwards fails.
func (s *DB) Close() error {
	select {
	case <-s.closed:
		return nil
	default:
	}
	close(s.closed)
	var errs []error
	for range cap(s.readers) {
		if reader := <-s.readers; reader != nil {
			errs = append(errs, reader.close())
		}
	}
	// The writer is last: closing the last connection empties the log.
	errs = append(errs, s.versions.close(), s.writer.close(), s.db.Close())
	return errors.Join(errs...)
}
