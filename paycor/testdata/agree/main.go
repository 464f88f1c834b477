// Package main checks drafts: it reads rows of typed values from standard input
// and writes the results of paycor.Check. A test runs it as WebAssembly and
// compares the results. It imports only packages that the page imports, too.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// row is one draft. Its values are bytes, because JSON would replace invalid text.
type row struct {
	Values map[fields.Field][]byte

	Stored            []fields.Field
	Verification      bool
	StoredEnvironment string
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var rows []row
	if err := json.NewDecoder(in).Decode(&rows); err != nil {
		return fmt.Errorf("reading drafts: %w", err)
	}
	reports := make([]paycor.Report, len(rows))
	for i, r := range rows {
		var draft paycor.Draft
		for _, spec := range paycor.FieldTable() {
			spec.Set(&draft, string(r.Values[spec.Field]))
		}
		reports[i] = paycor.Check(draft, paycor.Rules{Environments: paycor.Environments(), Stored: r.Stored, StoredEnvironment: r.StoredEnvironment, Verification: r.Verification})
	}
	written, err := json.Marshal(reports)
	if err != nil {
		return fmt.Errorf("writing reports: %w", err)
	}
	_, err = out.Write(written)
	return err
}
