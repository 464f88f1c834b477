package schedule_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/events"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/schedule"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

const (
	newSecret = "invented/secret+after/the+rotation/00000001"
	eventTime = 20 * time.Second // how long a test waits for something that happens at once
)

// simulation is a backend whose scheduler asks the Paycor simulator.
type simulation struct{ *env.Simulation }

func simulate(t *testing.T, application string, interval time.Duration) simulation {
	t.Helper()
	return simulation{env.Simulate(t, application, func(c *backend.Config) { c.VerifyEvery = interval })}
}

func (s simulation) createVerified(t *testing.T) paycor.Credential {
	t.Helper()
	saved, err := s.As(env.Administrator()).Create(t.Context(), s.Draft(), paycor.CreateOptions{})
	require.NoError(t, err)
	require.Equal(t, paycor.StateVerified, saved.State)
	return saved.Credential
}

// call makes a call through a credential, as the proxy does. It returns nil if
// there is a token for it.
func (s simulation) call(id string) error {
	source := s.CredentialSource()
	_, err := source.RejectToken(context.Background(), env.Administrator(), id, paycor.NewSecret("another")) // clears the cache
	if err != nil {
		return err
	}
	if _, err = source.UpstreamCredentials(context.Background(), env.Administrator(), id, http.MethodGet); err == nil {
		s.Rechecks.CallEnded(successfulCall(id, time.Now()), time.Now())
	}
	return err
}

// next calls Next, and waits for the verification that it started.
func (s simulation) next(t *testing.T) (time.Duration, error) {
	t.Helper()
	defer s.Scheduler.Wait()
	return s.Scheduler.Next(t.Context())
}

// start runs the scheduler until the test ends.
func (s simulation) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.Scheduler.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

func (s simulation) requireState(t *testing.T, id string, state paycor.State) {
	t.Helper()
	require.Eventually(t, func() bool { return s.Credential(t, id).State == state }, eventTime, 20*time.Millisecond)
}

// A rejected exchange causes a verification at once, even without a schedule,
// and open pages learn about it.
func TestRejectedExchangeIsRecheckedAtOnce(t *testing.T) {
	t.Parallel()
	s := simulate(t, paycortest.SunriseBakery, 0)
	saved := s.createVerified(t)
	require.NoError(t, s.call(saved.ID))
	s.start(t)
	changes := s.Changes(t.Context(), env.Administrator())
	s.ChangeSecret(newSecret)
	s.ExpireToken(t, saved.ID)
	require.Equal(t, paycor.KindConflict, paycor.KindOf(s.call(saved.ID)))

	s.requireState(t, saved.ID, paycor.StateRejected)
	assert.Equal(t, verdicts.CodeClientRejected, s.Credential(t, saved.ID).Verdict.Code)
	assert.Equal(t, events.Change{ID: saved.ID, Action: audit.ActionVerify}, <-changes)
	started := 0
	for _, entry := range env.Trail(t, s.Store) {
		if entry.Action == audit.ActionVerify && entry.Outcome == audit.OutcomeStarted && entry.CallerKind == paycor.CallerServer {
			started++
			assert.Equal(t, schedule.CauseUse, entry.Detail)
		}
	}
	assert.Equal(t, 1, started)
}

func TestSuccessfulCallEndsNotReachable(t *testing.T) {
	t.Parallel()
	s := simulate(t, paycortest.SunriseBakery, 0)
	saved := s.createVerified(t)
	s.Paycor.AddFault(paycortest.Fault{Kind: paycortest.ServerError})
	_, err := s.As(env.Administrator()).Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	require.Equal(t, paycor.StateNotReachable, s.Credential(t, saved.ID).State)
	s.start(t)
	s.Paycor.ClearFaults()
	require.Eventually(t, func() bool { return s.call(saved.ID) == nil }, eventTime, 100*time.Millisecond) // after the token's cooldown
	s.requireState(t, saved.ID, paycor.StateVerified)
}

// A token issued before the rejection does not contradict it; a newer one does.
func TestOldTokenRefutesNoRejectedSecret(t *testing.T) {
	t.Parallel()
	s := simulate(t, paycortest.SunriseBakery, 0)
	saved := s.createVerified(t)
	require.NoError(t, s.call(saved.ID))
	previous := s.ChangeSecret(newSecret)
	_, err := s.As(env.Administrator()).Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	require.Equal(t, paycor.StateRejected, s.Credential(t, saved.ID).State)
	s.Paycor.Reset()
	s.TokenSource().Forget(env.TokenKey(saved)) // as in another process, which has not seen the failure
	require.NoError(t, s.call(saved.ID))
	_, err = s.next(t)
	require.NoError(t, err)
	assert.Equal(t, 0, s.App.Counts().Tokens)

	s.ChangeSecret(previous)
	s.ExpireToken(t, saved.ID)
	require.NoError(t, s.call(saved.ID))
	_, err = s.next(t)
	require.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, s.Credential(t, saved.ID).State)
}

func TestDeletedCredentialIsNotRechecked(t *testing.T) {
	t.Parallel()
	s := simulate(t, paycortest.SunriseBakery, 0)
	saved := s.createVerified(t)
	s.ChangeSecret(newSecret)
	s.ExpireToken(t, saved.ID)
	require.Error(t, s.call(saved.ID))
	require.NoError(t, s.As(env.Administrator()).Delete(t.Context(), saved.ID, ""))
	s.Paycor.Reset()
	_, err := s.next(t)
	require.NoError(t, err)
	assert.Equal(t, 0, s.App.Counts().Tokens)
}

func TestScheduledVerificationSpendsNoRefreshToken(t *testing.T) {
	t.Parallel()
	s := simulate(t, paycortest.HarborLogistics, day)
	saved := s.Activate(t)
	require.NoError(t, s.Store.Update(t.Context(), func(tx store.Tx) error {
		c, err := tx.Credential("default", saved.ID)
		if err != nil {
			return err
		}
		due := store.ScheduledVerification{CredentialKey: env.Key(saved.ID), DueAt: time.Now().Add(-time.Minute)}
		if err := tx.PutScheduled(due); err != nil {
			return err
		}
		c.Verdict.CheckedAt = time.Now().Add(-2 * day)
		return tx.UpdateCredential("default", c, c.Version, nil)
	}))
	s.Paycor.Reset()
	_, err := s.next(t)
	require.NoError(t, err)
	assert.Equal(t, 0, s.App.Counts().Refreshes)
	assert.Positive(t, s.Paycor.Counts().Calls, "Paycor was called")
	assert.Equal(t, paycor.StateVerified, s.Credential(t, saved.ID).State)
}
