package signin_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/session"
	"paycorcred/paycor/testkit/env"
)

// signIn is a person an identity provider vouches for.
func signIn() session.SignIn {
	return session.SignIn{
		Issuer: "https://login.example", Subject: "bea", SID: "s1", Name: "Bea", Workspace: "default",
		Rights: paycor.AllRights(), Hint: paycor.NewSecret("an ID token"),
	}
}

func TestLinkWorksOnce(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	code, _, err := e.CreateLink(t.Context())
	require.NoError(t, err)
	var (
		opened atomic.Int32
		wait   sync.WaitGroup
		handle paycor.Secret
	)
	for range 10 {
		wait.Go(func() {
			got, _, err := e.SignIn(t.Context(), code, "127.0.0.1", "r")
			if err == nil {
				opened.Add(1)
				handle = got
			} else {
				assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
			}
		})
	}
	wait.Wait()
	require.Equal(t, int32(1), opened.Load())

	caller, err := e.CallerBySession(t.Context(), handle)
	require.NoError(t, err)
	assert.Equal(t, paycor.CallerPerson, caller.Kind)
	assert.Equal(t, paycor.AllRights(), caller.Rights)

	require.NoError(t, e.SignOut(t.Context(), handle, "127.0.0.1", "r"))
	_, err = e.CallerBySession(t.Context(), handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	assert.NoError(t, e.SignOut(t.Context(), handle, "127.0.0.1", "r"), "a second sign-out is no error")
}

func TestLinksAndSessionsExpire(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	code, expires, err := e.CreateLink(t.Context())
	require.NoError(t, err)
	handle, ends, err := e.SignIn(t.Context(), code, "", "")
	require.NoError(t, err)
	unused, _, err := e.CreateLink(t.Context())
	require.NoError(t, err)

	e.Clock.Pass(expires.Sub(e.Clock.Now()) + time.Second)
	_, _, err = e.SignIn(t.Context(), unused, "", "")
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))

	e.Clock.Pass(ends.Sub(e.Clock.Now()) + time.Second)
	_, err = e.CallerBySession(t.Context(), handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
}

func TestOpenSessionEndsThePreviousOne(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	first, _, err := e.OpenSession(t.Context(), signIn())
	require.NoError(t, err)
	again := signIn()
	again.Replaces = first
	_, _, err = e.OpenSession(t.Context(), again)
	require.NoError(t, err)
	_, err = e.CallerBySession(t.Context(), first)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	trail := e.Trail(t)
	require.Len(t, trail, 3)
	assert.Equal(t, []audit.Action{audit.ActionSignIn, audit.ActionSessionEnd, audit.ActionSignIn}, []audit.Action{trail[0].Action, trail[1].Action, trail[2].Action})
	assert.Equal(t, "replaced "+trail[2].Detail, trail[1].Detail)

	again.Replaces = paycor.NewSecret("planted")
	_, _, err = e.OpenSession(t.Context(), again)
	assert.NoError(t, err, "an unknown handle is ignored")
}

func TestSessionEndsWhenIdle(t *testing.T) {
	t.Parallel()
	e := env.New(t, func(c *backend.Config) { c.SessionIdle, c.SessionLifetime = 30*time.Minute, time.Hour })
	handle, _, err := e.OpenSession(t.Context(), signIn())
	require.NoError(t, err)
	valid := func() bool {
		_, err := e.CallerBySession(t.Context(), handle)
		return err == nil
	}
	e.Clock.Pass(29 * time.Minute)
	require.NoError(t, e.UseSession(t.Context(), handle))
	e.Clock.Pass(29 * time.Minute)
	assert.True(t, valid(), "it was used")
	e.ForgetIdle()
	assert.True(t, valid())
	e.Clock.Pass(2 * time.Minute)
	assert.False(t, valid(), "its lifetime is over")
	require.NoError(t, e.UseSession(t.Context(), paycor.NewSecret("unknown")))

	handle, _, err = e.OpenSession(t.Context(), signIn())
	require.NoError(t, err)
	e.Clock.Pass(30 * time.Minute)
	assert.False(t, valid(), "it was idle")
}

func TestProviderEndsItsSessions(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	handle, _, err := e.OpenSession(t.Context(), signIn())
	require.NoError(t, err)
	hint, err := e.ProviderHint(t.Context(), handle)
	require.NoError(t, err)
	assert.Equal(t, "an ID token", hint.Reveal())
	hint, err = e.ProviderHint(t.Context(), paycor.NewSecret("unknown"))
	require.NoError(t, err)
	assert.True(t, hint.IsZero())

	report := session.SignOut{Issuer: signIn().Issuer, Subject: "bea", SID: "s1", Until: e.Clock.Now().Add(-time.Second)}
	ended, err := e.EndProviderSessions(t.Context(), report, "192.0.2.1", "r2")
	require.NoError(t, err)
	assert.Zero(t, ended, "the session is newer than the report")
	report.Until = e.Clock.Now()
	ended, err = e.EndProviderSessions(t.Context(), report, "192.0.2.1", "r2")
	require.NoError(t, err)
	assert.Equal(t, 1, ended)
	last := e.Trail(t)[0]
	assert.Equal(t, audit.ActionSessionEnd, last.Action)
	assert.Equal(t, "bea 192.0.2.1 r2", last.CallerID+" "+last.From+" "+last.RequestID)
}

func TestPeopleSeeAndEndTheirOwnSessions(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	handle, _, err := e.OpenSession(t.Context(), signIn())
	require.NoError(t, err)
	bea, err := e.CallerBySession(t.Context(), handle)
	require.NoError(t, err)
	bea.Rights = paycor.Rights{paycor.RightView}

	own, err := e.As(bea).Sessions(t.Context())
	require.NoError(t, err)
	require.Len(t, own.Sessions, 1)
	assert.True(t, own.Sessions[0].Current)
	current, err := e.As(bea).CurrentSession(t.Context(), false)
	require.NoError(t, err)
	assert.Equal(t, own.Sessions[0], current)
	_, err = e.As(bea).AllSessions(t.Context())
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))

	other := env.Person(paycor.RightView)
	for _, id := range []string{own.Sessions[0].ID, "sess_unknown"} {
		assert.Equal(t, paycor.KindForbidden, paycor.KindOf(e.As(other).EndSession(t.Context(), id)), "it does not learn which sessions exist")
	}
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(e.Operator("").EndSession(t.Context(), "sess_unknown")))
	all, err := e.Operator("").AllSessions(t.Context())
	require.NoError(t, err)
	assert.Len(t, all.Sessions, 1)
	none, err := e.As(env.Program("nightly")).Sessions(t.Context())
	require.NoError(t, err)
	assert.Empty(t, none.Sessions, "programs have no sessions")
	_, err = e.As(other).CurrentSession(t.Context(), false)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))

	require.NoError(t, e.As(bea).EndSession(t.Context(), own.Sessions[0].ID))
	_, err = e.As(bea).CurrentSession(t.Context(), false)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
}
