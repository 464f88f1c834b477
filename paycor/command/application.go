package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit/archive"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/egress"
	"paycorcred/paycor/embed/hosttoken"
	"paycorcred/paycor/health"
	"paycorcred/paycor/metrics"
	"paycorcred/paycor/notification/delivery"
	"paycorcred/paycor/proxy"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/usage"
	"paycorcred/web"
)

// tuning are the flags that adjust the backend.
type tuning struct {
	sessionLimits
	VerifyEvery time.Duration `help:"cli.help.verify-every" default:"24h"`
}

// application is the composition root: the backend, the store it runs on, and
// what the proxy and the HTTP server share with it.
type application struct {
	*backend.Backend
	store    store.Store
	database store.Database // the same
	metrics  *metrics.Metrics
	breakers *breaker.Registry // of the upstreams that the proxy calls
	calls    *atomic.Pointer[proxy.Proxy]
}

// opening says how a command opens the database.
type opening struct {
	environments []paycor.Environment
	tuning       tuning
	migrate      bool   // the command may change the schema
	serves       string // version of a program that serves; empty for other commands
	retention    archive.Retention
	egress       *egress.Rule                        // nil for a command that connects to no other server
	development  bool                                // the server is for trying things out on this machine
	health       func(context.Context) health.Report // nil without
	figures      figures
	notify       delivery.SenderConfig // how notifications are sent
}

// open opens the database and composes the application.
func (d data) open(ctx context.Context, options opening, terminal terminal) (application, error) {
	used, wrong := d.engine()
	if wrong != nil {
		return application{}, configurationError(wrong)
	}
	opened, err := used.open(ctx, options.migrate, options.serves, terminal.log)
	if err != nil {
		return application{}, err
	}
	environments, tuned := options.environments, options.tuning
	a := application{store: opened, database: opened, calls: &atomic.Pointer[proxy.Proxy]{}}
	a.breakers = breaker.NewRegistry(breaker.Config{Changed: func(change breaker.Change) {
		terminal.log.Warn("circuit breaker changed state", "environment", change.Environment, "consumer", change.Consumer, "credential", change.Credential, "state", change.State)
	}})
	names := make([]string, len(environments))
	for i, environment := range environments {
		names[i] = environment.Name
	}
	a.metrics = metrics.New(metrics.Config{
		Version: terminal.version, Environments: names, Breakers: a.breakers.States,
		PendingCalls: func() int64 { return a.Waiting() }, CallsAllowed: func() error { return a.Available() },
		ScheduleLag: func() time.Duration { return a.Scheduler.Lag() },
		Server: metrics.Server{
			Inventory: func() *store.Inventory { return a.Inventory() }, Streams: func() int { return a.Streams() }, Replicas: a.servers(), Sizes: func() metrics.Sizes { return used.sizes(opened) },
			Findings: options.figures.findings, Backup: options.figures.backup, Certificate: options.figures.certificate, AuditStream: options.figures.auditStream,
		},
	})
	client := upstream.New(upstream.Config{Transport: upstream.NewTransport(options.egress), Logger: terminal.log, CountCall: a.countOwn})
	a.Backend, err = backend.New(backend.Config{
		Store: opened, Logger: terminal.log, Embed: hosttoken.Config{Egress: options.egress, Loopback: options.development},
		Environments: environments, Verify: client.Verify, TokenClient: tokens.NewClient(client), ProbeAccess: client.DataAccess,
		SessionIdle: tuned.SessionIdle, SessionLifetime: tuned.SessionLifetime, VerifyEvery: tuned.VerifyEvery,
		Notify: options.notify, Languages: hasLanguage,
		AuditRetention: options.retention, PausedUntil: a.breakers.OpenUntil, Health: options.health, Findings: options.figures.findings,
		OnExchange: a.metrics.ObserveExchange, OnVerification: a.metrics.ObserveVerification,
	})
	if err != nil {
		return application{}, errors.Join(err, opened.Close())
	}
	return a, nil
}

// servers returns what counts the servers on the database, or nil if there can be one only.
func (a application) servers() func() int {
	if messenger, is := a.store.(store.Messenger); is {
		return messenger.Replicas
	}
	return nil
}

// countOwn counts a call that a verification makes. Only a server with a proxy limits
// calls.
func (a application) countOwn(key paycor.Secret) (wait time.Duration) {
	if calls := a.calls.Load(); calls != nil {
		return calls.CountOwn(key)
	}
	return 0
}

// observeCall counts a finished call to Paycor, for usage and for metrics.
func (a application) observeCall(call usage.Call) {
	a.CallFinished(call)
	a.metrics.ObserveCall(call)
}

func (a application) observeRequest(stats web.RequestStats) {
	a.metrics.ObserveRequest(stats.Route, stats.Method, stats.Status, stats.Duration)
}

// readMetrics returns the handler that serves the metrics, or why the caller may
// not read them.
func (a application) readMetrics(ctx context.Context, caller paycor.Caller) (http.Handler, error) {
	return a.metrics.Handler(), a.AuthorizeMetrics(ctx, caller)
}

// printSignInLink creates and prints a one-time sign-in link.
func (a application) printSignInLink(ctx context.Context, out io.Writer, address string) error {
	code, expires, err := a.CreateLink(ctx)
	if err != nil {
		return fmt.Errorf("making a sign-in link: %w", err)
	}
	fmt.Fprintf(out, "%s\n\n  %s/sign-in?code=%s\n\n",
		say("cli.signin-link", expires.Local().Format("15:04")), address, url.QueryEscape(code.Reveal()))
	return nil
}
