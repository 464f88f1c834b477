// Package doctor checks a server: its data, the machine it runs on and what it connects
// to. It says for each check what it found and what to do. It changes nothing, and works
// whether or not the server runs. Monitor runs the checks beside a server.
package doctor

import (
	"context"
	"crypto/x509"
	"net/http"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit/stream"
	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/sqlite"
)

// Config says what to check. What is nil is left out.
type Config struct {
	Database, Key, Backups string // paths; that of the backups has their state. No Database if it is on a server, no Key if it is in a KMS

	Open   func(context.Context) (store.Inspector, error) // opens the database; nil means the file Database
	Server func(context.Context) (postgres.Server, error) // asks the server of the database

	// Environments are the configured ones. nil means those of the server's last start,
	// as it stored them.
	Environments []paycor.Environment
	Client       *http.Client                      // connects as the server does; required
	Certificate  func() (*x509.Certificate, error) // of the server's own TLS

	CertificateName string // host that the certificate must be for; empty checks none

	Provider func(context.Context) (string, error) // name of the OpenID Connect provider, after asking it for its keys

	KMS func() (address string, err error) // tries the key in the KMS; nil without one

	AuditStream func() stream.State // what sends the audit trail elsewhere

	Clock       func() time.Time                           // nil means time.Now
	FreeSpace   func(dir string) (bytes uint64, ok bool)   // nil means what the disk has
	ReadOnly    func(dir string) bool                      // nil means what the system says
	Descriptors func(database string) (used, limit uint64) // of the process that has the database open; nil means what the system says
}

// Doctor checks a server.
type Doctor struct{ config Config }

// New returns a doctor.
func New(config Config) *Doctor {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.FreeSpace == nil {
		config.FreeSpace = sqlite.FreeSpace
	}
	if config.ReadOnly == nil {
		config.ReadOnly = sqlite.ReadOnly
	}
	if config.Descriptors == nil && config.Database != "" {
		config.Descriptors = descriptors
	}
	if config.Open == nil {
		config.Open = func(ctx context.Context) (store.Inspector, error) {
			return sqlite.OpenInspector(ctx, sqlite.Config{Path: config.Database, KeyFile: config.Key})
		}
	}
	return &Doctor{config}
}

// Groups returns the checks, grouped by what they cost, in the order of a report.
func (d *Doctor) Groups() []Group {
	return []Group{
		{Run: d.machine, Cheap: true, MinAge: 10 * time.Second, Interval: time.Minute},
		{Run: d.database, MinAge: 5 * time.Minute, Interval: 6 * time.Hour},
		{Run: d.network, MinAge: time.Minute, Interval: 15 * time.Minute},
	}
}

// Examine runs all checks in order.
func (d *Doctor) Examine(ctx context.Context) health.Report {
	var found []health.Finding
	for _, group := range d.Groups() {
		found = append(found, group.examine(ctx, d.config.Clock)...)
	}
	return health.NewReport(found)
}

// Group is checks that run together.
type Group struct {
	Run      func(context.Context) []health.Finding
	Cheap    bool          // a report waits for them
	MinAge   time.Duration // younger findings are not renewed
	Interval time.Duration // at which a Monitor renews them by itself
}

// examine runs the checks and dates what they found.
func (g Group) examine(ctx context.Context, clock func() time.Time) []health.Finding {
	found := g.Run(ctx)
	now := clock().UTC()
	for i := range found {
		found[i].CheckedAt = now
	}
	return found
}

func warning(check string, what, remedy message.Message) health.Finding {
	return health.Finding{Check: check, Status: health.Warning, Message: what, Remedy: remedy}
}

func problem(check string, what, remedy message.Message) health.Finding {
	return health.Finding{Check: check, Status: health.Problem, Message: what, Remedy: remedy}
}

// named returns a finding for each of several things, and one for the rest of very many.
func named(check string, all int, finding func(n int) health.Finding) (found []health.Finding) {
	for n := range min(all, maxNamed) {
		found = append(found, finding(n))
	}
	if all > maxNamed {
		found = append(found, health.Finding{Check: check, Status: found[0].Status, Message: message.New("health.more", all-maxNamed)})
	}
	return found
}

// join runs checks in order.
func join(ctx context.Context, checks ...func(context.Context) []health.Finding) []health.Finding {
	var found []health.Finding
	for _, check := range checks {
		found = slices.Concat(found, check(ctx))
	}
	return found
}
