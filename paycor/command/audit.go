package command

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

type auditing struct {
	Verify  auditVerify  `cmd:"" help:"cli.help.audit-verify"`
	Export  auditExport  `cmd:"" help:"cli.help.audit-export"`
	Archive auditArchive `cmd:"" help:"cli.help.audit-archive"`
}

type auditVerify struct {
	data
	File       string   `help:"cli.help.audit-file" placeholder:"FILE"`
	Gaps       bool     `help:"cli.help.audit-gaps"`
	Archive    []string `help:"cli.help.audit-verify-archive" sep:"none" placeholder:"FILE"`
	ExpectHead []string `help:"cli.help.audit-expect-head" placeholder:"NUMBER:HASH"`
}

func (v *auditVerify) Run(ctx context.Context, terminal terminal) error {
	var wrong configurationError
	var heads []audit.Head
	for _, text := range v.ExpectHead {
		head, err := audit.ParseHead(text)
		if err != nil {
			wrong = append(wrong, "--expect-head: "+explain(err))
		}
		heads = append(heads, head)
	}
	if v.File != "" && len(v.Archive) > 0 {
		wrong = append(wrong, say("cli.archive-with-file"))
	}
	if v.Gaps && v.File == "" {
		wrong = append(wrong, say("cli.gaps-without-file"))
	}
	if wrong != nil {
		return wrong
	}
	if v.File != "" {
		return v.checkFile(terminal, heads)
	}
	err := v.readTrail(ctx, func(used engine, trail store.AuditTrail) error {
		head, err := v.check(ctx, trail, heads)
		if err == nil {
			fmt.Fprintf(terminal.out, "%s\n%s\n", say("cli.audit-intact", entryCount(head.Sequence), used.name()), head)
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.checkRecords(ctx, terminal)
}

// checkRecords checks that no record that gives authority was written by something else.
func (v *auditVerify) checkRecords(ctx context.Context, terminal terminal) error {
	used, _ := v.engine()
	inspector, err := used.inspect(ctx)
	if err != nil {
		return err
	}
	defer inspector.Close()
	if found, own := inspector.Schema(); found != own {
		fmt.Fprintln(terminal.out, say("cli.records-other-schema", found, own))
		return nil
	}
	if err := inspector.OpenKey(ctx); err != nil {
		fmt.Fprintln(terminal.out, say("cli.records-unchecked", explain(err)))
		return nil
	}
	altered, err := inspector.AlteredRecords(ctx)
	if err != nil {
		return err
	}
	if len(altered) > 0 {
		return alteredRecordsError(altered)
	}
	fmt.Fprintln(terminal.out, say("cli.records-intact"))
	return nil
}

// alteredRecordsError lists records that something other than this program wrote.
type alteredRecordsError []*store.AlteredError

func (e alteredRecordsError) Error() string {
	lines := []string{say("cli.records-altered")}
	for _, altered := range e {
		lines = append(lines, "  - "+explain(altered))
	}
	return strings.Join(lines, "\n")
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
		return message.Wrapf(err, "cli.export-gaps", message.Of(err))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(terminal.out, "%s\n%s\n",
		say("cli.export-intact", entryCount(found.Lines), found.First.Sequence, found.Gaps), found.Last)
	return nil
}

type auditExport struct {
	data
	After      int64  `help:"cli.help.audit-after" placeholder:"SEQUENCE"`
	Workspace  string `help:"cli.help.audit-workspace" placeholder:"NAME"`
	Credential string `help:"cli.help.audit-credential" placeholder:"ID"`
	Caller     string `help:"cli.help.audit-caller" placeholder:"WHO"`
	Action     string `help:"cli.help.audit-action" placeholder:"ACTION"`
	Outcome    string `help:"cli.help.audit-outcome" placeholder:"OUTCOME"`
	RequestID  string `help:"cli.help.audit-request" placeholder:"ID"`
	From       string `help:"cli.help.audit-from" placeholder:"TIME"`
	To         string `help:"cli.help.audit-to" placeholder:"TIME"`
}

func (e *auditExport) Run(ctx context.Context, terminal terminal) error {
	query, problems := audit.Filter{
		Credential: e.Credential, Caller: e.Caller, Action: audit.Action(e.Action), Outcome: e.Outcome, RequestID: e.RequestID, From: e.From, To: e.To,
	}.Query()
	if len(problems) > 0 {
		return configurationError{"--" + string(problems[0].Field) + ": " + problems[0].Message.In(catalogue)}
	}
	return e.readTrail(ctx, func(_ engine, trail store.AuditTrail) error {
		out := bufio.NewWriter(terminal.out)
		lines, damaged := json.NewEncoder(out), store.DamagedError{}
		for line, err := range trail.Lines(ctx, e.After) {
			if err != nil {
				if err = damaged.Collect(err); err != nil {
					return errors.Join(err, out.Flush())
				}
				continue // with what can be read
			}
			if query.Matches(line.Entry) && (e.Workspace == "" || e.Workspace == line.Workspace) {
				if err := lines.Encode(line); err != nil {
					return err
				}
			}
		}
		return errors.Join(out.Flush(), unreadable(damaged.Lost))
	})
}

// readTrail reads the audit trail of the database. If a server started to write meanwhile,
// it may have caused an error, and the error says so.
func (d data) readTrail(ctx context.Context, read func(engine, store.AuditTrail) error) error {
	used, err := d.existing()
	if err != nil {
		return err
	}
	trail, err := used.trail(ctx)
	if err != nil {
		return err
	}
	err = read(used, trail)
	changed := trail.ChangedWhileOpen()
	if err := errors.Join(err, trail.Close()); err != nil && changed {
		return errors.New(say("cli.audit-disturbed", explain(err)))
	}
	return err
}
