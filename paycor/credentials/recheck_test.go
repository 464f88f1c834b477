package credentials_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// promptly is how long a test waits for what is to happen at once.
const promptly = 20 * time.Second

// call is a call through a credential, as the proxy makes it: nil where there
// is a token for it.
func (h *house) call(id string) error {
	_, err := h.CredentialSource().RejectToken(context.Background(), everyRight(), id, paycor.NewSecret("another")) // so that it is looked up anew
	if err != nil {
		return err
	}
	_, err = h.CredentialSource().UpstreamCredentials(context.Background(), everyRight(), id, http.MethodGet)
	if err == nil {
		h.Used(usage.Call{Caller: everyRight(), Credential: id, Environment: "test", At: time.Now(), Method: "GET", Status: 200, Tries: 1})
	}
	return err
}

func (h *house) verified(t *testing.T) paycor.Credential {
	t.Helper()
	saved, err := h.As(everyRight()).Create(t.Context(), draftOf(h.app.Details()), paycor.CreateOptions{})
	require.NoError(t, err)
	require.Equal(t, paycor.StateVerified, saved.State)
	return saved.Credential
}

// live is the server's own life for as long as the test lasts.
func (h *house) live(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
}

func (h *house) becomes(t *testing.T, id string, state paycor.State) {
	t.Helper()
	require.Eventually(t, func() bool { return h.credential(t, id).State == state }, promptly, 20*time.Millisecond)
}

// What a call finds out is verified at once, without a schedule too, and every
// open page is told.
func TestARefusedTokenIsVerifiedAtOnce(t *testing.T) {
	h := newHouse(t, paycortest.SunriseBakery)
	saved := h.verified(t)
	require.NoError(t, h.call(saved.ID))
	h.live(t)
	changes := h.Changes(t.Context(), everyRight())
	h.change(newSecret)
	expire(t, h.store, h.Manager, saved.ID)
	require.Equal(t, paycor.KindConflict, paycor.KindOf(h.call(saved.ID)))

	h.becomes(t, saved.ID, paycor.StateRejected)
	assert.Equal(t, verdicts.CodeClientRejected, h.credential(t, saved.ID).Verdict.Code)
	assert.Equal(t, events.Change{ID: saved.ID, Action: audit.ActionVerify}, <-changes)
	begun := 0
	for _, entry := range trailOf(t, h.store) {
		if entry.Action == audit.ActionVerify && entry.Outcome == audit.OutcomeBegun && entry.CallerKind == paycor.CallerServer {
			begun++
			assert.Equal(t, "use", entry.Detail, "the trail says what caused it")
		}
	}
	assert.Equal(t, 1, begun)
}

func TestACallThatSucceedsEndsNotReachable(t *testing.T) {
	h := newHouse(t, paycortest.SunriseBakery)
	saved := h.verified(t)
	h.paycor.Break(paycortest.Fault{Kind: paycortest.ServerError})
	_, err := h.As(everyRight()).Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	require.Equal(t, paycor.StateNotReachable, h.credential(t, saved.ID).State)
	h.live(t)
	h.paycor.Mend()
	require.Eventually(t, func() bool { return h.call(saved.ID) == nil }, promptly, 100*time.Millisecond) // the tokens are patient too
	h.becomes(t, saved.ID, paycor.StateVerified)
}

// A token from before says nothing of a secret that is refused; one that was
// given since does.
func TestATokenFromBeforeDisprovesNothing(t *testing.T) {
	h := newHouse(t, paycortest.SunriseBakery)
	saved := h.verified(t)
	require.NoError(t, h.call(saved.ID))
	old := h.change(newSecret)
	_, err := h.As(everyRight()).Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	require.Equal(t, paycor.StateRejected, h.credential(t, saved.ID).State)
	h.paycor.Reset()
	h.Tokens().Forget(keyOf(saved.ID)) // as another process that knows of no failure
	require.NoError(t, h.call(saved.ID))
	_, err = h.VerifyDue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 0, h.app.Counts().Tokens)

	h.change(old)
	expire(t, h.store, h.Manager, saved.ID)
	h.Tokens().Forget(keyOf(saved.ID))
	require.NoError(t, h.call(saved.ID))
	_, err = h.VerifyDue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, h.credential(t, saved.ID).State)
}

