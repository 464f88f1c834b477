package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"os"
	"path/filepath"
	"time"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/audit/archive"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/store"
)

// minAuditKeep is the shortest retention of the audit trail.
const minAuditKeep = 24 * time.Hour

type auditArchive struct {
	data
	Before string `help:"cli.help.audit-archive-before" placeholder:"DATE"`
	To     string `help:"cli.help.audit-archive-to" placeholder:"FILE"`
}

// Run moves the entries before a date to a file.
func (a *auditArchive) Run(ctx context.Context, terminal terminal) error {
	wrong := a.problems()
	before, err := archiveBefore(a.Before)
	if err != nil {
		wrong = append(wrong, say("cli.archive-before", a.Before))
	}
	if a.To == "" {
		wrong = append(wrong, say("cli.archive-to-missing"))
	} else if _, err := os.Stat(filepath.Dir(a.To)); errors.Is(err, fs.ErrNotExist) {
		wrong = append(wrong, say("cli.backup-no-directory", a.To, filepath.Dir(a.To)))
	}
	if wrong != nil {
		return configurationError(wrong)
	}
	return a.withExisting(ctx, terminal, func(opened application) error {
		done, err := opened.Archiver.Archive(ctx, rights.Operator(""), before, func(int64, int64) string { return a.To })
		switch {
		case archive.IsTaken(err):
			return configurationError{say("cli.archive-exists", a.To)}
		case err != nil:
			return fmt.Errorf("archiving the audit trail: %w", err)
		case done.Entries == 0:
			fmt.Fprintln(terminal.out, say("cli.archive-nothing", before.Format(time.RFC3339)))
			return nil
		}
		fmt.Fprintf(terminal.out, "%s\n%s\n", say("cli.archive-done", entryCount(done.Entries), a.To), done.Last)
		return nil
	})
}

// archiveBefore parses a date, which starts at midnight UTC, or a time.
func archiveBefore(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	return time.Parse(time.RFC3339, text)
}

// check verifies the trail, after its archives, oldest first, if they are given: together
// they are one chain. It returns an error for heads of entries that it could not check.
func (v *auditVerify) check(ctx context.Context, trail store.AuditTrail, heads []audit.Head) (audit.Head, error) {
	first, err := trail.Beginning(ctx)
	if err != nil {
		return audit.Head{}, err
	}
	var last audit.Head
	if len(v.Archive) == 0 {
		last, err = trail.Check(ctx, heads...)
	} else {
		var found audit.Checked
		found, err = audit.CheckLines(v.linesWithArchives(ctx, trail), false, heads...)
		first, last = found.First, found.Last
	}
	if err != nil {
		return last, err
	}
	for _, head := range heads {
		if head.Sequence < first.Sequence {
			return last, errors.New(say("cli.head-archived", head.Sequence, first.Sequence))
		}
		if head.Sequence == first.Sequence && head.Hash != first.Hash {
			return last, &audit.BrokenError{Sequence: head.Sequence, Fault: audit.Rewritten}
		}
	}
	return last, nil
}

// linesWithArchives reads the archives and then the trail.
func (v *auditVerify) linesWithArchives(ctx context.Context, trail store.AuditTrail) iter.Seq2[audit.Line, error] {
	return func(yield func(audit.Line, error) bool) {
		for _, path := range v.Archive {
			file, err := os.Open(path)
			if err != nil {
				yield(audit.Line{}, fmt.Errorf("opening the archive: %w", err))
				return
			}
			defer file.Close()
			for line, err := range audit.ReadLines(file) {
				if err != nil {
					err = fmt.Errorf("%s: %w", path, err)
				}
				if !yield(line, err) {
					return
				}
			}
		}
		for line, err := range trail.Lines(ctx, math.MinInt64) {
			if !yield(line, err) {
				return
			}
		}
	}
}
