package schedule_test

import (
	"context"
	"net/http"
	"strconv"
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
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

const (
	newSecret = "invented/secret+after/the+rotation/00000001"
	eventTime = 20 * time.Second // how long a test waits for something that happens at once
)

// simulation is a scheduler whose verifications ask the Paycor simulator.
type simulation struct {
	*backend.Backend
	*schedule.Scheduler
	queue  *schedule.Queue
	store  store.Store
	paycor *paycortest.Server
	app    *paycortest.Application
}

func simulate(t *testing.T, application string, interval time.Duration) *simulation {
	t.Helper()
	server := paycortest.Start(t, paycortest.Config{RatePerMinute: -1})
	s := &simulation{
		store: openStore(t, t.TempDir()), paycor: server, app: server.Lookup(application),
	}
	transport := upstream.NewTransport()
	transport.DisableKeepAlives = true
	client := upstream.New(upstream.Config{Transport: transport, RetryPause: -1})
	environments := []paycor.Environment{{Name: "test", Title: "Test", APIURL: server.URL, AuthorizeURL: server.URL + "/AppActivation/Authorize"}}
	var err error
	s.Backend, err = backend.New(backend.Config{
		Store: s.store, Verify: client.Verify, TokenClient: tokens.NewClient(client), Environments: environments, VerifyEvery: interval,
	})
	require.NoError(t, err)
	s.Scheduler, s.queue = s.Backend.Scheduler, s.Backend.Rechecks
	t.Cleanup(func() { assert.NoError(t, s.Close(context.WithoutCancel(t.Context()))) })
	return s
}

func (s *simulation) create(t *testing.T, options paycor.CreateOptions) paycor.Credential {
	t.Helper()
	details := s.app.Details()
	saved, err := s.As(admin()).Create(t.Context(), paycor.Draft{
		Name: details.Name, Environment: "test", ClientID: details.ClientID,
		ClientSecret: paycor.NewSecret(details.ClientSecret), SubscriptionKey: paycor.NewSecret(details.PrimaryKey),
		LegalEntityID: paycor.TypedID(strconv.Itoa(details.Entities[0].ID)), Scope: details.Scopes[0].ID,
	}, options)
	require.NoError(t, err)
	return saved.Credential
}

func (s *simulation) createVerified(t *testing.T) paycor.Credential {
	t.Helper()
	saved := s.create(t, paycor.CreateOptions{})
	require.Equal(t, paycor.StateVerified, saved.State)
	return saved
}

// changeSecret changes the Client Secret at Paycor and returns the previous
// one.
func (s *simulation) changeSecret(secret string) (previous string) {
	s.app.Change(func(d *paycortest.Details) { previous, d.ClientSecret = d.ClientSecret, secret })
	return previous
}

// call makes a call through a credential, as the proxy does. It returns nil if
// there is a token for it.
func (s *simulation) call(id string) error {
	source := s.CredentialSource()
	_, err := source.RejectToken(context.Background(), admin(), id, paycor.NewSecret("another")) // clears the cache
	if err != nil {
		return err
	}
	if _, err = source.UpstreamCredentials(context.Background(), admin(), id, http.MethodGet); err == nil {
		s.queue.CallEnded(successfulCall(id, time.Now()), time.Now())
	}
	return err
}

// expireToken makes the stored access token expire.
func (s *simulation) expireToken(t *testing.T, id string) {
	t.Helper()
	require.NoError(t, s.store.Update(t.Context(), func(tx store.Tx) error {
		state, err := tx.TokenState("default", id)
		if err != nil {
			return err
		}
		state.ExpiresAt, state.RenewAt = time.Now().Add(-time.Minute), time.Now().Add(-time.Minute)
		return tx.PutTokenState("default", id, state, nil)
	}))
	s.TokenSource().Forget(keyOf(id))
}

// start runs the scheduler until the test ends.
func (s *simulation) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.Scheduler.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

func (s *simulation) credential(t *testing.T, id string) paycor.Credential {
	t.Helper()
	found, err := s.As(admin()).Credential(t.Context(), id)
	require.NoError(t, err)
	return found
}

func (s *simulation) requireState(t *testing.T, id string, state paycor.State) {
	t.Helper()
	require.Eventually(t, func() bool { return s.credential(t, id).State == state }, eventTime, 20*time.Millisecond)
}

// A rejected exchange causes a verification at once, even without a schedule,
// and open pages learn about it.
func TestRejectedExchangeIsRecheckedAtOnce(t *testing.T) {
	t.Parallel()
	s := simulate(t, paycortest.SunriseBakery, 0)
	saved := s.createVerified(t)
	require.NoError(t, s.call(saved.ID))
	s.start(t)
	changes := s.Changes(t.Context(), admin())
	s.changeSecret(newSecret)
	s.expireToken(t, saved.ID)
	require.Equal(t, paycor.KindConflict, paycor.KindOf(s.call(saved.ID)))

	s.requireState(t, saved.ID, paycor.StateRejected)
	assert.Equal(t, verdicts.CodeClientRejected, s.credential(t, saved.ID).Verdict.Code)
	assert.Equal(t, events.Change{ID: saved.ID, Action: audit.ActionVerify}, <-changes)
	started := 0
	for _, entry := range auditTrail(t, s.store) {
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
	s.paycor.AddFault(paycortest.Fault{Kind: paycortest.ServerError})
	_, err := s.As(admin()).Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	require.Equal(t, paycor.StateNotReachable, s.credential(t, saved.ID).State)
	s.start(t)
	s.paycor.ClearFaults()
	require.Eventually(t, func() bool { return s.call(saved.ID) == nil }, eventTime, 100*time.Millisecond) // after the token's cooldown
	s.requireState(t, saved.ID, paycor.StateVerified)
}

// A token from before the rejection refutes nothing; a newer one does.
func TestOldTokenRefutesNoRejectedSecret(t *testing.T) {
	t.Parallel()
	s := simulate(t, paycortest.SunriseBakery, 0)
	saved := s.createVerified(t)
	require.NoError(t, s.call(saved.ID))
	previous := s.changeSecret(newSecret)
	_, err := s.As(admin()).Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	require.Equal(t, paycor.StateRejected, s.credential(t, saved.ID).State)
	s.paycor.Reset()
	s.TokenSource().Forget(keyOf(saved.ID)) // as in another process, which knows of no failure
	require.NoError(t, s.call(saved.ID))
	_, err = s.Next(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 0, s.app.Counts().Tokens)

	s.changeSecret(previous)
	s.expireToken(t, saved.ID)
	require.NoError(t, s.call(saved.ID))
	_, err = s.Next(t.Context())
	require.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, s.credential(t, saved.ID).State)
}

func TestDeletedCredentialIsNotRechecked(t *testing.T) {
	t.Parallel()
	s := simulate(t, paycortest.SunriseBakery, 0)
	saved := s.createVerified(t)
	s.changeSecret(newSecret)
	s.expireToken(t, saved.ID)
	require.Error(t, s.call(saved.ID))
	require.NoError(t, s.As(admin()).Delete(t.Context(), saved.ID, ""))
	s.paycor.Reset()
	_, err := s.Next(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 0, s.app.Counts().Tokens)
}

func TestScheduledVerificationSpendsNoRefreshToken(t *testing.T) {
	t.Parallel()
	s := simulate(t, paycortest.HarborLogistics, day)
	saved, err := s.As(admin()).Activate(t.Context(), s.create(t, paycor.CreateOptions{SkipVerify: true}).ID,
		paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(s.app.IssueRefreshToken())}, nil)
	require.NoError(t, err)
	require.NoError(t, s.store.Update(t.Context(), func(tx store.Tx) error {
		c, err := tx.Credential("default", saved.ID)
		if err != nil {
			return err
		}
		due := store.ScheduledVerification{CredentialKey: store.CredentialKey{Workspace: "default", Credential: saved.ID}, DueAt: time.Now().Add(-time.Minute)}
		if err := tx.PutScheduled(due); err != nil {
			return err
		}
		c.Verdict.CheckedAt = time.Now().Add(-2 * day)
		return tx.UpdateCredential("default", c, c.Version, nil)
	}))
	s.paycor.Reset()
	_, err = s.Next(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 0, s.app.Counts().Refreshes)
	assert.Positive(t, s.paycor.Counts().Calls, "Paycor was asked")
	assert.Equal(t, paycor.StateVerified, s.credential(t, saved.ID).State)
}
