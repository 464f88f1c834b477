package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/metrics"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/usage"
	"paycorcred/web"
)

// databaseName is the database's file in the data directory.
const databaseName = "paycorcred.db"

// tuning are the flags that adjust the backend.
type tuning struct {
	sessionLimits
	VerifyEvery time.Duration `help:"${help_verify_every}" default:"24h"`
}

type data struct {
	Data string `help:"${help_data}" default:"paycorcred-data" placeholder:"DIR"`
}

// keeper is a backend with the store it runs on.
type keeper struct {
	*backend.Backend
	store    store.Store
	metrics  *metrics.Metrics
	breakers *breaker.Registry // of the upstreams that the proxy calls
}

func (d data) wrong() []string {
	if info, err := os.Stat(d.Data); err == nil && !info.IsDir() {
		return []string{say("cli.data-file", d.Data)}
	}
	return nil
}

// absolute is the directory as it can be found from anywhere.
func (d data) absolute() string {
	if path, err := filepath.Abs(d.Data); err == nil {
		return path
	}
	return d.Data
}

func (d data) open(ctx context.Context, environments []paycor.Environment, tuned tuning, terminal terminal) (keeper, error) {
	opened, err := sqlite.Open(ctx, sqlite.Config{
		Path: filepath.Join(d.Data, databaseName), KeyFile: filepath.Join(d.Data, "paycorcred.key"), Logger: terminal.log,
	})
	if err != nil {
		return keeper{}, err
	}
	client, k := upstream.New(upstream.Config{Logger: terminal.log}), keeper{store: opened}
	names := make([]string, len(environments))
	for i, environment := range environments {
		names[i] = environment.Name
	}
	k.breakers = breaker.NewRegistry(breaker.Config{Changed: func(change breaker.Change) {
		terminal.log.Warn("calls to Paycor: the circuit breaker changed", "environment", change.Environment, "credential", change.Credential, "state", change.State)
	}})
	k.metrics = metrics.New(metrics.Config{
		Version: terminal.version, Environments: names, Breakers: k.breakers.States,
		PendingCalls: func() int64 { return k.Waiting() }, CallsAllowed: func() error { return k.Available() },
	})
	k.Backend, err = backend.New(backend.Config{
		Store: opened, Logger: terminal.log,
		Environments: environments, Verify: client.Verify, TokenClient: tokens.NewClient(client), ProbeAccess: client.DataAccess,
		SessionIdle: tuned.SessionIdle, SessionLifetime: tuned.SessionLifetime, VerifyEvery: tuned.VerifyEvery,
		PausedUntil: k.breakers.OpenUntil,
		OnExchange:  k.metrics.ObserveExchange, OnVerification: k.metrics.ObserveVerification,
	})
	if err != nil {
		return keeper{}, errors.Join(err, opened.Close())
	}
	return k, nil
}

// used counts a call to Paycor: for the trail, and for the metrics.
func (k keeper) used(use usage.Call) {
	k.CallFinished(use)
	k.metrics.ObserveCall(use)
}

func (k keeper) observeRequest(stats web.RequestStats) {
	k.metrics.ObserveRequest(stats.Route, stats.Method, stats.Status, stats.Duration)
}

func (k keeper) readMetrics(ctx context.Context, caller paycor.Caller) (http.Handler, error) {
	return k.metrics.Handler(), k.AuthorizeMetrics(ctx, caller)
}

// invite prints a one-time sign-in link.
func (k keeper) invite(ctx context.Context, out io.Writer, address string) error {
	code, expires, err := k.CreateLink(ctx)
	if err != nil {
		return fmt.Errorf("making a sign-in link: %w", err)
	}
	fmt.Fprintf(out, "%s\n\n  %s/sign-in?code=%s\n\n",
		say("cli.signin-link", expires.Local().Format("15:04")), address, url.QueryEscape(code.Reveal()))
	return nil
}

// existing opens the data of a server that has run before.
func (d data) existing(ctx context.Context, terminal terminal, do func(keeper) error) error {
	if wrong := d.wrong(); wrong != nil {
		return configurationError(wrong)
	}
	if _, err := os.Stat(filepath.Join(d.Data, databaseName)); errors.Is(err, os.ErrNotExist) {
		return configurationError{say("cli.no-data", d.Data)}
	}
	keeper, err := d.open(ctx, nil, tuning{}, terminal)
	if err != nil {
		return err
	}
	defer keeper.store.Close()
	return do(keeper)
}
