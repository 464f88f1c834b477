package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"paycorcred/paycor/message"
	"paycorcred/paycor/store/sqlite"
)

type backupCommand struct {
	data
	To string `help:"${help_backup_to}" placeholder:"FILE"`
}

func (b *backupCommand) Run(ctx context.Context, terminal terminal) error {
	from, wrong := b.database(), b.problems()
	if _, err := os.Stat(from); wrong == nil && errors.Is(err, os.ErrNotExist) {
		wrong = append(wrong, say("cli.no-data", b.Data))
	}
	if b.To == "" {
		wrong = append(wrong, say("cli.backup-to-missing"))
	} else if _, err := os.Stat(filepath.Dir(b.To)); errors.Is(err, fs.ErrNotExist) {
		wrong = append(wrong, say("cli.backup-no-directory", b.To, filepath.Dir(b.To)))
	}
	if wrong != nil {
		return configurationError(wrong)
	}
	if trail, err := sqlite.OpenAuditTrail(ctx, from); err != nil { // such as of a newer version
		return fmt.Errorf("reading the database: %w", err)
	} else if err := trail.Close(); err != nil {
		return err
	}
	err := sqlite.Backup(ctx, from, b.To)
	if errors.Is(err, fs.ErrExist) {
		return configurationError{say("cli.backup-exists", b.To)}
	}
	if err != nil {
		return fmt.Errorf("making the backup: %w", err)
	}
	trail, err := sqlite.OpenAuditTrail(ctx, b.To)
	if err != nil {
		return fmt.Errorf("reading the backup: %w", err)
	}
	head, err := trail.Check(ctx)
	if err := errors.Join(err, trail.Close()); err != nil {
		return message.Wrapf(err, "cli.backup-broken", b.To, message.Of(err))
	}
	fmt.Fprintf(terminal.out, "%s\n%s\n", say("cli.backup-done", b.To, entryCount(head.Sequence)), head)
	return nil
}