func TestADoubtAboutADeletedCredential(t *testing.T) {
	h := newHouse(t, paycortest.SunriseBakery)
	saved := h.verified(t)
	h.change(newSecret)
	expire(t, h.store, h.Manager, saved.ID)
	require.Error(t, h.call(saved.ID))
	require.NoError(t, h.As(everyRight()).Delete(t.Context(), saved.ID, ""))
	h.paycor.Reset()
	_, err := h.VerifyDue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 0, h.app.Counts().Tokens)
}

// succeed is a call that succeeds, after the credential was read for it.
func (w *watch) succeed(t *testing.T, id string) {
	t.Helper()
	_, err := w.Tokens().State(t.Context(), keyOf(id))
	require.NoError(t, err)
	w.Used(usage.Call{Caller: everyRight(), Credential: id, Environment: "production", At: w.clock.Now(), Method: "GET", Status: 200, Tries: 1})
}

// However often it is told, a credential is verified once in five minutes, and
// less often where nothing comes of it.
func TestUseMakesFewVerifications(t *testing.T) {
	w := newWatch(t, 0)
	saved := create(t, w.As(everyRight()))
	w.rounds = nil
	for range 100 {
		w.succeed(t, saved.ID)
		_, err := w.VerifyDue(t.Context())
		require.NoError(t, err)
		w.clock.Pass(time.Second)
	}
	assert.Empty(t, w.rounds, "the use of a verified one makes none")

	w.answer = func(string) verdicts.Code { return verdicts.CodeTimeout }
	_, err := w.As(everyRight()).Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	w.rounds = nil
	begun := w.clock.Now()
	for w.clock.Now().Sub(begun) < 2*time.Hour {
		w.succeed(t, saved.ID)
		_, err := w.VerifyDue(t.Context())
		require.NoError(t, err)
		w.clock.Pass(5 * time.Second)
	}
	// At once, and after 5, 10, 20 and 40 minutes.
	assert.Len(t, w.rounds, 5)
}

// While an environment is in trouble, what succeeds in it costs one timeout a
// minute and not one for each credential, and what is refused waits.
func TestAHalfOutageIsNotATimeoutForEachCredential(t *testing.T) {
	w := newWatch(t, 0)
	w.fill(t, 20, "production")
	w.answer = func(string) verdicts.Code { return verdicts.CodeTimeout }
	ids := make([]string, 20)
	page, err := w.As(everyRight()).Credentials(t.Context(), paycor.Query{Limit: 20})
	require.NoError(t, err)
	for i, c := range page.Credentials {
		ids[i] = c.ID
		require.NoError(t, w.store.Update(t.Context(), func(tx store.Tx) error {
			verdict := verdicts.CodeTimeout.Verdict()
			verdict.CheckedAt = w.clock.Now()
			return tx.UpdateCredential("default", c.Judge(verdict), c.Version, nil)
		}))
	}
	begun := w.clock.Now()
	for w.clock.Now().Sub(begun) < 10*time.Minute {
		for _, id := range ids {
			w.succeed(t, id)
		}
		_, err := w.VerifyDue(t.Context())
		require.NoError(t, err)
		w.clock.Pass(5 * time.Second)
	}
	assert.LessOrEqual(t, w.most(time.Minute), 1)
	assert.GreaterOrEqual(t, len(w.rounds), 8)

	w.answer = nil
	for range 60 {
		for _, id := range ids {
			w.succeed(t, id)
		}
		_, err := w.VerifyDue(t.Context())
		require.NoError(t, err)
		w.clock.Pass(5 * time.Second)
	}
	left := 0
	for _, id := range ids {
		found, err := w.As(everyRight()).Credential(t.Context(), id)
		require.NoError(t, err)
		if found.State != paycor.StateVerified {
			left++
		}
	}
	assert.Less(t, left, 10, "once one has settled the others follow")
}
