package schedule_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// slowPaycor holds verifications until the test releases them.
type slowPaycor struct {
	mu      sync.Mutex
	running map[string]int // by Client ID
	most    map[string]int
	entered chan string
	release chan struct{}
}

func newSlowPaycor() *slowPaycor {
	return &slowPaycor{running: map[string]int{}, most: map[string]int{}, entered: make(chan string, 100), release: make(chan struct{})}
}

// slowly returns a verification that waits before it does what another does.
func (p *slowPaycor) slowly(f *fixture) func(context.Context, upstream.VerifyRequest, upstream.TokenSource, paycor.Progress) (verdicts.Verdict, error) {
	return func(ctx context.Context, q upstream.VerifyRequest, s upstream.TokenSource, progress paycor.Progress) (verdicts.Verdict, error) {
		client := q.Draft.ClientID
		p.mu.Lock()
		p.running[client]++
		p.most[client] = max(p.most[client], p.running[client])
		p.mu.Unlock()
		p.entered <- client
		<-p.release
		p.mu.Lock()
		p.running[client]--
		p.mu.Unlock()
		return f.verify(ctx, q, s, progress)
	}
}

// startDue calls Next for a span of the fixture's time, without waiting for what it
// starts, and returns how many verifications run.
func (f *fixture) startDue(t *testing.T, span time.Duration, p *slowPaycor) (clients []string) {
	t.Helper()
	for end := f.Clock.Now().Add(span); f.Clock.Now().Before(end); {
		before := f.Scheduler.Inflight()
		wait, err := f.Scheduler.Next(t.Context())
		require.NoError(t, err)
		if f.Scheduler.Inflight() > before {
			clients = append(clients, <-p.entered)
		}
		f.Clock.Pass(wait)
	}
	return clients
}

// While Paycor is slow, several verifications run at once, of as many applications as
// possible.
func TestSeveralVerificationsRunAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, time.Hour)
	f.insert(t, 40, "production")
	require.NoError(t, f.Store.Update(t.Context(), func(tx store.Tx) error { // half of them belong to one application
		for i := range 20 {
			c, err := tx.Credential("default", fmt.Sprintf("cred_%026d", i))
			if err != nil {
				return err
			}
			c.ClientID = strings.Repeat("f", 20)
			if err := tx.UpdateCredential("default", c, c.Version, nil); err != nil {
				return err
			}
		}
		return nil
	}))
	p := newSlowPaycor()
	f.Backend = f.NewBackend(t, f.Store, func(c *backend.Config) { c.Verify, c.VerifyEvery, c.MaxVerifications = p.slowly(f), time.Hour, 64 })
	_, err := f.next(t) // assigns due times
	require.NoError(t, err)
	f.Clock.Pass(3 * time.Hour)
	clients := f.startDue(t, 30*time.Minute, p)
	assert.Len(t, clients, 16, "at once")
	assert.Equal(t, 2, p.most[strings.Repeat("f", 20)], "of one application")
	close(p.release)
	f.Scheduler.Wait()
	f.runFor(t, 2*time.Hour)
	assert.Len(t, f.byClient(), 21)
}

// An outage that begins while several verifications run is one outage: it does not
// double the backoff for each of them, and its end is tried with one verification.
func TestOutageOfSeveralVerificationsIsOne(t *testing.T) {
	t.Parallel()
	f := newFixture(t, time.Hour)
	f.insert(t, 40, "production")
	p := newSlowPaycor()
	f.answer = func(string) verdicts.Code { return verdicts.CodeTimeout }
	f.Backend = f.NewBackend(t, f.Store, func(c *backend.Config) { c.Verify, c.VerifyEvery, c.MaxVerifications = p.slowly(f), time.Hour, 64 })
	_, err := f.next(t)
	require.NoError(t, err)
	f.Clock.Pass(3 * time.Hour)
	require.Len(t, f.startDue(t, 5*time.Minute, p), 7)
	close(p.release)
	f.Scheduler.Wait()

	p.release = make(chan struct{})
	assert.Empty(t, f.startDue(t, 50*time.Second, p), "it backs off")
	assert.Len(t, f.startDue(t, 5*time.Minute, p), 1, "after a minute, one tries")
	close(p.release)
	f.Scheduler.Wait()
}

// The lag grows while nothing can be verified, and is logged once.
func TestLagIsMeasuredAndLogged(t *testing.T) {
	t.Parallel()
	var log testkit.Log
	f := newFixture(t, time.Hour)
	f.insert(t, 10, "production")
	f.Backend = f.NewBackend(t, f.Store, func(c *backend.Config) {
		c.Verify, c.VerifyEvery, c.Logger = f.verify, time.Hour, slog.New(slog.NewTextHandler(&log, nil))
	})
	assert.Zero(t, f.Scheduler.Lag())
	f.runFor(t, 3*time.Hour)
	assert.Less(t, f.Scheduler.Lag(), 2*time.Minute)
	assert.NotContains(t, log.String(), "behind")

	f.Clock.Pass(2 * time.Hour) // the server hangs
	assert.Greater(t, f.Scheduler.Lag(), 100*time.Minute)
	f.runFor(t, time.Minute)
	assert.Greater(t, f.Scheduler.Lag(), time.Hour/2)
	f.runFor(t, 3*time.Hour)
	assert.Less(t, f.Scheduler.Lag(), 2*time.Minute)
	assert.Equal(t, 1, strings.Count(log.String(), "scheduled verification is behind"))
	assert.Equal(t, 1, strings.Count(log.String(), "scheduled verification has caught up"))
}

// A clock that was a year ahead for an hour leaves no credential without its
// verification for a year.
func TestClockThatJumpsDelaysNoVerification(t *testing.T) {
	t.Parallel()
	f := newFixture(t, time.Hour)
	f.insert(t, 10, "production", "sandbox")
	f.runFor(t, 2*time.Hour)
	f.Clock.Pass(365 * day)
	f.answer = func(environment string) verdicts.Code {
		if environment == "sandbox" {
			return verdicts.CodeTimeout
		}
		return verdicts.CodeVerified
	}
	f.runFor(t, time.Hour)
	f.answer = nil
	f.Clock.Pass(-365 * day)
	f.reset()
	f.runFor(t, 2*time.Hour)
	assert.Len(t, f.byClient(), 10)
}

// interruptedStore lets something happen before its first update.
type interruptedStore struct {
	store.Store
	before func()
}

func (s *interruptedStore) Update(ctx context.Context, write func(store.Tx) error) error {
	if before := s.before; before != nil {
		s.before = nil
		before()
	}
	return s.Store.Update(ctx, write)
}

// Of two servers that find the same credential due, one verifies it.
func TestServersVerifyEachCredentialOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, time.Hour)
	f.insert(t, 1, "production")
	_, err := f.next(t)
	require.NoError(t, err)
	f.Clock.Pass(time.Hour)

	p := newSlowPaycor()
	f.build(t, time.Hour, p.slowly(f))
	over := &interruptedStore{Store: f.Store, before: func() {
		_, err := f.Scheduler.Next(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, 1, f.Scheduler.Inflight())
	}}
	other := f.NewBackend(t, over, func(c *backend.Config) { c.Verify, c.VerifyEvery = f.verify, time.Hour })
	_, err = other.Scheduler.Next(t.Context())
	require.NoError(t, err)
	other.Scheduler.Wait()
	assert.Nil(t, over.before)
	assert.Empty(t, f.verifications)
	close(p.release)
	f.Scheduler.Wait()
	assert.Len(t, f.verifications, 1)
}
