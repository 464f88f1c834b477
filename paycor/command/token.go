package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/store"
)

type token struct {
	Create tokenCreate `cmd:"" help:"cli.help.token-create"`
	List   tokenList   `cmd:"" help:"cli.help.token-list"`
	Revoke tokenRevoke `cmd:"" help:"cli.help.token-revoke"`
}

type tokenCreate struct {
	data
	Name       string   `help:"cli.help.token-name" placeholder:"N"`
	Rights     string   `help:"cli.help.token-rights" default:"view" placeholder:"RIGHTS"`
	Credential []string `help:"cli.help.token-credential" sep:"," placeholder:"ID"`
	Workspace  string   `help:"cli.help.workspace" default:"default"`
	Lifetime   lifetime `help:"cli.help.token-lifetime" default:"0"`
}

func (t *tokenCreate) Run(ctx context.Context, terminal terminal) error {
	wrong := configurationError(t.problems())
	rights, err := paycor.ParseRights(t.Rights)
	if err != nil {
		wrong = append(wrong, "--rights: "+explain(err))
	}
	if strings.TrimSpace(t.Name) == "" {
		wrong = append(wrong, say("cli.token-name-missing"))
	}
	if strings.TrimSpace(t.Workspace) == "" {
		wrong = append(wrong, say("cli.token-workspace-empty"))
	}
	if t.Lifetime < 0 {
		wrong = append(wrong, say("cli.token-lifetime-negative"))
	}
	if wrong != nil {
		return wrong
	}
	a, err := t.open(ctx, opening{}, terminal)
	if err != nil {
		return err
	}
	defer a.store.Close()
	if err := t.checkCredentials(ctx, a.store); err != nil {
		return err
	}
	draft := consumer.Draft{Name: t.Name, Rights: rights, Credentials: t.Credential}
	if t.Lifetime > 0 {
		draft.ExpiresAt = time.Now().UTC().Truncate(time.Millisecond).Add(time.Duration(t.Lifetime))
	}
	made, err := a.Operator(strings.TrimSpace(t.Workspace)).CreateConsumer(ctx, draft)
	if problems := paycor.ProblemsOf(err); problems != nil {
		for _, problem := range problems {
			wrong = append(wrong, problem.Message.In(catalogue))
		}
		return wrong
	}
	if err != nil {
		return fmt.Errorf("making an API token: %w", err)
	}
	fmt.Fprintln(terminal.out, made.Token.Reveal())
	return nil
}

// checkCredentials reports credentials of the allow-list that do not exist.
func (t *tokenCreate) checkCredentials(ctx context.Context, in store.Store) error {
	var wrong configurationError
	err := in.View(ctx, func(r store.Reader) error {
		for _, id := range t.Credential {
			_, err := r.Credential(strings.TrimSpace(t.Workspace), id)
			if errors.Is(err, store.ErrNotFound) {
				wrong = append(wrong, say("cli.token-no-credential", id, t.Workspace))
			} else if err != nil {
				return fmt.Errorf("reading the credential %q: %w", id, err)
			}
		}
		return nil
	})
	if wrong != nil {
		return wrong
	}
	return err
}

type tokenList struct {
	data
	Workspace string `help:"cli.help.workspace-list" default:"default"`
}

func (t *tokenList) Run(ctx context.Context, terminal terminal) error {
	return t.withExisting(ctx, terminal, func(a application) error {
		found, err := consumer.AllPages(ctx, a.Operator(t.Workspace))
		if err != nil {
			return fmt.Errorf("listing API tokens: %w", err)
		}
		listed := newTable(terminal.out, "id", "name", "state", "rights", "credentials", "expires", "last-used")
		for _, c := range found.Consumers {
			listed.row(c.ID, c.Name, say("cli.token-state."+string(c.State)), c.Rights.String(),
				cmp.Or(strings.Join(allowedCredentials(c), ","), say("cli.all")), formatTime(c.ExpiresAt), formatTime(c.LastUsedAt))
		}
		return errors.Join(listed.flush(), unreadable(found.Unreadable))
	})
}

// allowedCredentials returns the ids of a consumer's allow-list, deleted ones marked.
func allowedCredentials(c consumer.Consumer) []string {
	ids := slices.Clone(c.Credentials)
	for i, id := range ids {
		if slices.Contains(c.Deleted, id) {
			ids[i] = say("cli.table.deleted", id)
		}
	}
	return ids
}

func formatTime(at time.Time) string {
	if at.IsZero() {
		return say("cli.never")
	}
	return at.UTC().Format(time.RFC3339)
}

type tokenRevoke struct {
	data
	Token     string `arg:"" name:"id" help:"cli.help.token-which"`
	Workspace string `help:"cli.help.workspace" default:"default"`
}

func (t *tokenRevoke) Run(ctx context.Context, terminal terminal) error {
	return t.withExisting(ctx, terminal, func(a application) error {
		operator := a.Operator(t.Workspace)
		consumers, err := consumer.All(ctx, operator)
		if err != nil {
			return fmt.Errorf("listing API tokens: %w", err)
		}
		program, err := t.find(consumers)
		if err != nil {
			return err
		}
		whose := say("cli.token-described", program.ID, program.Name, formatTime(program.CreatedAt), formatTime(program.LastUsedAt))
		if program.State == consumer.Revoked {
			fmt.Fprintln(terminal.out, say("cli.token-revoked-before", whose))
			return nil
		}
		if err := operator.RevokeConsumer(ctx, program.ID); err != nil {
			return fmt.Errorf("revoking an API token: %w", err)
		}
		fmt.Fprintln(terminal.out, say("cli.token-revoked", whose))
		return nil
	})
}

// find returns the token with the given id, or the only active one with that name.
func (t *tokenRevoke) find(consumers []consumer.Consumer) (consumer.Consumer, error) {
	var named []consumer.Consumer
	for _, program := range consumers {
		switch {
		case program.ID == t.Token:
			return program, nil
		case program.Name == t.Token && program.State == consumer.Active:
			named = append(named, program)
		}
	}
	switch len(named) {
	case 0:
		return consumer.Consumer{}, configurationError{say("cli.token-none", t.Token, t.Workspace)}
	case 1:
		return named[0], nil
	}
	wrong := configurationError{say("cli.token-ambiguous", len(named), t.Token)}
	for _, program := range named {
		wrong = append(wrong, say("cli.token-candidate", program.ID, formatTime(program.CreatedAt), formatTime(program.LastUsedAt)))
	}
	return consumer.Consumer{}, wrong
}
