package meter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// newCall returns a call that ended now.
func newCall(e *env.Environment, credential, caller string, status int) usage.Call {
	return usage.Call{
		Caller: env.Program(caller), Credential: credential, Environment: "production", At: e.Clock.Now(), Method: "GET", Status: status,
		CorrelationID: "corr-1", RequestID: "req-1", Took: time.Millisecond,
	}
}

// usageOf flushes the environment's meter and returns the usage of a credential.
func usageOf(t *testing.T, e *env.Environment, id string) usage.Usage {
	t.Helper()
	used, err := e.As(env.Administrator()).Usage(t.Context(), id)
	require.NoError(t, err)
	return used
}

func TestCallsAreCountedByHourCallerAndOutcome(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	for _, status := range []int{200, 204, 302, 401, 404, 429, 500, 503, 0} {
		e.Count(newCall(e, saved.ID, "one", status))
	}
	e.Clock.Pass(2 * time.Hour)
	e.Count(newCall(e, saved.ID, "two", 200))
	used := usageOf(t, e, saved.ID)

	require.Len(t, used.Hours, 24)
	assert.Equal(t, e.Clock.Now().Truncate(time.Hour), used.Hours[23].Begins)
	assert.Equal(t, usage.Counts{Done: 1}, used.Hours[23].Counts)
	first := usage.Counts{Done: 3, Refused: 2, Throttled: 1, Failed: 2, Aborted: 1}
	assert.Equal(t, first, used.Hours[21].Counts)
	assert.EqualValues(t, 10, used.Total().Calls())
	assert.EqualValues(t, 5, used.Total().Errors())
	require.Len(t, used.Users, 2)
	assert.Equal(t, "Name of two", used.Users[0].Name, "most recent first")
	assert.Equal(t, first, used.Users[1].Day)
	require.Len(t, used.Failures, 5)
	assert.Equal(t, 503, used.Failures[0].Status)
	assert.Equal(t, "corr-1", used.Failures[0].CorrelationID)
	found, err := e.As(env.Administrator()).Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.WithinDuration(t, e.Clock.Now(), found.LastUsedAt, time.Second)
	assert.Equal(t, saved.Version, found.Version, "a call does not change the credential")

	e.Clock.Pass(23 * time.Hour)
	assert.EqualValues(t, 1, usageOf(t, e, saved.ID).Total().Calls(), "the window moves on")
	assert.EqualValues(t, 1, usageOf(t, e, saved.ID).Hours[0].Calls())
}

func TestUsageMarksUsersWhoseTokenEnded(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	ids := map[string]string{}
	for _, name := range []string{"works", "revoked", "expired"} {
		draft := consumer.Draft{Name: name, Rights: paycor.Rights{paycor.RightUse}}
		if name == "expired" {
			draft.ExpiresAt = e.Clock.Now().Add(time.Hour)
		}
		created, err := e.As(env.Administrator()).CreateConsumer(t.Context(), draft)
		require.NoError(t, err)
		ids[created.ID] = name
		e.Count(newCall(e, saved.ID, created.ID, 200))
		if name == "revoked" {
			require.NoError(t, e.As(env.Administrator()).RevokeConsumer(t.Context(), created.ID))
		}
	}
	e.Count(newCall(e, saved.ID, "token_removed", 200))
	e.Clock.Pass(time.Hour)
	found := map[string]consumer.State{}
	for _, user := range usageOf(t, e, saved.ID).Users {
		found[ids[user.ID]] = user.Ended
	}
	assert.Equal(t, map[string]consumer.State{"works": "", "revoked": consumer.Revoked, "expired": consumer.Expired, "": ""}, found)
}

