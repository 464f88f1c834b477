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
	Name, Description, Environment, Grant, ClientID, ClientSecret, SubscriptionKey, LegalEntityID, Scope []byte

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
		reports[i] = paycor.Check(paycor.Draft{
			Name: string(r.Name), Description: string(r.Description), Environment: string(r.Environment), Grant: paycor.Grant(r.Grant),
			ClientID: string(r.ClientID), ClientSecret: paycor.NewSecret(string(r.ClientSecret)),
			SubscriptionKey: paycor.NewSecret(string(r.SubscriptionKey)), LegalEntityID: paycor.TypedID(r.LegalEntityID), Scope: string(r.Scope),
		}, paycor.Rules{Environments: paycor.Environments(), Stored: r.Stored, StoredEnvironment: r.StoredEnvironment, Verification: r.Verification})
	}
	written, err := json.Marshal(reports)
	if err != nil {
		return fmt.Errorf("writing reports: %w", err)
	}
	_, err = out.Write(written)
	return err
}
