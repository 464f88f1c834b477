package credentials_test

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/usage"
)

func consumerDraft(rights ...paycor.Right) consumer.Draft {
	return consumer.Draft{Name: "  Nightly   import ", Rights: rights}
}

func TestAConsumersLife(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	draft := consumerDraft(paycor.RightUse, paycor.RightView, paycor.RightUse)
	draft.Credentials, draft.ExpiresAt = []string{saved.ID, saved.ID}, b.clock.Now().Add(time.Hour)
	made, err := b.As(everyRight()).CreateConsumer(t.Context(), draft)
	require.NoError(t, err)
	want := consumer.Consumer{
		ID: made.ID, Name: "Nightly import", State: consumer.Active, Rights: paycor.Rights{paycor.RightView, paycor.RightUse},
		Credentials: []string{saved.ID}, CreatedAt: b.clock.Now(), CreatedBy: "Ann", ExpiresAt: b.clock.Now().Add(time.Hour),
	}
	assert.Equal(t, want, made.Consumer)
	assert.Regexp(t, `^pcc_[A-Z2-7]{52}$`, made.Token.Reveal())
	listed := func() []consumer.Consumer {
		found, err := b.As(everyRight()).Consumers(t.Context())
		require.NoError(t, err)
		return found
	}
	assert.Equal(t, []consumer.Consumer{want}, listed())

	b.clock.Pass(time.Minute)
	caller, err := b.CallerByToken(t.Context(), made.Token)
	require.NoError(t, err)
	assert.Equal(t, paycor.Caller{
		Kind: paycor.CallerConsumer, ID: made.ID, Name: "Nightly import", Workspace: "default", Rights: want.Rights,
		Credentials: want.Credentials, Until: want.ExpiresAt,
	}, caller)
	want.LastUsedAt = b.clock.Now()
	assert.Equal(t, []consumer.Consumer{want}, listed(), "when it was used last is known at once to whoever asks")

	require.NoError(t, b.As(everyRight()).RevokeConsumer(t.Context(), made.ID))
	_, err = b.CallerByToken(t.Context(), made.Token)
	assertEnded(t, err, made.ID, consumer.Revoked)
	require.NoError(t, b.As(everyRight()).RevokeConsumer(t.Context(), made.ID), "one that has ended is no mistake")
	want.State, want.RevokedAt, want.RevokedBy = consumer.Revoked, b.clock.Now(), "Ann"
	assert.Equal(t, []consumer.Consumer{want}, listed())

	trail := b.trail(t)
	assert.Equal(t, []audit.Action{audit.ActionTokenRevoke, audit.ActionToken}, []audit.Action{trail[0].Action, trail[1].Action}, "and the second revocation was none")
	for _, entry := range trail[:2] {
		assert.Equal(t, made.ID+" rights=view,use credentials="+saved.ID+" until="+want.ExpiresAt.Format(time.RFC3339)+" name=Nightly import", entry.Detail)
		assert.Equal(t, "ann", entry.CallerID)
	}
}

func TestOpenPagesAreToldOfTokens(t *testing.T) {
	b := newBench(t)
	changes := b.Changes(t.Context(), everyRight())
	made, err := b.As(everyRight()).CreateConsumer(t.Context(), consumerDraft(paycor.RightUse))
	require.NoError(t, err)
	assert.Equal(t, events.Change{Action: audit.ActionToken}, <-changes)
	require.NoError(t, b.As(everyRight()).RevokeConsumer(t.Context(), made.ID))
	assert.Equal(t, events.Change{Action: audit.ActionTokenRevoke}, <-changes)
}

