package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"paycorcred/paycor/message"
)

type backupCommand struct {
	data
	To string `help:"cli.help.backup-to" placeholder:"FILE"`
}

func (b *backupCommand) Run(ctx context.Context, terminal terminal) error {
	used, _ := b.engine()
	wrong := b.problems()
	if wrong == nil {
		wrong = used.missing()
	}
	if b.To == "" {
		wrong = append(wrong, say("cli.backup-to-missing"))
	} else if _, err := os.Stat(filepath.Dir(b.To)); errors.Is(err, fs.ErrNotExist) {
		wrong = append(wrong, say("cli.backup-no-directory", b.To, filepath.Dir(b.To)))
	}
	if wrong != nil {
		return configurationError(wrong)
	}
	copied, err := used.backup(ctx, b.To)
	if err != nil {
		return err
	}
	head, err := copied.Check(ctx)
	by, keyErr := copied.WrappedBy(ctx)
	if err := errors.Join(err, copied.Close()); err != nil {
		return message.Wrapf(err, "cli.backup-broken", b.To, message.Of(err))
	}
	if keyErr != nil {
		return fmt.Errorf("reading which key the backup needs: %w", keyErr)
	}
	fmt.Fprintf(terminal.out, "%s\n%s\n%s\n", say("cli.backup-done", b.To, entryCount(head.Sequence)), head, say("cli.backup-key", by))
	return nil
}
