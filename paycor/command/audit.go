package command

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/store/sqlite"
)

type auditing struct {
	Verify auditVerify `cmd:"" help:"Check that no entry was changed, removed, put in or moved, and print the newest entry's head. Ends with 3 where the trail is broken."`
	Export auditExport `cmd:"" help:"Print the entries as JSON lines, oldest first."`
}

type auditVerify struct {
	data
	File       string   `help:"Check an exported trail instead; - reads standard input." placeholder:"FILE"`
	Gaps       bool     `help:"With --file: entries may be left out, as in a filtered export or in one of the API."`
	ExpectHead []string `help:"A head that was noted before: everything up to it still has to be there. Repeatable." placeholder:"NUMBER:HASH"`
}

func (v *auditVerify) Run(ctx context.Context, terminal terminal) error {
	var wrong configurationError
	var heads []audit.Head
	for _, text := range v.ExpectHead {
		head, err := audit.ParseHead(text)
		if err != nil {
			wrong = append(wrong, "--expect-head: "+err.Error())
		}
		heads = append(heads, head)
	}
	if v.Gaps && v.File == "" {
		wrong = append(wrong, "--gaps goes with --file only; a database has no gaps")
	}
	if wrong != nil {
		return wrong
	}
	if v.File != "" {
		return v.checkFile(terminal, heads)
	}
	return v.readTrail(ctx, func(trail *sqlite.AuditTrail) error {
		head, err := audit.Check(nil, trail.Entries(ctx), heads...)
		if err == nil {
			fmt.Fprintf(terminal.out, "The audit trail is whole: %s in %s. Its head is\n%s\n", counted(head.Sequence), v.absolute(), head)
		}
		return err
	})
}

func (v *auditVerify) checkFile(terminal terminal, heads []audit.Head) error {
	from := io.Reader(os.Stdin)
	if v.File != "-" {
		file, err := os.Open(v.File)
		if err != nil {
			return fmt.Errorf("opening the exported trail: %w", err)
		}
		defer file.Close()
		from = file
	}
	found, err := audit.CheckLines(audit.ReadLines(from), v.Gaps, heads...)
	if broken, is := errors.AsType[*audit.BrokenError](err); is && broken.Fault == audit.Missing && !v.Gaps {
		return fmt.Errorf("%w. An export with filters, and one of the API, leaves entries out: check it with --gaps", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(terminal.out, "The exported trail is whole: %s behind entry %d, %d left out. Its head is\n%s\n",
		counted(found.Lines), found.First.Sequence, found.Gaps, found.Last)
	return nil
}

type auditExport struct {
	data
	After      int64  `help:"Begin behind the entry with this number: the last one there is already." placeholder:"SEQUENCE"`
	Workspace  string `help:"Only this workspace's entries." placeholder:"NAME"`
	Credential string `help:"Only entries about the credential with this id." placeholder:"ID"`
	Caller     string `help:"Only what this caller did: an id, or a part of a name." placeholder:"WHO"`
	Action     string `help:"Only this action, such as credential.update." placeholder:"ACTION"`
	Outcome    string `help:"Only this outcome, such as refused." placeholder:"OUTCOME"`
	RequestID  string `help:"Only what this request did." placeholder:"ID"`
	From       string `help:"The earliest: a day in UTC, or a moment such as 2026-03-31T17:00:00Z." placeholder:"TIME"`
	To         string `help:"The latest: a day in UTC, which is within, or a moment, which is not." placeholder:"TIME"`
}

func (e *auditExport) Run(ctx context.Context, terminal terminal) error {
	query, problems := audit.Filter{
		Credential: e.Credential, Caller: e.Caller, Action: audit.Action(e.Action), Outcome: e.Outcome, RequestID: e.RequestID, From: e.From, To: e.To,
	}.Query()
	if len(problems) > 0 {
		return configurationError{"--" + problems[0].Message.In(catalogue)}
	}
	return e.readTrail(ctx, func(trail *sqlite.AuditTrail) error {
		out := bufio.NewWriter(terminal.out)
		lines := json.NewEncoder(out)
		for line, err := range trail.Lines(ctx, e.After) {
			if err != nil {
				return errors.Join(err, out.Flush())
			}
			if query.Matches(line.Entry) && (e.Workspace == "" || e.Workspace == line.Workspace) {
				if err := lines.Encode(line); err != nil {
					return err
				}
			}
		}
		return out.Flush()
	})
}

// readTrail reads the trail of the data directory's database. Where a server
// began to write meanwhile, what was found may be its doing.
func (d data) readTrail(ctx context.Context, read func(*sqlite.AuditTrail) error) error {
	path := filepath.Join(d.Data, databaseName)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return configurationError{fmt.Sprintf("--data %q is not where a server keeps its data; name the directory that the server was started with", d.Data)}
	}
	trail, err := sqlite.OpenAuditTrail(ctx, path)
	if err != nil {
		return err
	}
	err = read(trail)
	disturbed := trail.ChangedWhileOpen()
	if err := errors.Join(err, trail.Close()); err != nil && disturbed {
		return fmt.Errorf("a server began to use the database meanwhile, so this says nothing; run it again (%v)", err)
	}
	return err
}
