package apitoken_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/consumer/apitoken"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
)

// newDraft returns a draft whose name Clean normalizes.
func newDraft(rights ...paycor.Right) consumer.Draft {
	return consumer.Draft{Name: "  Nightly   import ", Rights: rights}
}

func TestConsumerFromCreationToRevocation(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	draft := newDraft(paycor.RightUse, paycor.RightView, paycor.RightUse)
	draft.Credentials, draft.ExpiresAt = []string{saved.ID, saved.ID}, e.Clock.Now().Add(time.Hour)
	created, err := e.As(env.Administrator()).CreateConsumer(t.Context(), draft)
	require.NoError(t, err)
	want := consumer.Consumer{
		ID: created.ID, Name: "Nightly import", State: consumer.Active, Rights: paycor.Rights{paycor.RightView, paycor.RightUse},
		Credentials: []string{saved.ID}, CreatedAt: e.Clock.Now(), CreatedBy: "Ann", ExpiresAt: e.Clock.Now().Add(time.Hour),
	}
	assert.Equal(t, want, created.Consumer)
	assert.Regexp(t, `^pcc_[A-Z2-7]{52}$`, created.Token.Reveal())
	listed := func() []consumer.Consumer {
		found, err := consumer.All(t.Context(), e.As(env.Administrator()))
		require.NoError(t, err)
		return found
	}
	assert.Equal(t, []consumer.Consumer{want}, listed())

	e.Clock.Pass(time.Minute)
	caller, err := e.CallerByToken(t.Context(), created.Token)
	require.NoError(t, err)
	assert.Equal(t, paycor.Caller{
		Kind: paycor.CallerConsumer, ID: created.ID, Name: "Nightly import", Workspace: "default", Rights: want.Rights,
		Credentials: want.Credentials, Until: want.ExpiresAt,
	}, caller)
	want.LastUsedAt = e.Clock.Now()
	assert.Equal(t, []consumer.Consumer{want}, listed(), "the last use is flushed before the list is read")

	require.NoError(t, e.As(env.Administrator()).RevokeConsumer(t.Context(), created.ID))
	_, err = e.CallerByToken(t.Context(), created.Token)
	assertEnded(t, err, created.ID, consumer.Revoked)
	require.NoError(t, e.As(env.Administrator()).RevokeConsumer(t.Context(), created.ID), "revoking twice is no error")
	want.State, want.RevokedAt, want.RevokedBy = consumer.Revoked, e.Clock.Now(), "Ann"
	assert.Equal(t, []consumer.Consumer{want}, listed())

	trail := e.Trail(t)
	assert.Equal(t, []audit.Action{audit.ActionTokenRevoke, audit.ActionToken}, []audit.Action{trail[0].Action, trail[1].Action}, "the second revocation is not recorded")
	for _, entry := range trail[:2] {
		assert.Equal(t, created.ID+" rights=view,use credentials="+saved.ID+" until="+want.ExpiresAt.Format(time.RFC3339)+" name=Nightly import", entry.Detail)
		assert.Equal(t, "ann", entry.CallerID)
	}
}

func TestTokenChangesArePublished(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	changes := e.Changes(t.Context(), env.Administrator())
	created, err := e.As(env.Administrator()).CreateConsumer(t.Context(), newDraft(paycor.RightUse))
	require.NoError(t, err)
	assert.Equal(t, events.Change{Action: audit.ActionToken}, <-changes)
	require.NoError(t, e.As(env.Administrator()).RevokeConsumer(t.Context(), created.ID))
	assert.Equal(t, events.Change{Action: audit.ActionTokenRevoke}, <-changes)
}

// An API token outlives the credentials of its allow-list, and the list shows it.
func TestConsumerListsItsDeletedCredentials(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	draft := newDraft(paycor.RightUse)
	kept, gone := env.Create(t, e.As(env.Administrator())), env.Create(t, e.As(env.Administrator()))
	draft.Credentials = []string{gone.ID}
	_, err := e.As(env.Administrator()).CreateConsumer(t.Context(), draft)
	require.NoError(t, err)
	e.Clock.Pass(time.Minute)
	draft.Credentials = []string{kept.ID, gone.ID}
	_, err = e.As(env.Administrator()).CreateConsumer(t.Context(), draft)
	require.NoError(t, err)
	listed := func() []consumer.Consumer {
		found, err := consumer.All(t.Context(), e.As(env.Administrator()))
		require.NoError(t, err)
		require.Len(t, found, 2)
		return found
	}
	for _, c := range listed() {
		assert.Empty(t, c.Deleted)
		assert.True(t, c.Reaches())
	}
	require.NoError(t, e.As(env.Administrator()).Delete(t.Context(), gone.ID, ""))
	for i, c := range listed() {
		assert.Equal(t, []string{gone.ID}, c.Deleted)
		assert.Equal(t, i == 0, c.Reaches())
	}
}

