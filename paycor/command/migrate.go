package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"paycorcred/paycor/store"
)

const (
	// schemaInterval is how often a server checks that the schema is still its own.
	schemaInterval = time.Second

	// schemaGrace is how long a server whose database was migrated stays up while it
	// reports that it is not ready, so that a load balancer stops sending requests.
	schemaGrace = 2 * time.Second
)

type migrate struct {
	data
}

// Run migrates the database of a server that is stopped.
func (m *migrate) Run(ctx context.Context, terminal terminal) error {
	used, err := m.existing()
	if err != nil {
		return err
	}
	opened, err := used.open(ctx, true, "", terminal.log)
	if err != nil {
		return err
	}
	defer opened.Close()
	if did := opened.Migration(); did.From != did.To {
		fmt.Fprintln(terminal.out, used.migrated(did))
		return nil
	}
	fmt.Fprintln(terminal.out, say("cli.migrated-nothing", opened.Migration().To))
	return nil
}

// watchSchema cancels ctx, with a *store.SchemaError as the cause, once another
// process has migrated the database. The statements of this program may mean
// something else there. Readiness fails as soon as the schema is another one.
func (a application) watchSchema(ctx context.Context, log *slog.Logger, cancel context.CancelCauseFunc) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(schemaInterval):
		}
		foreign, is := errors.AsType[*store.SchemaError](a.database.CheckSchema(ctx))
		if !is {
			continue
		}
		log.ErrorContext(ctx, "another process migrated the database: stopping", "schema", foreign.Found, "own_schema", foreign.Own)
		select {
		case <-ctx.Done():
		case <-time.After(schemaGrace):
		}
		cancel(foreign)
		return
	}
}
