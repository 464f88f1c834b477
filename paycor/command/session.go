package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
)

type session struct {
	List   sessionList   `cmd:"" help:"cli.help.session-list"`
	Revoke sessionRevoke `cmd:"" help:"cli.help.session-revoke"`
}

type sessionList struct {
	data
	Workspace string `help:"cli.help.workspace-list" default:"default"`
}

func (s *sessionList) Run(ctx context.Context, terminal terminal) error {
	return s.withExisting(ctx, terminal, func(a application) error {
		found, err := a.Operator(s.Workspace).AllSessions(ctx)
		if err != nil {
			return fmt.Errorf("listing the sign-ins: %w", err)
		}
		listed := newTable(terminal.out, "id", "who", "rights", "from", "since", "last-used")
		for _, one := range found.Sessions {
			listed.row(one.ID, cmp.Or(one.Login, one.Name), one.Rights.String(), one.From, formatTime(one.CreatedAt), formatTime(one.SeenAt))
		}
		return errors.Join(listed.flush(), unreadable(found.Unreadable))
	})
}

type sessionRevoke struct {
	data
	Workspace string `help:"cli.help.session-workspace" default:"default"`
	ID        string `arg:"" help:"cli.help.session-id"`
}

func (s *sessionRevoke) Run(ctx context.Context, terminal terminal) error {
	return s.withExisting(ctx, terminal, func(a application) error {
		if err := a.Operator(s.Workspace).EndSession(ctx, s.ID); err != nil {
			return err
		}
		fmt.Fprintln(terminal.out, say("cli.session-ended"))
		return nil
	})
}
