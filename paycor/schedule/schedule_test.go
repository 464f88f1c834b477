package schedule_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// A shorter interval also applies to credentials that a longer one put off.
func TestShorterIntervalReplacesLateDueTimes(t *testing.T) {
	t.Parallel()
	const count = 40
	f := newFixture(t, 30*day)
	f.insert(t, count, "production")
	f.runFor(t, 2*time.Minute)
	f.reset()
	f.restart(t, time.Hour)
	f.runFor(t, time.Hour+time.Hour/2)
	assert.Len(t, f.byClient(), count)
	assert.LessOrEqual(t, f.maxWithin(10*time.Minute), 14, "spread over the interval")
}

// With 200 credentials and an interval of 4.8 hours, two verifications are at
// least 43.2 s apart, as with 1000 credentials and a day.
func TestManyCredentialsCauseNoBurst(t *testing.T) {
	t.Parallel()
	const (
		count    = 200
		interval = day / 5
		pace     = interval / (2 * count)
	)
	limit := func(span time.Duration) int { return int((span + pace - 1) / pace) }
	f := newFixture(t, interval)
	f.insert(t, count, "production", "sandbox")
	assertSpread := func() {
		t.Helper()
		assert.LessOrEqual(t, f.maxWithin(time.Minute), limit(time.Minute))
		assert.LessOrEqual(t, f.maxWithin(time.Hour), limit(time.Hour))
		for client, at := range f.byClient() {
			for i := 1; i < len(at); i++ {
				assert.GreaterOrEqual(t, at[i].Sub(at[i-1]), interval-interval/10, "%s is verified again too early", client)
			}
		}
		t.Logf("%d verifications, at most %d in a minute, %d in an hour", len(f.verifications), f.maxWithin(time.Minute), f.maxWithin(time.Hour))
	}

	f.runFor(t, interval+interval/2) // the last ones are due after an interval; a backlog of all takes half of one
	assert.Len(t, f.byClient(), count)
	assertSpread()

	f.restart(t, interval)
	f.runFor(t, interval/4)
	assertSpread() // a restart does not start over

	f.reset()
	f.Clock.Pass(30 * day) // after a long downtime all are overdue
	f.restart(t, interval)
	f.runFor(t, interval/2+time.Minute)
	assert.Len(t, f.byClient(), count, "the backlog takes half an interval")
	assertSpread()
}

func TestOutageCostsFewTimeouts(t *testing.T) {
	t.Parallel()
	const (
		count    = 60
		interval = day / 4
		outage   = interval + interval/4 // intervals are up to a tenth longer
	)
	f := newFixture(t, interval)
	f.insert(t, count, "production", "sandbox")
	f.runFor(t, interval+interval/2)
	require.Len(t, f.byClient(), count)
	down := true
	f.answer = func(environment string) verdicts.Code {
		if down && environment == "production" {
			return verdicts.CodeTimeout
		}
		return verdicts.CodeVerified
	}
	f.reset()
	f.runFor(t, outage)
	limit := 0 // the backoff doubles up to an hour
	for at, backoff := time.Duration(0), time.Minute; at < outage; at, backoff = at+backoff, min(2*backoff, time.Hour) {
		limit++
	}
	perEnvironment := map[string]int{}
	for _, v := range f.verifications {
		perEnvironment[v.environment]++
	}
	assert.LessOrEqual(t, perEnvironment["production"], limit)
	assert.GreaterOrEqual(t, perEnvironment["sandbox"], count/2, "the other environment continues")
	page, err := f.As(env.Administrator()).Credentials(t.Context(), paycor.Query{Limit: 200})
	require.NoError(t, err)
	for _, c := range page.Credentials {
		assert.Contains(t, []paycor.State{paycor.StateVerified, paycor.StateNotReachable}, c.State, "an outage rejects no credential")
	}

	down = false
	f.reset()
	f.runFor(t, outage)
	assert.Len(t, f.byClient(), count, "skipped verifications are made up for")
	assert.LessOrEqual(t, f.maxWithin(time.Minute), 2)
}

func TestRateLimitOfOneKeyDelaysNoOther(t *testing.T) {
	t.Parallel()
	f := newFixture(t, time.Hour)
	f.insert(t, 20, "production")
	f.answer = func(string) verdicts.Code { return verdicts.CodeQuota }
	f.runFor(t, 90*time.Minute)
	assert.Len(t, f.byClient(), 20)
}

func TestPeopleComeFirst(t *testing.T) {
	t.Parallel()
	f := newFixture(t, time.Hour)
	ids := f.insert(t, 5, "production")
	f.runFor(t, time.Minute)    // assigns due times
	f.Clock.Pass(2 * time.Hour) // all are due, including those that have been verified
	f.reset()
	release, entered := make(chan struct{}), make(chan struct{}, 3)
	f.build(t, time.Hour, func(ctx context.Context, q upstream.VerifyRequest, s upstream.TokenSource, p paycor.Progress) (verdicts.Verdict, error) {
		entered <- struct{}{}
		<-release
		return f.verify(ctx, q, s, p)
	})
	var group sync.WaitGroup
	for i := range 3 { // people take three of the four slots
		person := env.Administrator()
		person.ID = fmt.Sprint("person ", i)
		group.Go(func() {
			_, err := f.As(person).Verify(context.Background(), ids[i], nil)
			assert.NoError(t, err)
		})
		<-entered
	}
	wait, err := f.next(t)
	require.NoError(t, err)
	assert.Less(t, wait, time.Minute)
	assert.Empty(t, f.verifications, "the scheduler waits")
	close(release)
	group.Wait()
	for i := 0; i < 10 && len(f.verifications) == 3; i++ { // the next due one may have been verified by a person just now
		wait, err = f.next(t)
		require.NoError(t, err)
		f.Clock.Pass(wait)
	}
	assert.Len(t, f.verifications, 4)
}

func TestScheduledVerificationIsAuditedAndPublished(t *testing.T) {
	t.Parallel()
	f := newFixture(t, time.Hour)
	saved := env.Create(t, f.As(env.Administrator()))
	f.reset()
	changes := f.Changes(t.Context(), env.Administrator())
	f.runFor(t, 3*time.Hour)
	require.NotEmpty(t, f.verifications)
	assert.Equal(t, events.Change{ID: saved.ID, Action: audit.ActionVerify}, <-changes)
	entry := f.Trail(t)[0]
	assert.Equal(t, audit.ActionVerify, entry.Action)
	assert.Equal(t, paycor.CallerServer, entry.CallerKind)
	assert.Equal(t, saved.ID, entry.Credential)
}

func TestRecentlyVerifiedCredentialIsSkipped(t *testing.T) {
	t.Parallel()
	f := newFixture(t, time.Hour)
	saved := env.Create(t, f.As(env.Administrator()))
	for range 20 {
		f.runFor(t, 30*time.Minute)
		_, err := f.As(env.Administrator()).Verify(t.Context(), saved.ID, nil)
		require.NoError(t, err)
	}
	for _, entry := range f.Trail(t) {
		assert.False(t, entry.Action == audit.ActionVerify && entry.CallerKind == paycor.CallerServer, "a person verified it each time")
	}
}

func TestUnconfiguredEnvironmentIsSkipped(t *testing.T) {
	t.Parallel()
	f := newFixture(t, time.Hour)
	f.insert(t, 3, "removed")
	f.runFor(t, 5*time.Hour)
	assert.Empty(t, f.verifications)
}
