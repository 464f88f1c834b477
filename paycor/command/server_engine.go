package command

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"paycorcred/paycor/doctor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/metrics"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/web"
)

// serverEngine is PostgreSQL. The data directory has the key and no database.
type serverEngine struct {
	data
	config postgres.Config

	mu       sync.Mutex
	size     float64   // of the database, which takes the server some time to find out
	measured time.Time // when that was
}

// sizeAge is how old the size of a database may be in the metrics.
const sizeAge = time.Minute

func (e *serverEngine) name() string {
	return say("cli.database-at", postgres.Name(e.config.URL), e.keyName())
}

func (e *serverEngine) missing() []string { return nil } // opening it says so

func (e *serverEngine) open(ctx context.Context, migrate bool, serves string, log *slog.Logger) (store.Database, error) {
	config := e.config
	config.Migrate, config.Replica, config.Logger = migrate, serves, log
	_, err := os.Lstat(config.KeyFile)
	switch {
	case migrate && config.KEK != nil: // the directory has nothing that others could prepare
		if err := os.MkdirAll(e.Data, 0o700); err != nil {
			return nil, message.Wrapf(err, "store.directory", e.Data, err)
		}
	case migrate && errors.Is(err, fs.ErrNotExist):
		if err := sqlite.CheckFirstStart(e.Data); err != nil {
			return nil, err
		}
	}
	opened, err := postgres.Open(ctx, config)
	if err != nil {
		return nil, err // without a type: it is compared with nil
	}
	return opened, nil
}

func (e *serverEngine) inspect(ctx context.Context) (store.Inspector, error) {
	opened, err := postgres.OpenInspector(ctx, e.config)
	if err != nil {
		return nil, err
	}
	return opened, nil
}

func (e *serverEngine) trail(ctx context.Context) (store.AuditTrail, error) { return e.inspect(ctx) }

func (e *serverEngine) source(ctx context.Context, log *slog.Logger) (copySource, error) {
	config := e.config
	config.Logger = log
	opened, err := postgres.OpenInspector(ctx, config)
	if err != nil {
		return nil, err
	}
	return opened, nil
}

// receive fills the database in one transaction, so that it is empty or complete.
func (e *serverEngine) receive(ctx context.Context, from postgres.Source, log *slog.Logger) error {
	config := e.config
	config.Migrate, config.Source, config.Logger = true, from, log
	opened, err := postgres.Open(ctx, config)
	if err != nil {
		return err
	}
	return opened.Close()
}

func (e *serverEngine) migrated(did store.Migration) string {
	if did.From == 0 {
		return say("cli.database-created", postgres.Name(e.config.URL), did.To)
	}
	return say("cli.database-migrated", did.From, did.To)
}

func (e *serverEngine) backup(context.Context, string) (store.Inspector, error) {
	if e.config.KEK != nil {
		return nil, configurationError{say("cli.backup-server-kms", postgres.Name(e.config.URL), e.KEK)}
	}
	return nil, configurationError{say("cli.backup-server", postgres.Name(e.config.URL), e.config.KeyFile)}
}

func (e *serverEngine) noSchedule() []string {
	if e.config.KEK != nil {
		return []string{say("cli.backup-every-server-kms", e.KEK)}
	}
	return []string{say("cli.backup-every-server", e.config.KeyFile)}
}

// sizes asks the server once a minute. It may be unreachable, and its disk is not ours.
func (e *serverEngine) sizes(opened store.Database) metrics.Sizes {
	sizes := metrics.Sizes{Database: metrics.Unknown, WAL: metrics.Unknown, Free: metrics.Unknown}
	e.mu.Lock()
	defer e.mu.Unlock()
	if time.Since(e.measured) > sizeAge {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		e.measured, e.size = time.Now(), metrics.Unknown
		if size, err := opened.Size(ctx); err == nil {
			e.size = float64(size)
		}
	}
	sizes.Database = e.size
	return sizes
}

func (e *serverEngine) pageFiles(opened store.Database) web.PageFiles {
	if database, ok := opened.(*postgres.DB); ok {
		return postgres.NewPageFiles(database)
	}
	return nil
}

func (e *serverEngine) checks(config *doctor.Config) {
	config.Open = e.inspect
	config.Server = func(ctx context.Context) (postgres.Server, error) { return postgres.Describe(ctx, e.config) }
}
