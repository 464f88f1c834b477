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
	"sync/atomic"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/metrics"
	"paycorcred/paycor/proxy"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/web"
)

// databaseName is the database's file in the data directory.
const databaseName = "paycorcred.db"

// tuning is how a manager behaves.
type tuning struct {
	credentials.Limits
	VerifyEvery time.Duration `help:"How often the server verifies each credential by schedule, such as 12h. 0 means never." default:"24h"`
}

type data struct {
	Data string `help:"Directory of the database and its key." default:"paycorcred-data" placeholder:"DIR"`
}

// keeper is a manager with the store it was made of.
type keeper struct {
	*credentials.Manager
	store   store.Store
	metrics *metrics.Metrics
	calls   *atomic.Pointer[proxy.Proxy] // nil as long as there is none
}

// breakers returns the state of each environment's circuit breaker.
func (k keeper) breakers() map[string]string {
	states := map[string]string{}
	if calls := k.calls.Load(); calls != nil {
		for _, breaker := range calls.Breakers() {
			states[breaker.Environment] = breaker.State
		}
	}
	return states
}

func (k keeper) pausedUntil(workspace, credential string) time.Time {
	if calls := k.calls.Load(); calls != nil {
		return calls.PausedUntil(workspace, credential)
	}
	return time.Time{}
}

func (d data) wrong() []string {
	if info, err := os.Stat(d.Data); err == nil && !info.IsDir() {
		return []string{fmt.Sprintf("--data %q is a file; name a directory", d.Data)}
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
	opened, err := store.OpenSQLite(ctx, store.SQLiteConfig{
		Path: filepath.Join(d.Data, databaseName), KeyFile: filepath.Join(d.Data, "paycorcred.key"), Logger: terminal.log,
	})
	if err != nil {
		return keeper{}, err
	}
	client, k := upstream.New(upstream.Config{Logger: terminal.log}), keeper{store: opened, calls: &atomic.Pointer[proxy.Proxy]{}}
	names := make([]string, len(environments))
	for i, environment := range environments {
		names[i] = environment.Name
	}
	k.metrics = metrics.New(metrics.Config{
		Version: terminal.version, Environments: names, Breakers: k.breakers,
		Waiting: func() int64 { return k.Waiting() }, Countable: func() error { return k.Countable() },
	})
	k.Manager, err = credentials.New(credentials.Config{
		Store: opened, Environments: environments, Verify: client.Verify, TokenClient: tokens.NewClient(client), Look: client.DataAccess, Logger: terminal.log, VerifyEvery: tuned.VerifyEvery,
		SessionIdle: tuned.SessionIdle, SessionLimit: tuned.SessionLifetime,
		PausedUntil: k.pausedUntil,
		OnExchange:  k.metrics.Exchanged, OnVerification: k.metrics.Verified,
	})
	if err != nil {
		return keeper{}, errors.Join(err, opened.Close())
	}
	return k, nil
}

// used counts a call to Paycor: for the trail, and for the metrics.
func (k keeper) used(use paycor.Use) {
	k.Used(use)
	k.metrics.Used(use)
}

func (k keeper) visited(visited web.Visited) {
	k.metrics.Request(visited.Route, visited.Method, visited.Status, visited.Took)
}

func (k keeper) readMetrics(ctx context.Context, caller paycor.Caller) (http.Handler, error) {
	return k.metrics.Handler(), k.Observe(ctx, caller)
}

// invite prints a one-time sign-in link.
func (k keeper) invite(ctx context.Context, out io.Writer, address string) error {
	code, expires, err := k.SignInCode(ctx)
	if err != nil {
		return fmt.Errorf("making a sign-in link: %w", err)
	}
	fmt.Fprintf(out, "Open this link to sign in. It works once, until %s:\n\n  %s/sign-in?code=%s\n\n",
		expires.Local().Format("15:04"), address, url.QueryEscape(code.Reveal()))
	return nil
}

// existing opens the data of a server that has run before.
func (d data) existing(ctx context.Context, terminal terminal, do func(keeper) error) error {
	if wrong := d.wrong(); wrong != nil {
		return configurationError(wrong)
	}
	if _, err := os.Stat(filepath.Join(d.Data, databaseName)); errors.Is(err, os.ErrNotExist) {
		return configurationError{fmt.Sprintf("--data %q is not where a server keeps its data; name the directory that the server was started with", d.Data)}
	}
	keeper, err := d.open(ctx, nil, tuning{}, terminal)
	if err != nil {
		return err
	}
	defer keeper.store.Close()
	return do(keeper)
}
