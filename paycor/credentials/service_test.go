package credentials_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// patience is how long anything may take before a test gives up. It only
// decides how long a failure takes.
const patience = 5 * time.Minute

// bench is a manager over a real database, with a Paycor that answers as told.
type bench struct {
	*backend.Backend
	store  store.Store
	path   string // of the database
	paycor *answers
	clock  *testkit.Clock
}

func newBench(t *testing.T) *bench {
	t.Helper()
	directory := t.TempDir()
	opened, err := sqlite.Open(t.Context(), sqlite.Config{
		Path: filepath.Join(directory, "test.db"), KeyFile: filepath.Join(directory, "test.key"),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	b := &bench{store: opened, path: filepath.Join(directory, "test.db"), paycor: &answers{code: verdicts.CodeVerified}, clock: testkit.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	b.paycor.clock = b.clock
	b.Backend, err = backend.New(backend.Config{LastFlush: patience, Store: opened, Verify: b.paycor.ask, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})), Clock: b.clock.Now, MaxVerifications: 4})
	require.NoError(t, err)
	return b
}

// answers is a Paycor that gives one verdict and counts the questions.
type answers struct {
	mu        sync.Mutex
	code      verdicts.Code
	err       error
	questions []upstream.VerifyRequest
	before    func() // runs while Paycor is asked
	clock     *testkit.Clock
}

func (a *answers) ask(ctx context.Context, question upstream.VerifyRequest, _ upstream.TokenSource, _ paycor.Progress) (verdicts.Verdict, error) {
	a.mu.Lock()
	a.questions = append(a.questions, question)
	verdict, err, before := a.code.Verdict(), a.err, a.before
	a.mu.Unlock()
	if before != nil {
		before()
	}
	verdict.CheckedAt = a.clock.Now()
	if ctx.Err() != nil {
		return verdicts.Verdict{}, ctx.Err()
	}
	return verdict, err
}

func (a *answers) asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.questions)
}

func (a *answers) say(code verdicts.Code) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.code = code
}

func someone(rights ...paycor.Right) paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerPerson, ID: "ann", Name: "Ann", Workspace: "default", Rights: rights, From: "127.0.0.1", RequestID: "r1"}
}

func everyRight() paycor.Caller { return someone(paycor.AllRights()...) }

func draft() paycor.Draft {
	return paycor.Draft{
		Name: "Payroll import", Description: "Nightly, since March", Environment: "production",
		ClientID:        "0000000000000000aaaa",
		ClientSecret:    paycor.NewSecret("canary-secret/of+the+manager+test+00000001"),
		SubscriptionKey: paycor.NewSecret("0000000000000000000000000000cafe"),
		LegalEntityID:   "501123",
	}
}

func create(t *testing.T, service api.Service) paycor.Saved {
	t.Helper()
	saved, err := service.Create(t.Context(), draft(), paycor.CreateOptions{})
	require.NoError(t, err)
	return saved
}

// trail returns the whole audit trail of the default workspace, newest first.
func (b *bench) trail(t *testing.T) []audit.Entry {
	t.Helper()
	return trailOf(t, b.store)
}

func trailOf(t *testing.T, s store.Store) []audit.Entry {
	t.Helper()
	var entries []audit.Entry
	require.NoError(t, s.View(t.Context(), func(r store.Reader) (err error) {
		entries, _, err = r.SearchAudit("default", audit.Query{}, store.AuditScan{MaxScanned: 1 << 30, Limit: 1000})
		return err
	}))
	return entries
}

var errBrokenTrail = errors.New("the audit trail cannot be written")

// withBrokenTrail returns a manager over the same store, which cannot write
// the audit trail any more.
func (b *bench) withBrokenTrail(t *testing.T) *backend.Backend {
	t.Helper()
	broken, err := backend.New(backend.Config{LastFlush: patience, Store: brokenTrail{b.store}, Verify: b.paycor.ask, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})), Clock: b.clock.Now})
	require.NoError(t, err)
	return broken
}

type brokenTrail struct{ store.Store }

func (s brokenTrail) Update(ctx context.Context, write func(store.Tx) error) error {
	return s.Store.Update(ctx, func(tx store.Tx) error { return write(brokenTrailTx{tx}) })
}

type brokenTrailTx struct{ store.Tx }

func (brokenTrailTx) AppendAudit(audit.Entry) error { return errBrokenTrail }