// A token outlives the credentials it is for, and the list says so.
func TestAConsumerOfADeletedCredentialSaysSo(t *testing.T) {
	b := newBench(t)
	draft := consumerDraft(paycor.RightUse)
	kept, gone := create(t, b.As(everyRight())), create(t, b.As(everyRight()))
	draft.Credentials = []string{gone.ID}
	_, err := b.As(everyRight()).CreateConsumer(t.Context(), draft)
	require.NoError(t, err)
	b.clock.Pass(time.Minute)
	draft.Credentials = []string{kept.ID, gone.ID}
	_, err = b.As(everyRight()).CreateConsumer(t.Context(), draft)
	require.NoError(t, err)
	listed := func() []consumer.Consumer {
		found, err := b.As(everyRight()).Consumers(t.Context())
		require.NoError(t, err)
		require.Len(t, found, 2)
		return found
	}
	for _, one := range listed() {
		assert.Empty(t, one.Deleted)
		assert.True(t, one.Reaches())
	}
	require.NoError(t, b.As(everyRight()).Delete(t.Context(), gone.ID, ""))
	for i, one := range listed() {
		assert.Equal(t, []string{gone.ID}, one.Deleted)
		assert.Equal(t, i == 0, one.Reaches())
	}
}

// assertEnded expects a refusal that tells the trail whose token it was, and
// lends nothing.
func assertEnded(t *testing.T, err error, id string, state consumer.State) {
	t.Helper()
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	var ended *consumer.EndedToken
	require.ErrorAs(t, err, &ended)
	assert.Equal(t, state, ended.State)
	assert.Equal(t, paycor.Caller{Kind: paycor.CallerConsumer, ID: id, Name: "Nightly import", Workspace: "default"}, ended.Caller)
}

func TestAnExpiredConsumerSaysSo(t *testing.T) {
	b := newBench(t)
	draft := consumerDraft(paycor.RightUse)
	draft.ExpiresAt = b.clock.Now().Add(time.Hour)
	made, err := b.As(everyRight()).CreateConsumer(t.Context(), draft)
	require.NoError(t, err)
	_, err = b.CallerByToken(t.Context(), made.Token)
	require.NoError(t, err)
	b.clock.Pass(time.Hour)
	_, err = b.CallerByToken(t.Context(), made.Token)
	assertEnded(t, err, made.ID, consumer.Expired) // at the very moment, also where it is in memory
	found, err := b.As(everyRight()).Consumers(t.Context())
	require.NoError(t, err)
	assert.Equal(t, consumer.Expired, found[0].State)
}

func TestNobodyHandsOutWhatHeDoesNotHave(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	admin := someone(paycor.RightAdmin, paycor.RightUse)
	ending := admin
	ending.Until = b.clock.Now().Add(time.Hour)
	stranger := admin
	stranger.Workspace = "elsewhere"
	for name, c := range map[string]struct {
		caller paycor.Caller
		draft  func(*consumer.Draft)
		field  fields.Field // empty where it is made
	}{
		"what he has":             {admin, func(d *consumer.Draft) { d.Rights = paycor.Rights{paycor.RightUse, paycor.RightAdmin} }, ""},
		"reading, which using is": {admin, func(d *consumer.Draft) { d.Rights = paycor.Rights{paycor.RightRead} }, ""},
		"another right":           {admin, func(d *consumer.Draft) { d.Rights = paycor.Rights{paycor.RightUse, paycor.RightEdit} }, "rights"},
		"no right":                {admin, func(d *consumer.Draft) { d.Rights = nil }, "rights"},
		"a made-up right":         {admin, func(d *consumer.Draft) { d.Rights = paycor.Rights{"root"} }, "rights"},
		"no name":                 {admin, func(d *consumer.Draft) { d.Name = " \t" }, "name"},
		"the past":                {admin, func(d *consumer.Draft) { d.ExpiresAt = b.clock.Now() }, "expires_at"},
		"a thousand years":        {admin, func(d *consumer.Draft) { d.ExpiresAt = b.clock.Now().AddDate(1000, 0, 0) }, "expires_at"},
		"a credential of nobody":  {admin, func(d *consumer.Draft) { d.Credentials = []string{"cred_none"} }, "credentials"},
		"another workspace's":     {stranger, func(d *consumer.Draft) { d.Credentials = []string{saved.ID} }, "credentials"},
		"as long as his own":      {ending, func(d *consumer.Draft) { d.ExpiresAt = ending.Until }, ""},
		"longer than his own":     {ending, func(d *consumer.Draft) { d.ExpiresAt = ending.Until.Add(time.Second) }, "expires_at"},
		"for ever":                {ending, func(*consumer.Draft) {}, "expires_at"},
	} {
		t.Run(name, func(t *testing.T) {
			draft := consumerDraft(paycor.RightUse)
			c.draft(&draft)
			before := len(b.trail(t))
			_, err := b.As(c.caller).CreateConsumer(t.Context(), draft)
			if c.field == "" {
				require.NoError(t, err)
				return
			}
			var known *paycor.Error
			require.ErrorAs(t, err, &known)
			require.Equal(t, paycor.KindInvalid, known.Kind)
			require.NotEmpty(t, known.Problems)
			assert.Equal(t, c.field, known.Problems[0].Field)
			assert.Len(t, b.trail(t), before, "nothing was made")
		})
	}
}

