package breaker_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/breaker"
)

// report makes calls that the breaker allows and reports the outcomes.
func report(t *testing.T, b *breaker.Breaker, n int, outcome error) {
	t.Helper()
	reportOf(t, b, "consumer", n, outcome)
}

func reportOf(t *testing.T, b *breaker.Breaker, consumer string, n int, outcome error) {
	t.Helper()
	for range n {
		done, err := b.Allow(consumer, "cred_1")
		require.NoError(t, err, consumer)
		done(outcome)
	}
}

func state(r *breaker.Registry) breaker.State { return r.Environments()[0].State }

func TestOpensAndCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changes []breaker.Change
		r := breaker.NewRegistry(breaker.Config{Changed: func(change breaker.Change) { changes = append(changes, change) }})
		b := r.Add("production")
		assert.Equal(t, []breaker.Status{{Environment: "production", State: breaker.Closed}}, r.Environments())

		report(t, b, 7, breaker.ErrFailed)
		report(t, b, 100, breaker.ErrCanceled) // neither failures nor successes
		assert.Equal(t, breaker.Closed, state(r))
		report(t, b, 1, breaker.ErrFailed)
		now := time.Now().UTC()
		assert.Equal(t, []breaker.Status{{"production", breaker.Open, now, now.Add(breaker.DefaultCooldown)}}, r.Environments())
		assert.Equal(t, map[string]string{"production": "open"}, r.States())
		_, err := b.Allow("consumer", "cred_1")
		require.Error(t, err)

		time.Sleep(breaker.DefaultCooldown + time.Millisecond)
		assert.Equal(t, breaker.HalfOpen, state(r))
		assert.Zero(t, r.Environments()[0].Until)
		report(t, b, 3, nil)
		assert.Equal(t, breaker.Closed, state(r))
		assert.Equal(t, []breaker.Change{
			{"production", "consumer", "cred_1", breaker.Open}, {"production", "consumer", "cred_1", breaker.HalfOpen},
			{"production", "consumer", "cred_1", breaker.Closed},
		}, changes)
	})
}

func TestFailureRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := breaker.NewRegistry(breaker.Config{})
		b := r.Add("production")
		for range 9 {
			report(t, b, 1, breaker.ErrFailed)
			report(t, b, 1, nil)
		}
		report(t, b, 1, nil)
		assert.Equal(t, breaker.Closed, state(r))
		report(t, b, 1, breaker.ErrFailed)
		assert.Equal(t, breaker.Open, state(r), "10 of 20 calls failed")
	})
}

// A failed probe opens the breaker again; probes beyond the limit are rejected.
func TestProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := breaker.NewRegistry(breaker.Config{Cooldown: time.Second})
		b := r.Add("production")
		report(t, b, 8, breaker.ErrFailed)
		time.Sleep(time.Second + time.Millisecond)
		var probes []func(error)
		for range 3 {
			done, err := b.Allow("consumer", "cred_1")
			require.NoError(t, err)
			probes = append(probes, done)
		}
		_, err := b.Allow("consumer", "cred_1")
		require.Error(t, err, "three probes are enough")

		time.Sleep(time.Second + time.Millisecond)
		done, err := b.Allow("consumer", "cred_1")
		require.NoError(t, err, "slow probes give up their places")
		done(breaker.ErrCanceled)
		for _, probe := range probes {
			probe(nil)
		}
		assert.Equal(t, breaker.Closed, state(r), "slow probes still count")
	})
}

func TestCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := breaker.NewRegistry(breaker.Config{})
		failing, healthy, sandbox := r.Add("production"), r.Add("production"), r.Add("sandbox")
		r.Bind("w", "cred_1", failing)
		r.Bind("w", "cred_2", healthy)
		r.Bind("w", "cred_3", failing)
		report(t, failing, 8, breaker.ErrFailed)
		report(t, healthy, 8, nil)
		report(t, sandbox, 1, breaker.ErrFailed)
		assert.Equal(t, map[string]string{"production": "open", "sandbox": "closed"}, r.States())
		until := time.Now().UTC().Add(breaker.DefaultCooldown)
		assert.Equal(t, until, r.OpenUntil("w", "cred_1"))
		assert.Zero(t, r.OpenUntil("w", "cred_2"))
		assert.Equal(t, until, r.OpenUntil("w", "cred_3"))
		assert.Zero(t, r.OpenUntil("other", "cred_1"))

		r.Unbind("w", "cred_3")
		assert.Zero(t, r.OpenUntil("w", "cred_3"))
		r.Bind("w", "cred_1", healthy)
		assert.Zero(t, r.OpenUntil("w", "cred_1"), "it has another subscription key now")
		r.Bind("w", "cred_1", failing)
		r.Remove(failing)
		assert.Zero(t, r.OpenUntil("w", "cred_1"))
		assert.Equal(t, map[string]string{"production": "closed", "sandbox": "closed"}, r.States())
	})
}

