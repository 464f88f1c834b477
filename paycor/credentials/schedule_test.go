package credentials_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

const day = 24 * time.Hour

// round is a verification that nobody asked for.
type round struct {
	at          time.Time
	environment string
	client      string
}

// watch is a bench whose manager verifies by schedule, and that notes when.
type watch struct {
	*bench
	mu     sync.Mutex
	rounds []round
	answer func(environment string) verdicts.Code // nil means verified
}

func newWatch(t *testing.T, every time.Duration) *watch {
	t.Helper()
	w := &watch{bench: newBench(t)}
	w.restart(t, every)
	return w
}

// restart is a new process over the same store.
func (w *watch) restart(t *testing.T, every time.Duration) {
	t.Helper()
	var err error
	w.Manager, err = credentials.New(credentials.Config{
		LastFlush: patience,
		Store:     w.store, Verify: w.ask, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})), Clock: w.clock.Now, MaxVerifications: 4, VerifyEvery: every,
	})
	require.NoError(t, err)
}

func (w *watch) ask(_ context.Context, question upstream.Question, _ upstream.TokenSource, _ paycor.Progress) (verdicts.Verdict, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, code := w.clock.Now(), verdicts.CodeVerified
	w.rounds = append(w.rounds, round{now, question.Environment.Name, question.Draft.ClientID})
	if w.answer != nil {
		code = w.answer(question.Environment.Name)
	}
	verdict := code.Verdict()
	verdict.CheckedAt = now
	return verdict, nil
}

// fill stores credentials without a verdict, without going through the API.
func (w *watch) fill(t *testing.T, count int, environments ...string) {
	t.Helper()
	require.NoError(t, w.store.Update(t.Context(), func(tx store.Tx) error {
		for i := range count {
			c := paycor.Credential{
				ID: fmt.Sprintf("cred_%026d", i), Name: fmt.Sprint("number ", i), Environment: environments[i%len(environments)],
				Grant: paycor.GrantClientCredentials, ClientID: fmt.Sprintf("%020d", i), LegalEntityID: 501123, Version: 1,
				CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now(),
			}
			secrets := store.Secrets{fields.ClientSecret: paycor.NewSecret("s"), fields.SubscriptionKey: paycor.NewSecret("k")}
			if err := tx.InsertCredential("default", c, secrets); err != nil {
				return err
			}
		}
		return nil
	}))
}

// live lets the server's own time pass: it looks, waits as long as it was told
// to, and looks again.
func (w *watch) live(t *testing.T, span time.Duration) {
	t.Helper()
	for end := w.clock.Now().Add(span); w.clock.Now().Before(end); {
		wait, err := w.VerifyDue(t.Context())
		require.NoError(t, err)
		require.Positive(t, wait)
		require.LessOrEqual(t, wait, time.Minute)
		w.clock.Pass(wait)
	}
}

// most returns the largest number of verifications that begin within a span.
func (w *watch) most(span time.Duration) int {
	most := 0
	for i := range w.rounds {
		within := 0
		for _, other := range w.rounds[i:] {
			if other.at.Sub(w.rounds[i].at) < span {
				within++
			}
		}
		most = max(most, within)
	}
	return most
}

func (w *watch) clients() (distinct int) {
	var all []string
	for _, r := range w.rounds {
		all = append(all, r.client)
	}
	slices.Sort(all)
	return len(slices.Compact(all))
}

// turns returns when each was asked about, in order.
func (w *watch) turns() map[string][]time.Time {
	turns := map[string][]time.Time{}
	for _, r := range w.rounds {
		turns[r.client] = append(turns[r.client], r.at)
	}
	return turns
}

// A shorter interval counts from the start, also for what the longer one put off.
func TestAShorterIntervalDrawsTheLaterOnesIn(t *testing.T) {
	const many = 40
	w := newWatch(t, 30*day)
	w.fill(t, many, "production")
	w.live(t, 2*time.Minute)
	w.rounds = nil
	w.restart(t, time.Hour)
	w.live(t, time.Hour+time.Hour/2)
	assert.Equal(t, many, w.clients(), "each had its turn")
	assert.LessOrEqual(t, w.most(10*time.Minute), 14, "spread over the interval")
}