func TestConsumersNeedTheRightAndStayInTheirWorkspace(t *testing.T) {
	b := newBench(t)
	made, err := b.As(everyRight()).CreateConsumer(t.Context(), consumerDraft(paycor.RightView))
	require.NoError(t, err)
	for _, right := range paycor.AllRights() {
		service, refused := b.As(someone(right)), 0
		_, err := service.Consumers(t.Context())
		_, madeErr := service.CreateConsumer(t.Context(), consumerDraft(right))
		for _, err := range []error{err, madeErr, service.RevokeConsumer(t.Context(), "token_none")} {
			if paycor.KindOf(err) == paycor.KindForbidden {
				refused++
			}
		}
		if right == paycor.RightAdmin {
			assert.Zero(t, refused)
		} else {
			assert.Equal(t, 3, refused, right)
			assert.Equal(t, "missing_right_admin", b.trail(t)[0].Detail)
		}
	}
	stranger := everyRight()
	stranger.Workspace = "elsewhere"
	found, err := b.As(stranger).Consumers(t.Context())
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(b.As(stranger).RevokeConsumer(t.Context(), made.ID)))
	_, err = b.CallerByToken(t.Context(), made.Token)
	assert.NoError(t, err, "and it works still")
}

func TestWithoutTheTrailNoTokenIsMadeOrEnded(t *testing.T) {
	b := newBench(t)
	made, err := b.As(everyRight()).CreateConsumer(t.Context(), consumerDraft(paycor.RightView))
	require.NoError(t, err)
	broken := b.withBrokenTrail(t).As(everyRight())
	_, err = broken.CreateConsumer(t.Context(), consumerDraft(paycor.RightView))
	assert.ErrorIs(t, err, errBrokenTrail)
	assert.ErrorIs(t, broken.RevokeConsumer(t.Context(), made.ID), errBrokenTrail)
	found, err := b.As(everyRight()).Consumers(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, consumer.Active, found[0].State)
}

// countingStore counts views.
type countingStore struct {
	store.Store
	mu    sync.Mutex
	views int
}

func (s *countingStore) View(ctx context.Context, read func(store.Reader) error) error {
	s.mu.Lock()
	s.views++
	s.mu.Unlock()
	return s.Store.View(ctx, read)
}

func (s *countingStore) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.views
}