func TestTrailHasOneEntryPerMinute(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	recorded := func() (found []audit.Entry) {
		for _, entry := range e.Trail(t) {
			if entry.Action == audit.ActionUses {
				found = append(found, entry)
			}
		}
		return found
	}
	for range 40 {
		e.Count(newCall(e, saved.ID, "one", 200))
		require.True(t, e.Flush(t.Context()))
	}
	e.Count(newCall(e, saved.ID, "two", 500))
	require.True(t, e.Flush(t.Context()))
	assert.Empty(t, recorded(), "the minute is not over")
	e.Clock.Pass(time.Minute)
	e.Count(newCall(e, saved.ID, "one", 200))
	e.Count(newCall(e, saved.ID, "one", 404))
	require.True(t, e.Flush(t.Context()))
	found := recorded()
	require.Len(t, found, 2)
	assert.Equal(t, "calls=1 done=0 refused=0 throttled=0 failed=1 aborted=0 minute=2026-03-01T12:00:00Z", found[0].Detail)
	assert.Equal(t, "failed", found[0].Outcome)
	assert.Equal(t, "calls=40 done=40 refused=0 throttled=0 failed=0 aborted=0 minute=2026-03-01T12:00:00Z", found[1].Detail)
	assert.Equal(t, [...]string{"consumer", "one", "Name of one", "192.0.2.7", saved.ID, "done"},
		[...]string{string(found[1].CallerKind), found[1].CallerID, found[1].CallerName, found[1].From, found[1].Credential, found[1].Outcome})

	// Close records the current minute.
	e.Count(newCall(e, saved.ID, "one", 200))
	require.NoError(t, e.Close(t.Context()))
	found = recorded()
	require.Len(t, found, 3)
	assert.Contains(t, found[0].Detail, "calls=3 done=2 refused=1")
	assert.Equal(t, "partly", found[0].Outcome)
	assert.EqualValues(t, 44, usageOf(t, e, saved.ID).Total().Calls())

	history, err := e.As(env.Administrator()).History(t.Context(), saved.ID)
	require.NoError(t, err)
	for _, entry := range history.Entries {
		assert.NotEqual(t, audit.ActionUses, entry.Action)
	}
	assert.NotEmpty(t, history.Entries)
	trail := e.Trail(t)
	require.NoError(t, testkit.CheckTrail(nil, func(yield func(audit.Entry) bool) {
		for i := len(trail) - 1; i >= 0 && yield(trail[i]); i-- {
		}
	}), "the entries belong to the chain")
}

func TestCallsOfADeletedCredentialAreRecorded(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	require.NoError(t, e.As(env.Administrator()).Delete(t.Context(), saved.ID, ""))
	e.Count(newCall(e, saved.ID, "one", 500))
	require.NoError(t, e.Close(t.Context()))
	assert.Equal(t, audit.ActionUses, e.Trail(t)[0].Action)
	assert.Equal(t, saved.ID, e.Trail(t)[0].Credential)
}

// Text from outside is stored only where it looks like an identifier.
func TestFailureKeepsIdentifiersOnly(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	for name, text := range map[string]string{
		"line break": "a\nb", "html": "<b>", "long": strings.Repeat("a", 65), "not UTF-8": "\xff", "space": "Bearer x",
	} {
		t.Run(name, func(t *testing.T) {
			call := newCall(e, saved.ID, "one", 500)
			call.CorrelationID, call.RequestID, call.Method, call.Code = text, text, text, verdicts.Code(text)
			e.Count(call)
			kept := usageOf(t, e, saved.ID).Failures[0]
			assert.Equal(t, [...]string{"", "", "", ""}, [...]string{kept.CorrelationID, kept.RequestID, kept.Method, string(kept.Code)})
		})
	}
}

// Calls that Paycor did not answer say nothing about its latency.
func TestTheLatencyOfAnHour(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	hour := func() usage.Hour { return usageOf(t, e, saved.ID).Hours[usage.Hours-1] }
	for range 100 {
		e.Count(newCall(e, saved.ID, "one", 503)) // the circuit breaker is open
	}
	assert.Zero(t, hour().P95)
	other := e.NewBackend(t, e.OpenStore(t))
	slow := newCall(e, saved.ID, "one", 200)
	slow.Took, slow.Upstream = 700*time.Millisecond, 600*time.Millisecond
	for range 10 {
		e.Count(slow)
		other.Count(slow)
	}
	require.True(t, other.Flush(t.Context()))
	assert.EqualValues(t, 120, hour().Calls(), "of both servers")
	assert.EqualValues(t, 975, hour().P95)
}

// A week is in parts of six hours, and users are counted in the last day of it.
func TestTheWeekOfACredential(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	e.Clock.Pass(usage.WeekPart - e.Clock.Now().Sub(e.Clock.Now().Truncate(usage.WeekPart))) // a part begins
	for range 8 * 4 {
		call := newCall(e, saved.ID, "one", 200)
		call.Took, call.Upstream = 700*time.Millisecond, 600*time.Millisecond
		e.Count(call)
		e.Clock.Pass(5 * time.Hour)
		e.Count(call)
		e.Count(newCall(e, saved.ID, "one", 503))
		e.Clock.Pass(time.Hour)
	}
	e.Clock.Pass(-time.Minute)
	used := usageOf(t, e, saved.ID)
	require.Len(t, used.Week, usage.WeekParts)
	for i, part := range used.Week {
		assert.EqualValues(t, 3, part.Calls(), "%d", i)
		assert.EqualValues(t, 1, part.Errors())
		assert.EqualValues(t, 975, part.P95)
		if i > 0 {
			assert.Equal(t, usage.WeekPart, part.Begins.Sub(used.Week[i-1].Begins))
		}
	}
	require.Len(t, used.Hours, usage.Hours)
	assert.EqualValues(t, 12, used.Total().Calls())
	assert.EqualValues(t, 12, used.Users[0].Day.Calls())
}
