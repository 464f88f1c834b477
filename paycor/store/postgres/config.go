package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store/records"
)

const (
	// defaultReaders is the default number of concurrent views.
	defaultReaders = 16
	versionReaders = 2

	// applicationName is what the database shows of our connections.
	applicationName = "paycorcred"
)

// Config configures a DB. URL is required, and one of KeyFile and KEK.
type Config struct {
	URL      string        // postgres://user@host:port/database?sslmode=…, or the like
	Password paycor.Secret // replaces the one in URL unless it is empty
	KeyFile  string        // file with the key that decrypts secrets
	KEK      seal.KEK      // key stored elsewhere, such as in a KMS; replaces KeyFile
	Readers  int           // concurrent views; 0 means 16

	// ListReaders is how many lists run at once; 0 means quota.ListsAtOnce.
	ListReaders int

	// Wait is how long an update waits for a database that does not answer; 0 means 30
	// seconds. Then it fails. The database ends an update that does nothing for half as long.
	Wait time.Duration

	// Replica is the version of the program, of a process that serves. The process has a
	// lease then, by which Version costs no query. Empty means that it has none.
	Replica string

	Clock  func() time.Time // nil means time.Now
	Logger *slog.Logger     // nil discards

	// Migrate allows Open to create the schema in an empty database, and to migrate an
	// older one. Without it, Open rejects such a database with a *SchemaError: a server
	// of the older version may be using it.
	Migrate bool

	// Source is the database whose records an empty database gets, in the transaction that
	// creates the schema. With a Source, KeyFile exists and Migrate is set, and Open rejects a
	// database that is not empty.
	Source records.Source
}

// Source is the database whose records another one gets.
type Source = records.Source

// withDefaults returns the config with its zero values filled in.
func (c Config) withDefaults() (Config, error) {
	if c.KeyFile == "" && c.KEK == nil {
		return c, errors.New("opening the store: no key file given")
	}
	if c.Readers <= 0 {
		c.Readers = defaultReaders
	}
	if c.ListReaders <= 0 {
		c.ListReaders = quota.ListsAtOnce()
	}
	if c.Wait <= 0 {
		c.Wait = 30 * time.Second
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// pool returns the settings of a pool of some connections. Prepared statements belong to a
// session, which a pooler may give to another client between transactions: only without
// one, statements are prepared once. Otherwise each execution parses them, in the same
// round trip. A URL may say otherwise, as default_query_exec_mode.
func (c Config) pool(connections int, pooled bool) (*pgxpool.Config, error) {
	settings, err := parse(c.URL)
	if err != nil {
		return nil, err
	}
	settings.MaxConns = int32(connections)
	settings.MinConns = 0
	conn := settings.ConnConfig
	if !c.Password.IsZero() {
		conn.Password = c.Password.Reveal()
	}
	if conn.RuntimeParams["application_name"] == "" {
		conn.RuntimeParams["application_name"] = applicationName
	}
	if conn.ConnectTimeout == 0 { // else a host that drops packets takes minutes
		conn.ConnectTimeout = c.Wait
	}
	if pooled && !strings.Contains(c.URL, "default_query_exec_mode") {
		conn.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	return settings, nil
}

// parse reads the address of a database. Errors do not have what may be the password.
func parse(address string) (*pgxpool.Config, error) {
	if !IsURL(address) {
		return nil, message.Errorf("store.postgres-url")
	}
	settings, err := pgxpool.ParseConfig(address)
	if file, is := errors.AsType[*fs.PathError](err); is { // such as that of a certificate
		return nil, message.Errorf("store.postgres-file", file)
	}
	if err != nil {
		return nil, message.Errorf("store.postgres-url")
	}
	return settings, nil
}

// IsURL reports whether a text begins as the address of a database does.
func IsURL(text string) bool {
	return strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")
}

// CheckURL returns an error if an address is not that of a database.
func CheckURL(address string) error {
	_, err := parse(address)
	return err
}

// Name returns what errors and reports call the database of an address. It has no user and
// no password.
func Name(address string) string {
	settings, err := parse(address)
	if err != nil {
		return ""
	}
	return name(settings.ConnConfig)
}

// name returns what errors call the database. It has no user and no password.
func name(conn *pgx.ConnConfig) string {
	if len(conn.Host) > 0 && conn.Host[0] == '/' {
		return fmt.Sprintf("%s in %s", conn.Database, conn.Host)
	}
	return net.JoinHostPort(conn.Host, strconv.Itoa(int(conn.Port))) + "/" + conn.Database
}
