package backend_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/audit/archive"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/session"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/usage"
)

const year = 365 * 24 * time.Hour

// machine is a server whose system clock may jump.
type machine struct {
	*env.Environment
	elapsed time.Duration
	log     testkit.Log
	id      string // of a credential
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{}
	m.Environment = env.New(t, func(c *backend.Config) {
		c.Elapsed = func() time.Duration { return m.elapsed }
		c.Logger = slog.New(slog.NewTextHandler(&m.log, nil))
		c.AuditRetention = archive.Retention{Keep: 100 * 24 * time.Hour, Directory: t.TempDir()}
	})
	m.id = env.Create(t, m.As(env.Administrator())).ID
	return m
}

// runs lets time pass, in which the server does its work. Each minute, there is a call.
func (m *machine) runs(t *testing.T, minutes int) {
	t.Helper()
	for range minutes {
		m.CallFinished(usage.Call{Caller: env.Program("nightly"), Credential: m.id, At: m.Clock.Now(), Method: "GET", Status: 200})
		assert.NoError(t, m.Available(), "calls go on")
		require.True(t, m.Flush(t.Context()))
		require.NoError(t, backend.Sweep(t.Context(), m.Backend))
		require.NoError(t, backend.Archive(t.Context(), m.Backend))
		m.elapsed += time.Minute
		m.Clock.Pass(time.Minute)
	}
}

// recordedCalls returns how many calls are in the audit trail.
func (m *machine) recordedCalls(t *testing.T) (calls int) {
	t.Helper()
	for _, entry := range m.Trail(t) {
		if entry.Action == audit.ActionUses {
			assert.Contains(t, entry.Detail, "calls=1 ")
			calls++
		}
	}
	return calls
}

// A clock that is a year ahead for an hour loses no entry of a call, neither while it is
// ahead nor afterwards, and is logged once in each direction.
func TestClockThatJumpsSilencesNoAudit(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.runs(t, 30)
	assert.Equal(t, 29, m.recordedCalls(t), "all but the current minute")
	m.Clock.Pass(year)
	m.runs(t, 60)
	assert.Equal(t, 89, m.recordedCalls(t))
	m.Clock.Pass(-year)
	m.runs(t, 30)
	assert.Equal(t, 119, m.recordedCalls(t))
	require.NoError(t, m.Close(t.Context()))
	assert.Equal(t, 120, m.recordedCalls(t))
	assert.Equal(t, 2, strings.Count(m.log.String(), "level=WARN"), m.log.String())

	saved, err := m.As(env.Administrator()).Credential(t.Context(), m.id)
	require.NoError(t, err)
	assert.False(t, saved.LastUsedAt.After(m.Clock.Now()), "last used %s", saved.LastUsedAt)
}

// The jobs that delete and archive what is old take a jump ahead for no reason to.
func TestClockThatJumpsDeletesNothing(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.runs(t, 15)
	before := m.Trail(t)
	handle, _, err := m.OpenSession(t.Context(), person())
	require.NoError(t, err)
	code, _, err := m.CreateLink(t.Context())
	require.NoError(t, err)
	m.Clock.Pass(year)
	m.runs(t, 20)
	m.Clock.Pass(-year)
	m.runs(t, 1)

	after := m.Trail(t)
	assert.Equal(t, before[len(before)-1], after[len(after)-1], "the first entry was not archived")
	_, err = m.CallerBySession(t.Context(), handle)
	assert.NoError(t, err, "the sign-in was only refused while the clock was ahead")
	_, _, err = m.SignIn(t.Context(), code, "", "")
	assert.NoError(t, err)
	used, err := m.As(env.Administrator()).Usage(t.Context(), m.id)
	require.NoError(t, err)
	assert.NotZero(t, used.Hours[len(used.Hours)-1].Done, "counts of calls")
}

// Sign-ins and links from a clock that was ahead would not end for as long as it was.
func TestSignInFromClockThatWasAheadEnds(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	earlier, _, err := m.OpenSession(t.Context(), person())
	require.NoError(t, err)
	m.Clock.Pass(year)
	ahead, _, err := m.OpenSession(t.Context(), person())
	require.NoError(t, err)
	code, _, err := m.CreateLink(t.Context())
	require.NoError(t, err)
	_, err = m.CallerBySession(t.Context(), ahead)
	require.NoError(t, err)
	require.NoError(t, m.UseSession(t.Context(), earlier))

	m.Clock.Pass(-year)
	_, err = m.CallerBySession(t.Context(), ahead)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	_, _, err = m.SignIn(t.Context(), code, "", "")
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	_, err = m.CallerBySession(t.Context(), earlier)
	assert.NoError(t, err)
	m.Clock.Pass(2 * time.Hour)
	_, err = m.CallerBySession(t.Context(), earlier)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "it was idle, although it was last seen in a year")
}

// A process that is killed while the clock is ahead holds no lease for a year.
func TestLeaseOfClockThatWasAheadEnds(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	lease := func() (state store.TokenState) {
		require.NoError(t, m.Store.View(t.Context(), func(r store.Reader) (err error) {
			state, err = r.TokenState(paycor.DefaultWorkspace, m.id)
			return err
		}))
		return state
	}
	require.NoError(t, m.Store.Update(t.Context(), func(tx store.Tx) error {
		state := lease()
		state.LeaseOwner, state.LeaseEndsAt = "killed", m.Clock.Now().Add(year+time.Minute)
		return tx.PutTokenState(paycor.DefaultWorkspace, m.id, state, nil)
	}))
	saved, err := m.As(env.Administrator()).Credential(t.Context(), m.id)
	require.NoError(t, err)
	_, err = m.TokenSource().Token(t.Context(), env.TokenKey(saved))
	assert.Error(t, err, "there is no Paycor")
	assert.NotEqual(t, "killed", lease().LeaseOwner)
}

func person() session.SignIn {
	return session.SignIn{Issuer: "https://login.example", Subject: "ann", Name: "Ann", Workspace: paycor.DefaultWorkspace, Rights: paycor.AllRights()}
}
