// Package env is the test environment: the whole backend over a database in a
// temporary directory, with a clock that the test controls and a stub of Paycor
// whose verdicts the test sets. Package paycortest simulates Paycor itself.
package env

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// Timeout is how long a test waits before it fails.
const Timeout = 5 * time.Minute

// Environment is a backend for one test.
type Environment struct {
	*backend.Backend
	Store  store.Store
	Path   string // of the database, and of its key but for the extension
	URL    string // of the database; empty for SQLite
	Paycor *Verifier
	Clock  *testkit.Clock
}

// New returns an environment whose clock is at noon of March 1, 2026, UTC. change
// adjusts the backend's configuration.
func New(t testing.TB, change ...func(*backend.Config)) *Environment {
	t.Helper()
	e := &Environment{
		Path:  filepath.Join(t.TempDir(), "test.db"),
		Clock: testkit.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)),
	}
	e.URL = newDatabase(t, e.keyFile())
	e.Store = e.OpenStore(t)
	e.Paycor = &Verifier{code: verdicts.CodeVerified, now: e.Clock.Now}
	e.Backend = e.NewBackend(t, e.Store, change...)
	return e
}

// OpenStore opens the database a second time, as another process does. It
// closes with the test.
func (e *Environment) OpenStore(t testing.TB) store.Store {
	t.Helper()
	var opened store.Store
	var err error
	if e.URL == "" {
		opened, err = sqlite.Open(context.Background(), sqlite.Config{Path: e.Path, KeyFile: e.keyFile()})
	} else {
		opened, err = postgres.Open(context.Background(), postgres.Config{URL: e.URL, KeyFile: e.keyFile(), Readers: 4})
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	return opened
}

func (e *Environment) keyFile() string { return filepath.Join(filepath.Dir(e.Path), "test.key") }

// NewBackend returns another backend over a store, with the environment's clock
// and Paycor.
func (e *Environment) NewBackend(t testing.TB, over store.Store, change ...func(*backend.Config)) *backend.Backend {
	t.Helper()
	config := backend.Config{
		Store: over, Verify: e.Paycor.Verify, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})),
		Clock: e.Clock.Now, LastFlush: Timeout, MaxVerifications: 4,
	}
	for _, c := range change {
		c(&config)
	}
	made, err := backend.New(config)
	require.NoError(t, err)
	return made
}

// Trail returns the audit trail of the default workspace, newest entry first.
func (e *Environment) Trail(t testing.TB) []audit.Entry { return Trail(t, e.Store) }

// Trail returns the audit trail of the default workspace, newest entry first.
func Trail(t testing.TB, from store.Store) []audit.Entry {
	t.Helper()
	var entries []audit.Entry
	require.NoError(t, from.View(context.Background(), func(r store.Reader) (err error) {
		entries, _, err = r.SearchAudit(paycor.DefaultWorkspace, audit.Query{}, store.AuditScan{MaxScanned: 1 << 30, Limit: 1000})
		return err
	}))
	return entries
}

// Person returns a person of the default workspace with some rights.
func Person(rights ...paycor.Right) paycor.Caller {
	return paycor.Caller{
		Kind: paycor.CallerPerson, ID: "ann", Name: "Ann", Workspace: paycor.DefaultWorkspace, Rights: rights,
		From: "127.0.0.1", RequestID: "r1",
	}
}

// Administrator returns the same person with every right.
func Administrator() paycor.Caller { return Person(paycor.AllRights()...) }

// Program returns a consumer that may use every credential of the default
// workspace.
func Program(id string) paycor.Caller {
	return paycor.Caller{
		Kind: paycor.CallerConsumer, ID: id, Name: "Name of " + id, Workspace: paycor.DefaultWorkspace,
		Rights: paycor.Rights{paycor.RightUse}, From: "192.0.2.7",
	}
}

// Draft returns a valid draft.
func Draft() paycor.Draft {
	return paycor.Draft{
		Name: "Payroll import", Description: "Nightly, since March", Environment: "production",
		ClientID:        "0000000000000000aaaa",
		ClientSecret:    paycor.NewSecret("canary-secret/of+the+manager+test+00000001"),
		SubscriptionKey: paycor.NewSecret("0000000000000000000000000000cafe"),
		LegalEntityID:   "501123",
	}
}

// Create saves Draft.
func Create(t testing.TB, service api.Service) paycor.Saved {
	t.Helper()
	saved, err := service.Create(context.Background(), Draft(), paycor.CreateOptions{})
	require.NoError(t, err)
	return saved
}
