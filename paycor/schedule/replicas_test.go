package schedule_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/schedule"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
)

// A server that finds a credential which another one begins to verify at the same moment goes
// on with the next one at once: it must not lose a turn to each server.
func TestOvertakenByAnotherServer(t *testing.T) {
	t.Parallel()
	f := newFixture(t, day)
	ids := f.insert(t, 3, "production")
	scope := store.ScopeOf[schedule.Reader, schedule.Writer](f.Store)
	for i, id := range ids {
		due := store.ScheduledVerification{CredentialKey: env.Key(id), DueAt: f.Clock.Now().Add(time.Duration(i-10) * time.Minute)}
		require.NoError(t, scope.Update(t.Context(), func(tx schedule.Writer) error { return tx.PutScheduled(due) }))
	}
	racing, reads := scope, 0
	racing.View = func(ctx context.Context, read func(schedule.Reader) error) error {
		if reads++; reads == 2 { // the first one plans
			other := store.ScheduledVerification{CredentialKey: env.Key(ids[0]), DueAt: f.Clock.Now().Add(day)}
			defer func() {
				assert.NoError(t, scope.Update(t.Context(), func(tx schedule.Writer) error { return tx.PutScheduled(other) }))
			}()
		}
		return scope.View(ctx, read)
	}
	scheduler := schedule.New(schedule.Config{
		Store: racing, Verifier: f.Service, Environments: []paycor.Environment{{Name: "production"}}, Interval: day, Clock: f.Clock.Now,
	})
	wait, err := scheduler.Next(t.Context())
	require.NoError(t, err)
	assert.Less(t, wait, time.Second)
	f.Clock.Pass(wait)
	_, err = scheduler.Next(t.Context())
	require.NoError(t, err)
	scheduler.Wait()
	require.Len(t, f.verifications, 1)
	assert.Equal(t, "00000000000000000001", f.verifications[0].clientID)
}
