package schedule_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/schedule"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

const day = 24 * time.Hour

// fixture is a scheduler over a real database. A fake Paycor answers
// verifications, and a fixed clock moves only with the test.
type fixture struct {
	*backend.Backend
	*schedule.Scheduler
	queue *schedule.Queue
	store store.Store
	clock *testkit.Clock

	mu            sync.Mutex
	verifications []verified
	answer        func(environment string) verdicts.Code // nil means verified
}

// verified is one verification that Paycor was asked for.
type verified struct {
	at          time.Time
	environment string
	clientID    string
}

func newFixture(t *testing.T, interval time.Duration) *fixture {
	t.Helper()
	f := &fixture{store: openStore(t, t.TempDir()), clock: testkit.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	f.restart(t, interval)
	return f
}

func openStore(t *testing.T, directory string) store.Store {
	t.Helper()
	opened, err := sqlite.Open(t.Context(), sqlite.Config{
		Path: filepath.Join(directory, "test.db"), KeyFile: filepath.Join(directory, "test.key"),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	return opened
}

// restart replaces scheduler and queue, as a new process over the same store.
func (f *fixture) restart(t *testing.T, interval time.Duration) {
	t.Helper()
	f.build(t, interval, f.verify)
}

func (f *fixture) build(t *testing.T, interval time.Duration, verify credentials.VerifyFunc) {
	t.Helper()
	var err error
	f.Backend, err = backend.New(backend.Config{
		Store: f.store, Verify: verify, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})), Clock: f.clock.Now,
		MaxVerifications: 4, VerifyEvery: interval,
	})
	require.NoError(t, err)
	f.Scheduler, f.queue = f.Backend.Scheduler, f.Backend.Rechecks
}

func (f *fixture) verify(_ context.Context, question upstream.VerifyRequest, _ upstream.TokenSource, _ paycor.Progress) (verdicts.Verdict, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	code := verdicts.CodeVerified
	f.verifications = append(f.verifications, verified{f.clock.Now(), question.Environment.Name, question.Draft.ClientID})
	if f.answer != nil {
		code = f.answer(question.Environment.Name)
	}
	verdict := code.Verdict()
	verdict.CheckedAt = f.clock.Now()
	return verdict, nil
}

// insert stores credentials without a verdict and returns their IDs.
func (f *fixture) insert(t *testing.T, count int, environments ...string) (ids []string) {
	t.Helper()
	require.NoError(t, f.store.Update(t.Context(), func(tx store.Tx) error {
		for i := range count {
			c := paycor.Credential{
				ID: fmt.Sprintf("cred_%026d", i), Name: fmt.Sprint("number ", i), Environment: environments[i%len(environments)],
				Grant: paycor.GrantClientCredentials, ClientID: fmt.Sprintf("%020d", i), LegalEntityID: 501123, Version: 1,
				CreatedAt: f.clock.Now(), UpdatedAt: f.clock.Now(),
			}
			ids = append(ids, c.ID)
			secrets := store.Secrets{fields.ClientSecret: paycor.NewSecret("s"), fields.SubscriptionKey: paycor.NewSecret("k")}
			if err := tx.InsertCredential("default", c, secrets); err != nil {
				return err
			}
		}
		return nil
	}))
	return ids
}

// runFor calls Next for a span of the fixture's time.
func (f *fixture) runFor(t *testing.T, span time.Duration) {
	t.Helper()
	for end := f.clock.Now().Add(span); f.clock.Now().Before(end); {
		wait, err := f.Next(t.Context())
		require.NoError(t, err)
		require.Positive(t, wait)
		require.LessOrEqual(t, wait, time.Minute)
		f.clock.Pass(wait)
	}
}

// reset forgets the verifications so far.
func (f *fixture) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.verifications = nil
}

// maxWithin returns the largest number of verifications within any span.
func (f *fixture) maxWithin(span time.Duration) int {
	most := 0
	for i := range f.verifications {
		count := 0
		for _, other := range f.verifications[i:] {
			if other.at.Sub(f.verifications[i].at) < span {
				count++
			}
		}
		most = max(most, count)
	}
	return most
}

// byClient returns when each credential was verified, in order.
func (f *fixture) byClient() map[string][]time.Time {
	times := map[string][]time.Time{}
	for _, v := range f.verifications {
		times[v.clientID] = append(times[v.clientID], v.at)
	}
	return times
}

// succeed reports a successful call through a credential.
func (f *fixture) succeed(t *testing.T, id string) {
	t.Helper()
	_, err := f.TokenSource().State(t.Context(), keyOf(id)) // reads the credential for the call
	require.NoError(t, err)
	f.queue.CallEnded(successfulCall(id, f.clock.Now()), f.clock.Now())
}

func successfulCall(id string, at time.Time) usage.Call {
	return usage.Call{Caller: admin(), Credential: id, Environment: "production", At: at, Method: "GET", Status: 200, Tries: 1}
}

func (f *fixture) create(t *testing.T) paycor.Credential {
	t.Helper()
	saved, err := f.As(admin()).Create(t.Context(), paycor.Draft{
		Name: "Payroll import", Environment: "production", ClientID: "0000000000000000aaaa",
		ClientSecret:    paycor.NewSecret("canary-secret/of+the+schedule+test+0000001"),
		SubscriptionKey: paycor.NewSecret("0000000000000000000000000000cafe"), LegalEntityID: "501123",
	}, paycor.CreateOptions{})
	require.NoError(t, err)
	return saved.Credential
}

func (f *fixture) auditTrail(t *testing.T) []audit.Entry { return auditTrail(t, f.store) }

// auditTrail returns all entries of the default workspace, newest first.
func auditTrail(t *testing.T, s store.Store) []audit.Entry {
	t.Helper()
	var entries []audit.Entry
	require.NoError(t, s.View(t.Context(), func(r store.Reader) (err error) {
		entries, err = r.AuditEntries("default", store.AuditQuery{Limit: 1000})
		return err
	}))
	return entries
}

func admin() paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerPerson, ID: "ann", Name: "Ann", Workspace: "default", Rights: paycor.AllRights()}
}

func keyOf(id string) tokens.Key { return tokens.Key{Workspace: "default", Credential: id} }