// assertEnded expects an error that names the consumer for the audit trail, without
// its rights.
func assertEnded(t *testing.T, err error, id string, state consumer.State) {
	t.Helper()
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	var ended *consumer.EndedToken
	require.ErrorAs(t, err, &ended)
	assert.Equal(t, state, ended.State)
	assert.Equal(t, paycor.Caller{Kind: paycor.CallerConsumer, ID: id, Name: "Nightly import", Workspace: "default"}, ended.Caller)
}

func TestExpiredConsumer(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	draft := newDraft(paycor.RightUse)
	draft.ExpiresAt = e.Clock.Now().Add(time.Hour)
	created, err := e.As(env.Administrator()).CreateConsumer(t.Context(), draft)
	require.NoError(t, err)
	_, err = e.CallerByToken(t.Context(), created.Token)
	require.NoError(t, err)
	e.Clock.Pass(time.Hour)
	_, err = e.CallerByToken(t.Context(), created.Token)
	assertEnded(t, err, created.ID, consumer.Expired) // although it is cached
	found, err := consumer.All(t.Context(), e.As(env.Administrator()))
	require.NoError(t, err)
	assert.Equal(t, consumer.Expired, found[0].State)
}

func TestCallersGrantOnlyWhatTheyHave(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	admin := env.Person(paycor.RightAdmin, paycor.RightUse)
	ending := admin
	ending.Until = e.Clock.Now().Add(time.Hour)
	outsider := admin
	outsider.Workspace = "elsewhere"
	for name, c := range map[string]struct {
		caller paycor.Caller
		draft  func(*consumer.Draft)
		field  fields.Field // empty where the draft is valid
	}{
		"own rights":                             {admin, func(d *consumer.Draft) { d.Rights = paycor.Rights{paycor.RightUse, paycor.RightAdmin} }, ""},
		"read, which use implies":                {admin, func(d *consumer.Draft) { d.Rights = paycor.Rights{paycor.RightRead} }, ""},
		"a right the caller lacks":               {admin, func(d *consumer.Draft) { d.Rights = paycor.Rights{paycor.RightUse, paycor.RightEdit} }, "rights"},
		"no right":                               {admin, func(d *consumer.Draft) { d.Rights = nil }, "rights"},
		"an unknown right":                       {admin, func(d *consumer.Draft) { d.Rights = paycor.Rights{"root"} }, "rights"},
		"no name":                                {admin, func(d *consumer.Draft) { d.Name = " \t" }, "name"},
		"an expiry in the past":                  {admin, func(d *consumer.Draft) { d.ExpiresAt = e.Clock.Now() }, "expires_at"},
		"an expiry too far ahead":                {admin, func(d *consumer.Draft) { d.ExpiresAt = e.Clock.Now().AddDate(1000, 0, 0) }, "expires_at"},
		"an unknown credential":                  {admin, func(d *consumer.Draft) { d.Credentials = []string{"cred_none"} }, "credentials"},
		"a credential of another workspace":      {outsider, func(d *consumer.Draft) { d.Credentials = []string{saved.ID} }, "credentials"},
		"as long as the own token":               {ending, func(d *consumer.Draft) { d.ExpiresAt = ending.Until }, ""},
		"longer than the own token":              {ending, func(d *consumer.Draft) { d.ExpiresAt = ending.Until.Add(time.Second) }, "expires_at"},
		"no expiry, while the own token has one": {ending, func(*consumer.Draft) {}, "expires_at"},
	} {
		t.Run(name, func(t *testing.T) {
			draft := newDraft(paycor.RightUse)
			c.draft(&draft)
			before := len(e.Trail(t))
			_, err := e.As(c.caller).CreateConsumer(t.Context(), draft)
			if c.field == "" {
				require.NoError(t, err)
				return
			}
			var known *paycor.Error
			require.ErrorAs(t, err, &known)
			require.Equal(t, paycor.KindInvalid, known.Kind)
			require.NotEmpty(t, known.Problems)
			assert.Equal(t, c.field, known.Problems[0].Field)
			assert.Len(t, e.Trail(t), before, "nothing was created")
		})
	}
}

