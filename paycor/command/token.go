package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/store"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

type token struct {
	Create tokenCreate `cmd:"" help:"Make an API token and print it. Only its hash is kept."`
	List   tokenList   `cmd:"" help:"List API tokens, without the tokens themselves."`
	Revoke tokenRevoke `cmd:"" help:"End an API token, at once and also for a server that runs."`
}

type tokenCreate struct {
	data
	Name       string   `help:"What the token is for." placeholder:"N"`
	Rights     string   `help:"What it may do, with commas between: view, read (call Paycor with GET and HEAD), use (call Paycor), edit, admin." default:"view" placeholder:"RIGHTS"`
	Credential []string `help:"Id of a credential it may touch. Repeatable; without it, all." sep:"," placeholder:"ID"`
	Workspace  string   `help:"Workspace it belongs to." default:"default"`
	Lifetime   lifetime `help:"How long it works, such as 720h or 30d. 0 means that it does not expire." default:"0"`
}

func (t *tokenCreate) Run(ctx context.Context, terminal terminal) error {
	wrong := configurationError(t.wrong())
	rights, err := paycor.ParseRights(t.Rights)
	if err != nil {
		wrong = append(wrong, "--rights: "+err.Error())
	}
	if strings.TrimSpace(t.Name) == "" {
		wrong = append(wrong, "--name is missing; say what the token is for, such as --name nightly-import")
	}
	if strings.TrimSpace(t.Workspace) == "" {
		wrong = append(wrong, "--workspace is empty; leave it out for the workspace \"default\"")
	}
	if t.Lifetime < 0 {
		wrong = append(wrong, "--lifetime is negative; write how long the token works, such as 720h or 30d")
	}
	if wrong != nil {
		return wrong
	}
	keeper, err := t.open(ctx, nil, tuning{}, terminal)
	if err != nil {
		return err
	}
	defer keeper.store.Close()
	if err := t.find(ctx, keeper.store); err != nil {
		return err
	}
	draft := consumer.Draft{Name: t.Name, Rights: rights, Credentials: t.Credential}
	if t.Lifetime > 0 {
		draft.ExpiresAt = time.Now().UTC().Truncate(time.Millisecond).Add(time.Duration(t.Lifetime))
	}
	made, err := keeper.Operator(strings.TrimSpace(t.Workspace)).CreateConsumer(ctx, draft)
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

// find looks for the credentials that the token is to be for.
func (t *tokenCreate) find(ctx context.Context, in store.Store) error {
	var wrong configurationError
	err := in.View(ctx, func(r store.Reader) error {
		for _, id := range t.Credential {
			_, err := r.Credential(strings.TrimSpace(t.Workspace), id)
			if errors.Is(err, store.ErrNotFound) {
				wrong = append(wrong, fmt.Sprintf("--credential %q: there is no such credential in the workspace %q; a credential's page shows its id", id, t.Workspace))
			} else if err != nil {
				return fmt.Errorf("looking for the credential %q: %w", id, err)
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
	Workspace string `help:"Workspace they belong to." default:"default"`
}

func (t *tokenList) Run(ctx context.Context, terminal terminal) error {
	return t.existing(ctx, terminal, func(keeper keeper) error {
		consumers, err := keeper.Operator(t.Workspace).Consumers(ctx)
		if err != nil {
			return fmt.Errorf("listing API tokens: %w", err)
		}
		table := tabwriter.NewWriter(terminal.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tSTATE\tRIGHTS\tCREDENTIALS\tENDS\tLAST USED")
		for _, c := range consumers {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, c.Name, c.State, c.Rights,
				cmp.Or(strings.Join(reached(c), ","), "all"), moment(c.ExpiresAt), moment(c.LastUsedAt))
		}
		return table.Flush()
	})
}

// reached are the ids of the credentials that a consumer may touch, with a mark
// where one is no more.
func reached(c consumer.Consumer) []string {
	ids := slices.Clone(c.Credentials)
	for i, id := range ids {
		if slices.Contains(c.Deleted, id) {
			ids[i] += "(deleted)"
		}
	}
	return ids
}

func moment(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return at.UTC().Format(time.RFC3339)
}

type tokenRevoke struct {
	data
	Token     string `arg:"" name:"id" help:"Id of the token, as \"token list\" prints it, or its name where one that works has it."`
	Workspace string `help:"Workspace it belongs to." default:"default"`
}

func (t *tokenRevoke) Run(ctx context.Context, terminal terminal) error {
	return t.existing(ctx, terminal, func(keeper keeper) error {
		operator := keeper.Operator(t.Workspace)
		consumers, err := operator.Consumers(ctx)
		if err != nil {
			return fmt.Errorf("listing API tokens: %w", err)
		}
		program, err := t.find(consumers)
		if err != nil {
			return err
		}
		whose := fmt.Sprintf("token %s of %q, made %s, last used %s", program.ID, program.Name, moment(program.CreatedAt), moment(program.LastUsedAt))
		if program.State == consumer.Revoked {
			fmt.Fprintf(terminal.out, "Nothing to do: the %s, was revoked already.\n", whose)
			return nil
		}
		if err := operator.RevokeConsumer(ctx, program.ID); err != nil {
			return fmt.Errorf("revoking an API token: %w", err)
		}
		fmt.Fprintf(terminal.out, "Revoked the %s. It is refused from now on, also by a server that runs.\n", whose)
		return nil
	})
}

// find returns the token of that id, or the one that works of that name.
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
		return consumer.Consumer{}, configurationError{fmt.Sprintf("there is no API token %q in the workspace %q, nor one that works of that name; \"paycorcred token list\" prints them", t.Token, t.Workspace)}
	case 1:
		return named[0], nil
	}
	wrong := configurationError{fmt.Sprintf("%d tokens that work have the name %q; say which by its id", len(named), t.Token)}
	for _, program := range named {
		wrong = append(wrong, fmt.Sprintf("%s, made %s, last used %s", program.ID, moment(program.CreatedAt), moment(program.LastUsedAt)))
	}
	return consumer.Consumer{}, wrong
}