// A consumer whose calls fail stops itself, and nobody else.
func TestConsumerStopsItselfFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := breaker.NewRegistry(breaker.Config{})
		b := r.Add("production")
		reportOf(t, b, "modest", 1, nil)
		reportOf(t, b, "slow reports", 8, breaker.ErrFailed)
		_, err := b.Allow("slow reports", "cred_1")
		require.ErrorIs(t, err, breaker.ErrConsumerFailing)
		assert.Equal(t, breaker.Closed, state(r))
		reportOf(t, b, "modest", 1, nil)

		time.Sleep(31 * time.Second) // no call has succeeded lately
		reportOf(t, b, "slow reports", 1, breaker.ErrFailed)
		assert.Equal(t, breaker.Open, state(r), "the only one that calls is stopped")
		reportOf(t, b, "modest", 1, nil)
		assert.Equal(t, breaker.Closed, state(r))

		for range 40 { // half of its calls fail, which must not count for all
			for _, outcome := range []error{breaker.ErrFailed, nil} {
				if done, err := b.Allow("alternating", "cred_1"); err == nil {
					done(outcome)
				}
			}
		}
		_, err = b.Allow("alternating", "cred_1")
		require.ErrorIs(t, err, breaker.ErrConsumerFailing)
		reportOf(t, b, "modest", 1, nil)
	})
}

// If several consumers fail and no other one has a success, the upstream is failing.
func TestSeveralConsumersStopAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changes []breaker.Change
		r := breaker.NewRegistry(breaker.Config{Changed: func(change breaker.Change) { changes = append(changes, change) }})
		b := r.Add("production")
		reportOf(t, b, "a", 8, breaker.ErrFailed)
		reportOf(t, b, "healthy", 1, nil)
		reportOf(t, b, "b", 8, breaker.ErrFailed)
		reportOf(t, b, "healthy", 1, nil)
		time.Sleep(breaker.DefaultCooldown + time.Millisecond)
		reportOf(t, b, "a", 1, breaker.ErrFailed) // probes
		reportOf(t, b, "b", 1, breaker.ErrFailed)
		reportOf(t, b, "healthy", 1, nil)
		assert.Equal(t, breaker.Closed, state(r), "somebody's calls succeed")

		time.Sleep(31 * time.Second)
		reportOf(t, b, "a", 1, breaker.ErrFailed)
		_, err := b.Allow("healthy", "cred_1")
		require.Error(t, err)
		require.NotErrorIs(t, err, breaker.ErrConsumerFailing)
		assert.Equal(t, breaker.Change{Environment: "production", Credential: "cred_1", State: breaker.Open}, changes[len(changes)-1])

		time.Sleep(breaker.DefaultCooldown + time.Millisecond)
		reportOf(t, b, "healthy", 1, nil)
		reportOf(t, b, "a", 1, breaker.ErrFailed)
		reportOf(t, b, "healthy", 2, nil)
		assert.Equal(t, breaker.Closed, state(r), "the probes of one whose calls fail do not keep the others waiting")
	})
}

// An upstream that cannot be reached is so for all consumers.
func TestUnreachableStopsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := breaker.NewRegistry(breaker.Config{})
		b := r.Add("production")
		reportOf(t, b, "healthy", 1, nil)
		reportOf(t, b, "a", 8, breaker.ErrUnreachable)
		assert.Equal(t, breaker.Open, state(r))
		_, err := b.Allow("healthy", "cred_1")
		require.Error(t, err)
		require.NotErrorIs(t, err, breaker.ErrConsumerFailing)
	})
}

// Consumers that came once do not fill the memory; one that fails is remembered.
func TestConsumersAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := breaker.NewRegistry(breaker.Config{Cooldown: time.Hour}).Add("production")
		for n := range 1000 {
			reportOf(t, b, strconv.Itoa(n), 1, nil)
			time.Sleep(time.Second)
		}
		assert.LessOrEqual(t, breaker.Consumers(b), 65)
	})
}
