package command

import (
	"context"
	"log/slog"

	"paycorcred/paycor/doctor"
	"paycorcred/paycor/metrics"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/web"
)

// engine is the kind of database that a command uses. Its key is in the data directory.
type engine interface {
	// name says where the data is.
	name() string

	// missing returns what is wrong if no server has used the database, as far as that can
	// be told without opening it.
	missing() []string

	// open opens the database. Only with migrate, its schema may change. serves is the
	// version of a program that serves, one of several perhaps, and empty for a command.
	open(ctx context.Context, migrate bool, serves string, log *slog.Logger) (store.Database, error)

	// inspect opens the database for reading only, whatever its schema is.
	inspect(ctx context.Context) (store.Inspector, error)

	// trail opens the audit trail, which needs no key.
	trail(ctx context.Context) (store.AuditTrail, error)

	// source opens the database to copy it.
	source(ctx context.Context, log *slog.Logger) (copySource, error)

	// receive creates the database with the records of another one.
	receive(ctx context.Context, from postgres.Source, log *slog.Logger) error

	// migrated says what a migration did.
	migrated(did store.Migration) string

	// backup copies the database to a new file.
	backup(ctx context.Context, to string) (store.Inspector, error)

	// noSchedule returns why a server cannot make backups of the database, or no texts.
	noSchedule() []string

	// sizes returns the sizes of what the database consists of.
	sizes(opened store.Database) metrics.Sizes

	// pageFiles returns the files of the page of all servers, or nil where there is only one.
	pageFiles(opened store.Database) web.PageFiles

	// checks adds what the doctor has to know of the database.
	checks(config *doctor.Config)
}

// engine returns the engine of the flags, or everything that is wrong with them.
func (d data) engine() (engine, []string) {
	kek, wrong := d.openKEK()
	if d.Database == "" && d.DatabaseFile == "" {
		if d.DatabasePasswordFile != "" {
			wrong = append(wrong, say("cli.database-password-alone"))
		}
		return fileEngine{d, kek}, wrong
	}
	config, more := d.databaseOptions.config()
	config.KeyFile, config.KEK = d.key(), kek
	return &serverEngine{data: d, config: config}, append(wrong, more...)
}

// existing returns the engine of a server that has run before.
func (d data) existing() (engine, error) {
	if wrong := d.problems(); wrong != nil {
		return nil, configurationError(wrong)
	}
	used, _ := d.engine()
	if wrong := used.missing(); wrong != nil {
		return nil, configurationError(wrong)
	}
	return used, nil
}
