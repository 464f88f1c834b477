package command

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

type session struct {
	List   sessionList   `cmd:"" help:"List the sign-ins of a workspace."`
	Revoke sessionRevoke `cmd:"" help:"End a sign-in at once."`
}

type sessionList struct {
	data
	Workspace string `help:"Workspace whose sign-ins are meant." default:"default"`
}

func (s *sessionList) Run(ctx context.Context, terminal terminal) error {
	return s.existing(ctx, terminal, func(keeper keeper) error {
		sessions, err := keeper.SessionsOf(ctx, s.Workspace)
		for _, one := range sessions {
			fmt.Fprintf(terminal.out, "%s  %s  %s  from %s  since %s, last used %s\n", one.ID, cmp.Or(one.Login, one.Name), one.Rights,
				one.From, one.CreatedAt.Local().Format(time.DateTime), one.SeenAt.Local().Format(time.DateTime))
		}
		return err
	})
}

type sessionRevoke struct {
	data
	Workspace string `help:"Workspace of the sign-in." default:"default"`
	ID        string `arg:"" help:"The sign-in's id, as \"session list\" prints it."`
}

func (s *sessionRevoke) Run(ctx context.Context, terminal terminal) error {
	return s.existing(ctx, terminal, func(keeper keeper) error { return keeper.EndSessionOf(ctx, s.Workspace, s.ID) })
}