// A token in use is read once, however often it is sent; a revocation by
// whatever manager on the same database counts with the next request; and what
// nobody knows is read each time and kept nowhere.
func TestATokenIsRememberedUntilSomethingChanges(t *testing.T) {
	b := newBench(t)
	counted := &countingStore{Store: b.store}
	m, err := credentials.New(credentials.Config{LastFlush: patience, Store: counted, Verify: b.paycor.ask, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})), Clock: b.clock.Now})
	require.NoError(t, err)
	made, err := b.As(everyRight()).CreateConsumer(t.Context(), consumerDraft(paycor.RightUse))
	require.NoError(t, err)
	for range 100 {
		_, err := m.CallerByToken(t.Context(), made.Token)
		require.NoError(t, err)
	}
	assert.Equal(t, 1, counted.count())

	create(t, b.As(everyRight())) // something else changes
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { _, err := m.CallerByToken(t.Context(), made.Token); assert.NoError(t, err) })
	}
	group.Wait()
	assert.Equal(t, 2, counted.count(), "read again once, not by each of them")

	for range 10 {
		_, err = m.CallerByToken(t.Context(), paycor.NewSecret("pcc_nobody's"))
		assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	}
	assert.Equal(t, 12, counted.count())
	assert.Equal(t, 1, credentials.Remembered(m), "what nobody knows is not kept")

	require.NoError(t, b.As(everyRight()).RevokeConsumer(t.Context(), made.ID))
	_, err = m.CallerByToken(t.Context(), made.Token)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
}

// While tokens are revoked one after the other, many ask: none is ever let in
// after its revocation has returned.
func TestARevokedTokenIsNeverLetInAgain(t *testing.T) {
	b := newBench(t)
	other, err := sqlite.Open(t.Context(), sqlite.Config{Path: b.path, KeyFile: filepath.Join(filepath.Dir(b.path), "test.key")})
	require.NoError(t, err)
	defer other.Close()
	second, err := credentials.New(credentials.Config{LastFlush: patience, Store: other, Verify: b.paycor.ask, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})), Clock: b.clock.Now})
	require.NoError(t, err)
	for range 30 {
		made, err := b.As(everyRight()).CreateConsumer(t.Context(), consumerDraft(paycor.RightUse))
		require.NoError(t, err)
		var revoked sync.WaitGroup
		done := make(chan struct{})
		for range 4 {
			revoked.Go(func() {
				for {
					over := false
					select {
					case <-done:
						over = true
					default:
					}
					_, err := second.CallerByToken(t.Context(), made.Token)
					if over {
						assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
						return
					}
				}
			})
		}
		require.NoError(t, b.As(everyRight()).RevokeConsumer(t.Context(), made.ID))
		close(done)
		revoked.Wait()
	}
	consumers, err := second.As(everyRight()).Consumers(t.Context())
	require.NoError(t, err)
	assert.False(t, slices.ContainsFunc(consumers, func(c consumer.Consumer) bool { return c.State != consumer.Revoked }))
}

func BenchmarkCallerByToken(b *testing.B) {
	m, token := benchmarkManager(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := m.CallerByToken(b.Context(), token); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkUsed(b *testing.B) {
	m, token := benchmarkManager(b)
	caller, err := m.CallerByToken(b.Context(), token)
	require.NoError(b, err)
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	go m.Run(ctx)
	use := usage.Call{Caller: caller, Credential: "cred_aaaaaaaaaaaaaaaaaaaaaaaaaa", Environment: "production", At: time.Now(), Method: "GET", Status: 200, Took: time.Millisecond}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			m.Used(use)
		}
	})
}

func benchmarkManager(b *testing.B) (*credentials.Manager, paycor.Secret) {
	b.Helper()
	directory := b.TempDir()
	opened, err := sqlite.Open(b.Context(), sqlite.Config{Path: filepath.Join(directory, "test.db"), KeyFile: filepath.Join(directory, "test.key")})
	require.NoError(b, err)
	b.Cleanup(func() { _ = opened.Close() })
	client := upstream.New(upstream.Config{})
	m, err := credentials.New(credentials.Config{LastFlush: patience, Store: opened, Verify: client.Verify, TokenClient: tokens.NewClient(client)})
	require.NoError(b, err)
	token, err := m.CreateToken(b.Context(), credentials.TokenRequest{Name: "bench", Rights: paycor.Rights{paycor.RightUse}})
	require.NoError(b, err)
	return m, token
}
