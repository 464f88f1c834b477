package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"paycorcred/paycor/doctor"
)

type doctorCommand struct {
	data
	JSON bool `name:"json" help:"${help_doctor_json}"`
}

// errProblems means that doctor has found problems, and printed them.
var errProblems = errors.New("problems were found")

// Run checks the data and prints one line for each finding.
func (d *doctorCommand) Run(ctx context.Context, terminal terminal) error {
	if wrong := d.problems(); wrong != nil {
		return configurationError(wrong)
	}
	if _, err := os.Stat(d.database()); errors.Is(err, fs.ErrNotExist) {
		return configurationError{say("cli.no-data", d.Data)}
	}
	checks, done := doctor.Data{Database: d.database(), Key: filepath.Join(d.Data, keyName), Clock: time.Now}.Checks(ctx)
	findings := doctor.Examine(ctx, checks...)
	if err := done(); err != nil {
		return err
	}
	var err error
	if d.JSON {
		err = printFindingsAsJSON(terminal, findings)
	} else {
		err = printFindings(terminal, findings)
	}
	if err == nil && doctor.Worst(findings) == doctor.Problem {
		err = errProblems
	}
	return err
}

func printFindings(terminal terminal, findings []doctor.Finding) error {
	table := tabwriter.NewWriter(terminal.out, 0, 0, 2, ' ', 0)
	for _, finding := range findings {
		fmt.Fprintf(table, "%s\t%s\t%s", finding.Status, finding.Check, finding.Message.In(catalogue))
		if !finding.Remedy.IsZero() {
			fmt.Fprintf(table, " %s", finding.Remedy.In(catalogue))
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}

func printFindingsAsJSON(terminal terminal, findings []doctor.Finding) error {
	type line struct {
		Check   string        `json:"check"`
		Status  doctor.Status `json:"status"`
		Message string        `json:"message"`
		Remedy  string        `json:"remedy,omitempty"`
	}
	lines := make([]line, len(findings))
	for i, finding := range findings {
		lines[i] = line{finding.Check, finding.Status, finding.Message.In(catalogue), finding.Remedy.In(catalogue)}
	}
	encoder := json.NewEncoder(terminal.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"status": doctor.Worst(findings), "findings": lines})
}
