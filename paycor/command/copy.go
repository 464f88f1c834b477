package command

import (
	"context"
	"fmt"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
)

// copyCommand moves everything from SQLite to PostgreSQL, or back. The key stays where it
// is: in the directory, or in a KMS.
type copyCommand struct {
	From string `help:"cli.help.copy-from" placeholder:"DIR|URL"`
	To   string `help:"cli.help.copy-to" placeholder:"DIR|URL"`

	DatabasePasswordFile string `help:"cli.help.database-password-file" placeholder:"FILE"`
	kekOptions
}

// copySource is a database that is copied.
type copySource interface {
	store.Inspector
	postgres.Source
}

// Run copies the database and verifies the copy.
func (c *copyCommand) Run(ctx context.Context, terminal terminal) error {
	if c.From == "" || c.To == "" || postgres.IsURL(c.From) == postgres.IsURL(c.To) {
		return configurationError{say("cli.copy-sides")}
	}
	files, server := c.sides()
	wrong := server.problems() // those of the directory, too
	if wrong != nil {
		return configurationError(wrong)
	}
	from, to := files, server
	if postgres.IsURL(c.From) {
		from, to = server, files
	}
	original, err := from.existing()
	if err != nil {
		return err
	}
	source, err := original.source(ctx, terminal.log)
	if err != nil {
		return err
	}
	defer source.Close()
	target, _ := to.engine()
	if err := target.receive(ctx, source, terminal.log); err != nil {
		return err
	}
	head, err := source.Check(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(terminal.out, "%s\n%s\n", say("cli.copy-done", target.name(), entryCount(head.Sequence)), head)
	return nil
}

// sides returns the flags of the two databases, which have the same directory.
func (c *copyCommand) sides() (files, server data) {
	directory, address := c.From, c.To
	if postgres.IsURL(c.From) {
		directory, address = c.To, c.From
	}
	files.Data, server.Data = directory, directory
	files.kekOptions, server.kekOptions = c.kekOptions, c.kekOptions
	server.Database, server.DatabasePasswordFile = address, c.DatabasePasswordFile
	return files, server
}
