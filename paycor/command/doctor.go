package command

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"paycorcred/paycor/backup"
	"paycorcred/paycor/doctor"
	"paycorcred/paycor/egress"
	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
	"paycorcred/paycor/seal"
	"paycorcred/web"
	"paycorcred/web/oidc"
)

// doctorCommand checks the data of a server. It takes those flags of serve that say what
// the server connects to.
type doctorCommand struct {
	data
	oidc.Options
	TLSCert string `name:"tls-cert" help:"cli.help.tls-cert" placeholder:"FILE"`
	TLSKey  string `name:"tls-key" help:"cli.help.tls-key" placeholder:"FILE"`

	PublicURL    string   `name:"public-url" help:"cli.help.public-url" placeholder:"URL"`
	TrustedProxy []string `name:"trusted-proxy" help:"cli.help.trusted-proxy" placeholder:"CIDR"`

	JSON bool `name:"json" help:"cli.help.doctor-json"`
}

// errProblems means that doctor has found problems, and printed them.
var errProblems = errors.New("problems were found")

// Run makes the checks and prints one line for each finding.
func (d *doctorCommand) Run(ctx context.Context, terminal terminal, file *configFile) error {
	identity, mistakes := d.Options.Config()
	rule, wrong := d.outgoing.Rule(os.Getenv)
	identity.Transport = rule.Transport()
	if !d.Options.Set() {
		wrong = append(wrong, mistakes...)
	}
	if wrong := append(d.problems(), texts(wrong)...); len(wrong) > 0 {
		return configurationError(append(slices.Clone(file.problems), wrong...))
	}
	if _, err := d.existing(); err != nil {
		return err
	}
	config := d.checks(rule)
	config.Certificate = certificateCheck(d.TLSCert, d.TLSKey)
	config.CertificateName = web.ListenOptions{PublicURL: d.PublicURL, TrustedProxy: d.TrustedProxy}.CertificateName()
	if d.Options.Set() {
		config.Provider = func(ctx context.Context) (string, error) {
			if len(mistakes) > 0 { // such as a secret that systemd provides only while the server runs
				return d.Issuer, errors.New(strings.Join(texts(mistakes), "; "))
			}
			provider, err := oidc.New(ctx, identity, nil, nil)
			if err != nil {
				return d.Issuer, err
			}
			return providerCheck(provider)(ctx)
		}
	}
	report := doctor.New(config).Examine(ctx)
	report = health.NewReport(append(file.findings(), report.Findings...))
	var err error
	if d.JSON {
		err = printReportAsJSON(terminal, report)
	} else {
		err = printReport(terminal, report)
	}
	if err == nil && report.Status == health.Problem {
		err = errProblems
	}
	return err
}

// findings returns what is wrong with the file.
func (f *configFile) findings() (findings []health.Finding) {
	for _, problem := range f.problems {
		findings = append(findings, health.Finding{
			Check: "configuration", Status: health.Problem, Message: message.Text(problem), Remedy: message.New("health.configuration-fix", f.path),
		})
	}
	return findings
}

// checks returns what the doctor checks of the data directory, for the command and for a
// server.
func (d data) checks(rule *egress.Rule) doctor.Config {
	config := doctor.Config{
		Key: d.key(), Backups: filepath.Join(d.Data, backup.StateName), Clock: time.Now,
		Client: &http.Client{Transport: rule.Transport(), CheckRedirect: egress.NoRedirects},
	}
	used, _ := d.engine()
	used.checks(&config)
	if kek, _ := d.openKEK(); kek != nil {
		config.Key = ""
		config.KMS = func() (string, error) { return kek.Name(), seal.Try(kek) }
	}
	return config
}

// providerCheck returns how the doctor asks a provider for its keys.
func providerCheck(provider *oidc.Provider) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		keys, err := provider.SigningKeys(ctx)
		if err == nil && keys == 0 {
			err = message.Errorf("cli.oidc-no-keys")
		}
		return provider.Name(), err
	}
}

// certificateCheck returns how the doctor reads the certificate in a file, or nil
// without one.
func certificateCheck(certificate, key string) func() (*x509.Certificate, error) {
	if certificate == "" {
		return nil
	}
	return func() (*x509.Certificate, error) {
		opened, err := web.OpenCertificates(certificate, key)
		if err != nil {
			return nil, err
		}
		return opened.Leaf(), nil
	}
}

func printReport(terminal terminal, report health.Report) error {
	table := tabwriter.NewWriter(terminal.out, 0, 0, 2, ' ', 0)
	for _, finding := range report.Findings {
		fmt.Fprintf(table, "%s\t%s\t%s", finding.Status, finding.Check, finding.Message.In(catalogue))
		if !finding.Remedy.IsZero() {
			fmt.Fprintf(table, " %s", finding.Remedy.In(catalogue))
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}

// printReportAsJSON prints a report as the API does.
func printReportAsJSON(terminal terminal, report health.Report) error {
	for i, finding := range report.Findings {
		report.Findings[i].Message = finding.Message.Rendered(catalogue)
		if !finding.Remedy.IsZero() {
			report.Findings[i].Remedy = finding.Remedy.Rendered(catalogue)
		}
	}
	encoder := json.NewEncoder(terminal.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}