// Of 200 credentials and an interval of 4.8 hours, two verifications are
// 43.2 s apart at the least, as they are of 1000 and a day.
func TestManyCredentialsMakeNoBurst(t *testing.T) {
	const (
		many  = 200
		every = day / 5
		pace  = every / (2 * many)
	)
	mostIn := func(span time.Duration) int { return int((span + pace - 1) / pace) }
	w := newWatch(t, every)
	w.fill(t, many, "production", "sandbox")
	evenly := func() {
		t.Helper()
		assert.LessOrEqual(t, w.most(time.Minute), mostIn(time.Minute))
		assert.LessOrEqual(t, w.most(time.Hour), mostIn(time.Hour))
		for client, at := range w.turns() {
			for i := 1; i < len(at); i++ {
				assert.GreaterOrEqual(t, at[i].Sub(at[i-1]), every-every/10, "%s is not asked about again soon", client)
			}
		}
		t.Logf("%d rounds, at most %d in a minute, %d in an hour", len(w.rounds), w.most(time.Minute), w.most(time.Hour))
	}

	w.live(t, every+every/2) // the last ones are due after an interval, and a backlog of all takes half of one
	assert.Equal(t, many, w.clients(), "each had its turn")
	evenly()

	w.restart(t, every)
	w.live(t, every/4)
	evenly() // a restart does not start over

	w.rounds = nil
	w.clock.Pass(30 * day) // a long downtime: all of them are overdue
	w.restart(t, every)
	w.live(t, every/2+time.Minute)
	assert.Equal(t, many, w.clients(), "the backlog is done in half an interval")
	evenly()
}

func TestOneOutageIsNotAThousandTimeouts(t *testing.T) {
	const (
		many   = 60
		every  = day / 4
		outage = every + every/4 // an interval is a tenth longer at most
	)
	w := newWatch(t, every)
	w.fill(t, many, "production", "sandbox")
	w.live(t, every+every/2) // each had its turn, for a backlog of all would take half an interval
	require.Equal(t, many, w.clients())
	down := true
	w.answer = func(environment string) verdicts.Code {
		if down && environment == "production" {
			return verdicts.CodeTimeout
		}
		return verdicts.CodeVerified
	}
	w.rounds = nil
	w.live(t, outage)
	most := 0 // pauses twice as long each time, until there is one an hour
	for at, pause := time.Duration(0), time.Minute; at < outage; at, pause = at+pause, min(2*pause, time.Hour) {
		most++
	}
	asked := map[string]int{}
	for _, r := range w.rounds {
		asked[r.environment]++
	}
	assert.LessOrEqual(t, asked["production"], most)
	assert.GreaterOrEqual(t, asked["sandbox"], many/2, "the other environment goes on")
	page, err := w.As(everyRight()).Credentials(t.Context(), paycor.Query{Limit: 200})
	require.NoError(t, err)
	for _, c := range page.Credentials {
		assert.Contains(t, []paycor.State{paycor.StateVerified, paycor.StateNotReachable}, c.State, "nobody is blamed")
	}

	down = false
	w.rounds = nil
	w.live(t, outage)
	assert.Equal(t, many, w.clients(), "what was not asked is made up for")
	assert.LessOrEqual(t, w.most(time.Minute), 2)
}

func TestALimitOfOneKeyHoldsUpNobodyElse(t *testing.T) {
	w := newWatch(t, time.Hour)
	w.fill(t, 20, "production")
	w.answer = func(string) verdicts.Code { return verdicts.CodeQuota }
	w.live(t, 90*time.Minute)
	assert.Equal(t, 20, w.clients())
}

