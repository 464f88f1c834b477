package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"paycorcred/paycor/doctor"
	"paycorcred/paycor/metrics"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/web"
)

// fileEngine is SQLite in the data directory.
type fileEngine struct {
	data
	kek seal.KEK // nil for the one in the key file
}

func (e fileEngine) path() string { return filepath.Join(e.Data, databaseName) }

func (e fileEngine) config() sqlite.Config {
	return sqlite.Config{Path: e.path(), KeyFile: e.key(), KEK: e.kek}
}

func (e fileEngine) name() string { return e.absolute() }

func (e fileEngine) missing() []string {
	if _, err := os.Stat(e.path()); errors.Is(err, fs.ErrNotExist) {
		return []string{say("cli.no-data", e.Data)}
	}
	return nil
}

func (e fileEngine) open(ctx context.Context, migrate bool, _ string, log *slog.Logger) (store.Database, error) {
	config := e.config()
	config.Migrate, config.Logger = migrate, log
	opened, err := sqlite.Open(ctx, config)
	if err != nil {
		return nil, err // without a type: it is compared with nil
	}
	return opened, nil
}

func (e fileEngine) inspect(ctx context.Context) (store.Inspector, error) {
	opened, err := sqlite.OpenInspector(ctx, e.config())
	if err != nil {
		return nil, err
	}
	return opened, nil
}

func (e fileEngine) trail(ctx context.Context) (store.AuditTrail, error) {
	return openFileTrail(ctx, e.path())
}

func openFileTrail(ctx context.Context, path string) (store.AuditTrail, error) {
	opened, err := sqlite.OpenAuditTrail(ctx, path)
	if err != nil {
		return nil, err
	}
	return opened, nil
}

func (e fileEngine) source(ctx context.Context, log *slog.Logger) (copySource, error) {
	config := e.config()
	config.Logger = log
	opened, err := sqlite.OpenInspector(ctx, config)
	if err != nil {
		return nil, err
	}
	return opened, nil
}

func (e fileEngine) receive(ctx context.Context, from postgres.Source, log *slog.Logger) error {
	config := e.config()
	if _, err := os.Lstat(config.Path); err == nil {
		return configurationError{say("cli.copy-exists", config.Path)}
	}
	if _, err := os.Stat(config.KeyFile); config.KEK == nil && err != nil {
		return configurationError{say("cli.copy-key", config.KeyFile)}
	}
	config.Source, config.Logger = from, log
	return sqlite.Create(ctx, config)
}

func (e fileEngine) migrated(did store.Migration) string {
	return say("cli.migrated", did.From, did.To, did.Copy)
}

func (e fileEngine) backup(ctx context.Context, to string) (store.Inspector, error) {
	trail, err := e.trail(ctx)
	if err != nil { // such as of a newer version
		return nil, fmt.Errorf("reading the database: %w", err)
	}
	if err := trail.Close(); err != nil {
		return nil, err
	}
	err = sqlite.Backup(ctx, e.path(), to)
	if errors.Is(err, fs.ErrExist) {
		return nil, configurationError{say("cli.backup-exists", to)}
	}
	if err != nil {
		return nil, fmt.Errorf("making the backup: %w", err)
	}
	copied, err := sqlite.OpenInspector(ctx, sqlite.Config{Path: to})
	if err != nil {
		return nil, fmt.Errorf("reading the backup: %w", err)
	}
	return copied, nil
}

func (e fileEngine) noSchedule() []string { return nil }

func (e fileEngine) sizes(store.Database) metrics.Sizes {
	size := func(path string) float64 {
		info, err := os.Stat(path)
		if err != nil {
			return 0
		}
		return float64(info.Size())
	}
	sizes := metrics.Sizes{Database: size(e.path()), WAL: size(e.path() + "-wal"), Free: metrics.Unknown}
	if free, known := sqlite.FreeSpace(e.Data); known {
		sizes.Free = float64(free)
	}
	return sizes
}

func (e fileEngine) pageFiles(store.Database) web.PageFiles { return nil }

func (e fileEngine) checks(config *doctor.Config) {
	config.Database, config.Open = e.path(), e.inspect
}