func TestConsumersNeedAdminAndStayInTheirWorkspace(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	created, err := e.As(env.Administrator()).CreateConsumer(t.Context(), newDraft(paycor.RightView))
	require.NoError(t, err)
	for _, right := range paycor.AllRights() {
		service, refused := e.As(env.Person(right)), 0
		_, err := consumer.All(t.Context(), service)
		_, createErr := service.CreateConsumer(t.Context(), newDraft(right))
		for _, err := range []error{err, createErr, service.RevokeConsumer(t.Context(), "token_none")} {
			if paycor.KindOf(err) == paycor.KindForbidden {
				refused++
			}
		}
		if right == paycor.RightAdmin {
			assert.Zero(t, refused)
		} else {
			assert.Equal(t, 3, refused, right)
			assert.Equal(t, "missing_right_admin", e.Trail(t)[0].Detail)
		}
	}
	outsider := env.Administrator()
	outsider.Workspace = "elsewhere"
	found, err := consumer.All(t.Context(), e.As(outsider))
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(e.As(outsider).RevokeConsumer(t.Context(), created.ID)))
	_, err = e.CallerByToken(t.Context(), created.Token)
	assert.NoError(t, err, "it still works")
}

func TestBrokenTrailStopsTokenChanges(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	created, err := e.As(env.Administrator()).CreateConsumer(t.Context(), newDraft(paycor.RightView))
	require.NoError(t, err)
	broken := e.NewBackend(t, env.BrokenTrail{Store: e.Store}).As(env.Administrator())
	_, err = broken.CreateConsumer(t.Context(), newDraft(paycor.RightView))
	assert.ErrorIs(t, err, env.ErrBrokenTrail)
	assert.ErrorIs(t, broken.RevokeConsumer(t.Context(), created.ID), env.ErrBrokenTrail)
	found, err := consumer.All(t.Context(), e.As(env.Administrator()))
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, consumer.Active, found[0].State)
}

// A token is read once until the store changes, a revocation by another process
// holds for the next request, and unknown tokens are not cached.
func TestTokenIsCachedUntilTheStoreChanges(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	counted := &env.CountingStore{Store: e.Store}
	m := e.NewBackend(t, counted)
	created, err := e.As(env.Administrator()).CreateConsumer(t.Context(), newDraft(paycor.RightUse))
	require.NoError(t, err)
	for range 100 {
		_, err := m.CallerByToken(t.Context(), created.Token)
		require.NoError(t, err)
	}
	assert.Equal(t, 1, counted.Views())

	env.Create(t, e.As(env.Administrator())) // an unrelated change
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { _, err := m.CallerByToken(t.Context(), created.Token); assert.NoError(t, err) })
	}
	group.Wait()
	assert.Equal(t, 2, counted.Views(), "one of the callers reads it again")

	for range 10 {
		_, err = m.CallerByToken(t.Context(), paycor.NewSecret("pcc_unknown"))
		assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	}
	assert.Equal(t, 12, counted.Views())
	assert.Equal(t, 1, apitoken.Cached(m.Tokens), "unknown tokens are not cached")

	require.NoError(t, e.As(env.Administrator()).RevokeConsumer(t.Context(), created.ID))
	_, err = m.CallerByToken(t.Context(), created.Token)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
}

