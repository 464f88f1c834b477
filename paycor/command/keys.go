package command

import (
	"context"
	"fmt"
	"strconv"

	"paycorcred/paycor/rights"
)

// keysCommand manages the keys that encrypt the stored values.
type keysCommand struct {
	List   keysList   `cmd:"" help:"cli.help.keys-list"`
	Rotate keysRotate `cmd:"" help:"cli.help.keys-rotate"`
	Rewrap keysRewrap `cmd:"" help:"cli.help.keys-rewrap"`
}

type keysList struct{ data }

// Run lists the keys.
func (l *keysList) Run(ctx context.Context, terminal terminal) error {
	return l.withExisting(ctx, terminal, func(opened application) error {
		found, err := opened.Keys.Keys(ctx)
		if err != nil {
			return err
		}
		by, err := opened.Keys.WrappedBy(ctx)
		if err != nil {
			return err
		}
		rows := newTable(terminal.out, "id", "state", "values", "encrypted-by")
		for _, key := range found {
			state := say("cli.keys-earlier")
			if key.Primary {
				state = say("cli.keys-primary")
			}
			rows.row(key.ID, state, strconv.Itoa(key.Values), by)
		}
		return rows.flush()
	})
}

type keysRotate struct{ data }

// Run replaces the keys, while a server may run.
func (r *keysRotate) Run(ctx context.Context, terminal terminal) error {
	return r.withExisting(ctx, terminal, func(opened application) error {
		done, err := opened.Keys.Rotate(ctx, rights.Operator(""), func(examined int) {
			terminal.log.Info("encrypting the stored values again", "examined", examined)
		})
		if err != nil {
			return fmt.Errorf("rotating the keys: %w", err)
		}
		switch {
		case done.Key == "":
			fmt.Fprintln(terminal.out, say("cli.keys-finished", done.Values))
		case done.Unopened == 0:
			fmt.Fprintln(terminal.out, say("cli.keys-rotated", done.Key, done.Values))
		default:
			fmt.Fprintln(terminal.out, say("cli.keys-unopened", done.Key, done.Values, done.Unopened))
		}
		return opened.removeReplaced(ctx, terminal)
	})
}

// removeReplaced removes what earlier keys encrypted, and says where some may remain.
func (a application) removeReplaced(ctx context.Context, terminal terminal) error {
	remaining, err := a.database.RemoveReplaced(ctx)
	if err == nil && !remaining.IsZero() {
		fmt.Fprintln(terminal.out, remaining.In(catalogue))
	}
	return err
}