func TestPeopleComeFirst(t *testing.T) {
	w := newWatch(t, time.Hour)
	w.fill(t, 5, "production")
	w.live(t, time.Minute)      // they have their times
	w.clock.Pass(2 * time.Hour) // all are due, those too that have had a turn
	hold, entered := make(chan struct{}), make(chan struct{}, 3)
	plain := w.bench.paycor
	w.mu.Lock()
	w.rounds = nil
	w.mu.Unlock()
	busy, err := credentials.New(credentials.Config{LastFlush: patience, Store: w.store, Clock: w.clock.Now, MaxVerifications: 4, VerifyEvery: time.Hour, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})),
		Verify: func(ctx context.Context, q upstream.Question, s upstream.TokenSource, p paycor.Progress) (verdicts.Verdict, error) {
			entered <- struct{}{}
			<-hold
			return plain.ask(ctx, q, s, p)
		}})
	require.NoError(t, err)
	var group sync.WaitGroup
	for i := range 3 { // people have three of the four places
		somebody := everyRight()
		somebody.ID = fmt.Sprint("person ", i)
		group.Go(func() {
			_, err := busy.As(somebody).Verify(context.Background(), fmt.Sprintf("cred_%026d", i), nil)
			assert.NoError(t, err)
		})
		<-entered
	}
	wait, err := busy.VerifyDue(t.Context())
	require.NoError(t, err)
	assert.Less(t, wait, time.Minute)
	assert.Equal(t, 0, plain.asked(), "the schedule waits")
	close(hold)
	group.Wait()
	for i := 0; i < 10 && plain.asked() == 3; i++ { // the one that is due next may be one that a person has just asked about
		wait, err = busy.VerifyDue(t.Context())
		require.NoError(t, err)
		w.clock.Pass(wait)
	}
	assert.Equal(t, 4, plain.asked())
}

func TestTheScheduleIsOnRecordAndTellsOpenPages(t *testing.T) {
	w := newWatch(t, time.Hour)
	saved := create(t, w.As(everyRight()))
	w.rounds = nil
	changes := w.Changes(t.Context(), everyRight())
	w.live(t, 3*time.Hour)
	require.NotEmpty(t, w.rounds)
	assert.Equal(t, events.Change{ID: saved.ID, Action: audit.ActionVerify}, <-changes)
	entry := w.trail(t)[0]
	assert.Equal(t, audit.ActionVerify, entry.Action)
	assert.Equal(t, paycor.CallerServer, entry.CallerKind)
	assert.Equal(t, saved.ID, entry.Credential)
}

func TestWhatAPersonVerifiedIsNotVerifiedAgainSoon(t *testing.T) {
	w := newWatch(t, time.Hour)
	saved := create(t, w.As(everyRight()))
	for range 20 {
		w.live(t, 30*time.Minute)
		_, err := w.As(everyRight()).Verify(t.Context(), saved.ID, nil)
		require.NoError(t, err)
	}
	for _, entry := range w.trail(t) {
		assert.False(t, entry.Action == audit.ActionVerify && entry.CallerKind == paycor.CallerServer, "a person was faster each time")
	}
}

func TestAnEnvironmentThatIsNoMoreIsLeftAlone(t *testing.T) {
	w := newWatch(t, time.Hour)
	w.fill(t, 3, "of yesterday")
	w.live(t, 5*time.Hour)
	assert.Empty(t, w.rounds)
}

// A verification by schedule uses the token that is there.
func TestTheScheduleUsesUpNoRefreshTokenWhileATokenLasts(t *testing.T) {
	h := newHouse(t, paycortest.HarborLogistics)
	saved := h.activated(t)
	require.NoError(t, h.store.Update(t.Context(), func(tx store.Tx) error {
		c, err := tx.Credential("default", saved.ID)
		if err != nil {
			return err
		}
		if err := tx.PutCheckup(store.Checkup{Owned: store.Owned{Workspace: "default", Credential: saved.ID}, DueAt: time.Now().Add(-time.Minute)}); err != nil {
			return err
		}
		c.Verdict.CheckedAt = time.Now().Add(-2 * day) // as if it were long ago
		return tx.UpdateCredential("default", c, c.Version, nil)
	}))
	h.paycor.Reset()
	clocked, opened, err := build(t.Context(), h.directory, h.paycor.URL, setup{every: day})
	require.NoError(t, err)
	defer opened.Close()
	_, err = clocked.VerifyDue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 0, h.app.Counts().Refreshes)
	assert.Positive(t, h.paycor.Counts().Calls, "Paycor was asked all the same")
	assert.Equal(t, paycor.StateVerified, h.credential(t, saved.ID).State)
}