// Many callers authenticate while tokens are revoked: none succeeds once the
// revocation has returned.
func TestRevokedTokenNeverAuthenticatesAgain(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	other := e.OpenStore(t)
	second := e.NewBackend(t, other)
	for range 30 {
		created, err := e.As(env.Administrator()).CreateConsumer(t.Context(), newDraft(paycor.RightUse))
		require.NoError(t, err)
		var revoked sync.WaitGroup
		done := make(chan struct{})
		for range 4 {
			revoked.Go(func() {
				for {
					last := false
					select {
					case <-done:
						last = true
					default:
					}
					_, err := second.CallerByToken(t.Context(), created.Token)
					if last {
						assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
						return
					}
				}
			})
		}
		require.NoError(t, e.As(env.Administrator()).RevokeConsumer(t.Context(), created.ID))
		close(done)
		revoked.Wait()
	}
	consumers, err := consumer.All(t.Context(), second.As(env.Administrator()))
	require.NoError(t, err)
	assert.False(t, slices.ContainsFunc(consumers, func(c consumer.Consumer) bool { return c.State != consumer.Revoked }))
}

func TestTokenIdentifiesItsConsumer(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	created, err := e.Operator("east").CreateConsumer(t.Context(), consumer.Draft{Name: "nightly", Rights: paycor.Rights{paycor.RightUse}})
	require.NoError(t, err)
	caller, err := e.CallerByToken(t.Context(), created.Token)
	require.NoError(t, err)
	assert.Equal(t, paycor.CallerConsumer, caller.Kind)
	assert.Equal(t, "nightly", caller.Name)
	assert.Equal(t, "east", caller.Workspace)
	assert.Equal(t, paycor.Rights{paycor.RightUse}, caller.Rights)
	text := created.Token.Reveal()
	for _, wrong := range []string{"", "pcc_", "pcc_unknown", text + "x", "x" + text} {
		_, err := e.CallerByToken(t.Context(), paycor.NewSecret(wrong))
		assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), wrong)
	}

	e.Clock.Pass(100 * 24 * time.Hour)
	_, err = e.CallerByToken(t.Context(), created.Token)
	assert.NoError(t, err, "without an expiry it lasts")
}

func BenchmarkCallerByToken(b *testing.B) {
	e := env.New(b)
	created, err := e.Operator("").CreateConsumer(b.Context(), consumer.Draft{Name: "bench", Rights: paycor.Rights{paycor.RightUse}})
	require.NoError(b, err)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := e.CallerByToken(b.Context(), created.Token); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// A list comes in pages, and a forged cursor is rejected.
func TestConsumersArePaged(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	service := e.As(env.Administrator())
	var want []string
	for i := range 5 {
		created, err := service.CreateConsumer(t.Context(), consumer.Draft{Name: fmt.Sprint(i), Rights: paycor.Rights{paycor.RightView}})
		require.NoError(t, err)
		want = append(want, created.ID)
		e.Clock.Pass(time.Second)
	}
	slices.Reverse(want)
	var found []string
	query := consumer.Query{Limit: 2}
	for {
		page, err := service.Consumers(t.Context(), query)
		require.NoError(t, err)
		assert.Equal(t, 5, page.Total)
		for _, c := range page.Consumers {
			found = append(found, c.ID)
		}
		if query.Cursor = page.Next; page.Next == "" {
			break
		}
		require.Len(t, page.Consumers, 2)
	}
	assert.Equal(t, want, found)
	for _, cursor := range []string{"x", "12", "12.", ".token_a"} {
		_, err := service.Consumers(t.Context(), consumer.Query{Cursor: cursor})
		assert.Equal(t, paycor.KindMalformed, paycor.KindOf(err), cursor)
	}
}

// A workspace has a limited number of tokens that work. Ended ones do not count.
func TestTokensOfAWorkspaceAreLimited(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	service := e.As(env.Administrator())
	draft := consumer.Draft{Name: "one more", Rights: paycor.Rights{paycor.RightView}}
	first, err := service.CreateConsumer(t.Context(), draft)
	require.NoError(t, err)
	require.NoError(t, e.Store.Update(t.Context(), func(tx store.Tx) error {
		for i := range consumer.MaxLive - 1 {
			token := store.APIToken{ID: fmt.Sprint("many", i), Hash: []byte(fmt.Sprint(i)), Workspace: env.Administrator().Workspace, CreatedAt: e.Clock.Now()}
			if err := tx.InsertAPIToken(token); err != nil {
				return err
			}
		}
		return nil
	}))
	_, err = service.CreateConsumer(t.Context(), draft)
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err), "%v", err)
	require.NoError(t, service.RevokeConsumer(t.Context(), first.ID))
	_, err = service.CreateConsumer(t.Context(), draft)
	assert.NoError(t, err)
}
