package command

import (
	"cmp"
	"context"
	"fmt"
	"text/tabwriter"
)

type session struct {
	List   sessionList   `cmd:"" help:"${help_session_list}"`
	Revoke sessionRevoke `cmd:"" help:"${help_session_revoke}"`
}

type sessionList struct {
	data
	Workspace string `help:"${help_workspace_list}" default:"default"`
}

func (s *sessionList) Run(ctx context.Context, terminal terminal) error {
	return s.withExisting(ctx, terminal, func(a application) error {
		sessions, err := a.Operator(s.Workspace).AllSessions(ctx)
		if err != nil {
			return fmt.Errorf("listing the sign-ins: %w", err)
		}
		table := tabwriter.NewWriter(terminal.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tWHO\tRIGHTS\tFROM\tSINCE\tLAST USED")
		for _, one := range sessions {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", one.ID, cmp.Or(one.Login, one.Name), one.Rights,
				one.From, formatTime(one.CreatedAt), formatTime(one.SeenAt))
		}
		return table.Flush()
	})
}

type sessionRevoke struct {
	data
	Workspace string `help:"${help_session_workspace}" default:"default"`
	ID        string `arg:"" help:"${help_session_id}"`
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
