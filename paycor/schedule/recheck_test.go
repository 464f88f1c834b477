package schedule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

// However often calls contradict a verdict, the credential is verified once in
// five minutes, and less often if that changes nothing.
func TestRechecksAreLimited(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 0)
	saved := env.Create(t, f.As(env.Administrator()))
	f.reset()
	for range 100 {
		f.succeed(t, saved.ID)
		_, err := f.next(t)
		require.NoError(t, err)
		f.Clock.Pass(time.Second)
	}
	assert.Empty(t, f.verifications, "calls through a verified credential cause none")

	f.answer = func(string) verdicts.Code { return verdicts.CodeTimeout }
	_, err := f.As(env.Administrator()).Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	f.reset()
	started := f.Clock.Now()
	for f.Clock.Now().Sub(started) < 2*time.Hour {
		f.succeed(t, saved.ID)
		_, err := f.next(t)
		require.NoError(t, err)
		f.Clock.Pass(5 * time.Second)
	}
	// At once, and after 5, 10, 20 and 40 minutes.
	assert.Len(t, f.verifications, 5)
}

// During a partial outage, successful calls cost one timeout a minute rather
// than one per credential.
func TestPartialOutageCostsFewTimeouts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 0)
	ids := f.insert(t, 20, "production")
	f.answer = func(string) verdicts.Code { return verdicts.CodeTimeout }
	require.NoError(t, f.Store.Update(t.Context(), func(tx store.Tx) error {
		for _, id := range ids {
			c, err := tx.Credential("default", id)
			if err != nil {
				return err
			}
			verdict := verdicts.CodeTimeout.Verdict()
			verdict.CheckedAt = f.Clock.Now()
			if err := tx.UpdateCredential("default", c.WithVerdict(verdict), c.Version, nil); err != nil {
				return err
			}
		}
		return nil
	}))
	callAll := func(times int) {
		for range times {
			for _, id := range ids {
				f.succeed(t, id)
			}
			_, err := f.next(t)
			require.NoError(t, err)
			f.Clock.Pass(5 * time.Second)
		}
	}
	callAll(120)
	assert.LessOrEqual(t, f.maxWithin(time.Minute), 1)
	assert.GreaterOrEqual(t, len(f.verifications), 8)

	f.answer = nil
	callAll(60)
	remaining := 0
	for _, id := range ids {
		found, err := f.As(env.Administrator()).Credential(t.Context(), id)
		require.NoError(t, err)
		if found.State != paycor.StateVerified {
			remaining++
		}
	}
	assert.Less(t, remaining, 10, "after one conclusive verdict the others follow")
}
