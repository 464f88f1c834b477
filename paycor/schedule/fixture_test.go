package schedule_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

const day = 24 * time.Hour

// fixture is a backend whose scheduler is under test. It records when it
// verified which credential, and its clock is set by the test.
type fixture struct {
	*env.Environment

	mu            sync.Mutex
	verifications []verified
	answer        func(environment string) verdicts.Code // nil means verified
}

// verified is one verification by Paycor.
type verified struct {
	at          time.Time
	environment string
	clientID    string
}

func newFixture(t *testing.T, interval time.Duration) *fixture {
	t.Helper()
	f := &fixture{}
	f.Environment = env.New(t)
	f.restart(t, interval)
	return f
}

// restart replaces the backend, as a new process over the same store.
func (f *fixture) restart(t *testing.T, interval time.Duration) {
	t.Helper()
	f.build(t, interval, f.verify)
}

func (f *fixture) build(t *testing.T, interval time.Duration, verify credentials.VerifyFunc) {
	t.Helper()
	f.Backend = f.NewBackend(t, f.Store, func(c *backend.Config) { c.Verify, c.VerifyEvery = verify, interval })
}

func (f *fixture) verify(_ context.Context, request upstream.VerifyRequest, _ upstream.TokenSource, _ paycor.Progress) (verdicts.Verdict, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	code := verdicts.CodeVerified
	f.verifications = append(f.verifications, verified{f.Clock.Now(), request.Environment.Name, request.Draft.ClientID})
	if f.answer != nil {
		code = f.answer(request.Environment.Name)
	}
	verdict := code.Verdict()
	verdict.CheckedAt = f.Clock.Now()
	return verdict, nil
}

// insert stores credentials without a verdict and returns their IDs.
func (f *fixture) insert(t *testing.T, count int, environments ...string) (ids []string) {
	t.Helper()
	require.NoError(t, f.Store.Update(t.Context(), func(tx store.Tx) error {
		for i := range count {
			c := paycor.Credential{
				ID: fmt.Sprintf("cred_%026d", i), ApplicationID: fmt.Sprintf("app_%026d", i), Name: fmt.Sprint("number ", i), Environment: environments[i%len(environments)],
				Grant: paycor.GrantClientCredentials, ClientID: fmt.Sprintf("%020d", i), LegalEntityID: 501123, Version: 1,
				CreatedAt: f.Clock.Now(), UpdatedAt: f.Clock.Now(),
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

// next calls Next, and waits for the verification that it started.
func (f *fixture) next(t *testing.T) (time.Duration, error) {
	t.Helper()
	defer f.Scheduler.Wait()
	return f.Scheduler.Next(t.Context())
}

// runFor calls Next for a span of the fixture's time.
func (f *fixture) runFor(t *testing.T, span time.Duration) {
	t.Helper()
	for end := f.Clock.Now().Add(span); f.Clock.Now().Before(end); {
		wait, err := f.next(t)
		require.NoError(t, err)
		require.Positive(t, wait)
		require.LessOrEqual(t, wait, time.Minute)
		f.Clock.Pass(wait)
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
	require.NoError(t, f.Store.View(t.Context(), func(r store.Reader) error {
		saved, err := r.Credential("default", id)
		f.Rechecks.CredentialRead(env.Key(id), saved.Verdict) // for the call
		return err
	}))
	f.Rechecks.CallEnded(successfulCall(id, f.Clock.Now()), f.Clock.Now())
}

func successfulCall(id string, at time.Time) usage.Call {
	return usage.Call{Caller: env.Administrator(), Credential: id, Environment: "production", At: at, Method: "GET", Status: 200, Tries: 1}
}
