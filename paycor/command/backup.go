package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/store/sqlite"
)

type backup struct {
	data
	To string `help:"File to make. Nothing is overwritten." placeholder:"FILE"`
}

func (b *backup) Run(ctx context.Context, terminal terminal) error {
	from, wrong := filepath.Join(b.Data, databaseName), b.wrong()
	if _, err := os.Stat(from); wrong == nil && errors.Is(err, os.ErrNotExist) {
		wrong = append(wrong, fmt.Sprintf("--data %q is not where a server keeps its data; name the directory that the server was started with", b.Data))
	}
	if b.To == "" {
		wrong = append(wrong, "--to is missing; name the file to make")
	} else if _, err := os.Stat(filepath.Dir(b.To)); errors.Is(err, fs.ErrNotExist) {
		wrong = append(wrong, fmt.Sprintf("--to %q: the directory %s is not there; make it, or name a file in another", b.To, filepath.Dir(b.To)))
	}
	if wrong != nil {
		return configurationError(wrong)
	}
	err := sqlite.Backup(ctx, from, b.To)
	if errors.Is(err, fs.ErrExist) {
		return configurationError{fmt.Sprintf("--to %q is there already, and a backup overwrites nothing; name a new file", b.To)}
	}
	if err != nil {
		return fmt.Errorf("making the backup: %w", err)
	}
	trail, err := sqlite.OpenAuditTrail(ctx, b.To)
	if err != nil {
		return fmt.Errorf("reading the backup: %w", err)
	}
	head, err := audit.Check(nil, trail.Entries(ctx))
	if err := errors.Join(err, trail.Close()); err != nil {
		return fmt.Errorf("%s is made, and its audit trail is as broken as the database's: %w", b.To, err)
	}
	fmt.Fprintf(terminal.out, "%s holds the database without its key. Its audit trail is whole: %s. Its head is\n%s\n", b.To, counted(head.Sequence), head)
	return nil
}
