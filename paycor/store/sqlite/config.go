package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"paycorcred/paycor/quota"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store/records"
)

const (
	// defaultReaders is the default number of concurrent views.
	defaultReaders = 4

	// busyTimeout is how long to wait while another process writes. Writes take
	// milliseconds.
	busyTimeout = 10 * time.Second

	// SQLite's page cache per connection, in KiB. The operating system caches the
	// file as well.
	readerCacheKiB    = 1024
	writerCacheKiB    = 4096
	migrationCacheKiB = 64 * 1024 // a migration touches every row, and in another order than they are stored in

	// checkpointPages is the length of the write-ahead log at which SQLite starts a
	// checkpoint. It is four times SQLite's default, so that pages that change
	// often, such as the end of the audit trail, are copied less often.
	checkpointPages = 4000
)

// Config configures a DB. Only Path is required.
type Config struct {
	Path    string   // database file; Open creates it and its directory
	KeyFile string   // file with the key that decrypts secrets; default: next to Path, ending in .key
	KEK     seal.KEK // key stored elsewhere, such as in a KMS; replaces KeyFile
	Readers int      // concurrent views; 0 means 4

	// ListReaders is how many lists run at once; 0 means quota.ListsAtOnce.
	ListReaders int

	Clock  func() time.Time // nil means time.Now
	Logger *slog.Logger     // nil discards

	// Migrate allows Open to migrate a database with an older schema, of which it
	// keeps a copy. Without it, Open rejects such a database with a *store.SchemaError: a
	// server of the older version may be using it.
	Migrate bool

	// Source is the database whose records a new database gets, in the transaction that
	// creates it. With a Source, KeyFile exists, and Open rejects a database that is not new.
	Source records.Source

	migrations fs.FS // of the schema; tests replace them
}

// withDefaults returns the config with its zero values filled in.
func (c Config) withDefaults() (Config, error) {
	if c.Path == "" {
		return c, errors.New("opening the store: no path given")
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
	if c.ListReaders <= 0 {
		c.ListReaders = quota.ListsAtOnce()
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.migrations == nil {
		c.migrations = migrations
	}
	return c, nil
}

// dataSource returns the driver's name for a file, with the settings of every
// connection to it.
func dataSource(path string) string {
	options := url.Values{"_pragma": {
		// First, because the other settings may have to wait for another process.
		"busy_timeout(" + strconv.FormatInt(busyTimeout.Milliseconds(), 10) + ")",
		"synchronous(FULL)",
		"foreign_keys(ON)",
		// Overwrite deleted rows, so that no sealed value remains in a free page.
		"secure_delete(ON)",
		"temp_store(MEMORY)",
		cacheSize(readerCacheKiB),
		"wal_autocheckpoint(" + strconv.Itoa(checkpointPages) + ")",
	}, "_dqs": {"false"}, "_defensive": {"true"}}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}).String()
}

// cacheSize returns the setting for a page cache.
func cacheSize(kib int) string { return "cache_size(-" + strconv.Itoa(kib) + ")" }
