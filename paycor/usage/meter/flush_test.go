package meter_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/usage/meter"
)

// faultyStore fails to write while it is broken.
type faultyStore struct {
	store.Store
	broken atomic.Bool
	during func() // runs before a write fails; may be nil
}

func (s *faultyStore) Update(ctx context.Context, write func(store.Tx) error) error {
	if s.broken.Load() {
		if s.during != nil {
			s.during()
		}
		return errors.New("the disk is full")
	}
	return s.Store.Update(ctx, write)
}

func TestFailingWritesDenyCalls(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	faulty := &faultyStore{Store: e.Store}
	log := &testkit.Log{}
	m := e.NewBackend(t, faulty, func(c *backend.Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
	require.True(t, m.Flush(t.Context()))
	faulty.broken.Store(true)
	for range 5 {
		m.Count(newCall(e, saved.ID, "one", 500))
		assert.False(t, m.Flush(t.Context()))
		e.Clock.Pass(time.Second)
	}
	assert.NoError(t, m.Available(), "until the delay is too long, they wait")
	assert.NoError(t, m.Ready(t.Context()))
	assert.EqualValues(t, 5, m.Waiting())
	e.Clock.Pass(meter.MaxDelay)
	assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(m.Available()))
	assert.Error(t, m.Ready(t.Context()))
	assert.Equal(t, 1, strings.Count(log.String(), "usage cannot be written"), "logged once")

	faulty.broken.Store(false)
	require.True(t, m.Flush(t.Context()))
	assert.NoError(t, m.Available())
	assert.Zero(t, m.Waiting())
	assert.Contains(t, log.String(), "usage is written again")
	assert.EqualValues(t, 5, usageOf(t, e, saved.ID).Total().Calls(), "nothing was lost")
	failures := usageOf(t, e, saved.ID).Failures
	require.Len(t, failures, 1)
	assert.EqualValues(t, 5, failures[0].Count, "and each failure is counted once")
	assert.Equal(t, 4*time.Second, failures[0].At.Sub(failures[0].FirstAt))
}

// A burst of equal failures is one group, in memory and in the store, and each
// failure is counted: across flushes and across two servers on one database.
func TestFailureBurstIsGroupedAndKeepsItsCause(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	besides := e.OpenStore(t)
	other := e.NewBackend(t, besides)

	cause := newCall(e, saved.ID, "one", 504)
	cause.Code, cause.CorrelationID = usage.CodeCallTimeout, "corr-cause"
	e.Count(cause)
	start := e.Clock.Now()
	for n := range 90 {
		e.Clock.Pass(time.Second)
		call := newCall(e, saved.ID, "one", 503)
		call.Code, call.CorrelationID, call.RequestID = usage.CodeCallBreakerOpen, "", fmt.Sprint("req-", n)
		call.Path = fmt.Sprintf("/v1/%c/{…}", 'a'+n%26)
		e.Count(call)
		other.Count(call)
		if n%25 == 24 {
			require.True(t, e.Flush(t.Context()))
		}
		if n%40 == 39 {
			require.True(t, other.Flush(t.Context()))
		}
	}
	require.True(t, other.Flush(t.Context()))
	failures := usageOf(t, e, saved.ID).Failures
	require.Len(t, failures, 2)
	burst := usage.Failure{
		At: start.Add(90*time.Second + time.Millisecond), FirstAt: start.Add(time.Second + time.Millisecond), Count: 180,
		UserName: "Name of one", Method: "GET", Status: 503, Code: usage.CodeCallBreakerOpen, RequestID: "req-89",
		Path: "/v1/l/{…}",
	}
	assert.Equal(t, burst, failures[0])
	assert.Equal(t, usage.CodeCallTimeout, failures[1].Code)
	assert.Equal(t, "corr-cause", failures[1].CorrelationID)
	assert.EqualValues(t, 1, failures[1].Count)

	// Another program or another method makes a separate group.
	e.Count(newCall(e, saved.ID, "two", 503))
	call := newCall(e, saved.ID, "two", 503)
	call.Method = "POST"
	e.Count(call)
	assert.Len(t, usageOf(t, e, saved.ID).Failures, 4)

	// So do failures that Paycor's headers distinguish.
	for _, note := range []usage.Note{usage.NoteKey, usage.NoteToken, usage.NoteKey} {
		call := newCall(e, saved.ID, "two", 401)
		call.Note = note
		e.Clock.Pass(time.Millisecond)
		e.Count(call)
	}
	failures = usageOf(t, e, saved.ID).Failures
	require.Len(t, failures, 6)
	assert.Equal(t, usage.NoteKey, failures[0].Note)
	assert.EqualValues(t, 2, failures[0].Count)
}

// When there are too many groups of failures, the most recent stay.
func TestWaitingFailuresAreBounded(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	faulty := &faultyStore{Store: e.Store}
	m := e.NewBackend(t, faulty)
	faulty.broken.Store(true)
	next := 0
	fail := func() {
		for range 5 {
			e.Clock.Pass(time.Millisecond)
			m.Count(newCall(e, saved.ID, "one", 500)) // recurs, so it stays
			m.Count(newCall(e, saved.ID, fmt.Sprint("caller-", next), 404))
			next++
		}
		assert.LessOrEqual(t, meter.Failures(m.Meter), 20)
	}
	faulty.during = fail // calls during a failing flush join what could not be written
	for range 6 {
		fail()
		require.False(t, m.Flush(t.Context()))
		assert.LessOrEqual(t, meter.Failures(m.Meter), 20)
	}
	require.Equal(t, 60, next)
	faulty.broken.Store(false)
	require.True(t, m.Flush(t.Context()))
	failures := usageOf(t, e, saved.ID).Failures
	require.Len(t, failures, 20)
	counts := map[string]int64{}
	for _, failure := range failures {
		counts[failure.UserName] = failure.Count
	}
	assert.EqualValues(t, 60, counts["Name of one"])
	assert.EqualValues(t, 1, counts["Name of caller-59"])
	assert.EqualValues(t, 1, counts["Name of caller-41"])
}

func TestBrokenTrailDeniesCalls(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	m := e.NewBackend(t, env.BrokenTrail{Store: e.Store})
	m.Count(newCall(e, saved.ID, "one", 200))
	require.True(t, m.Flush(t.Context()), "the minute is not over")
	e.Clock.Pass(time.Minute)
	require.False(t, m.Flush(t.Context()))
	assert.NoError(t, m.Available())
	e.Clock.Pass(meter.MaxDelay)
	require.False(t, m.Flush(t.Context()))
	assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(m.Available()))
	assert.EqualValues(t, 1, usageOf(t, e, saved.ID).Total().Calls(), "still counted")
	require.True(t, e.Flush(t.Context()))
	assert.Equal(t, audit.ActionUses, e.Trail(t)[0].Action, "recorded once the trail works")
}

func TestWaitingCallsAreBounded(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	faulty := &faultyStore{Store: e.Store}
	m := e.NewBackend(t, faulty)
	faulty.broken.Store(true)
	const more = meter.MaxBuckets + 1000
	for n := range more {
		m.Count(newCall(e, saved.ID, fmt.Sprint("caller-", n), 200))
		if n%3000 == 0 {
			m.Flush(t.Context())
		}
	}
	assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(m.Available()), "at once")
	assert.LessOrEqual(t, meter.Buckets(m.Meter), meter.MaxBuckets+1)
	assert.EqualValues(t, more, m.Waiting(), "each call is counted, some of them together")
	faulty.broken.Store(false)
	require.True(t, m.Flush(t.Context()))
	assert.NoError(t, m.Available())
	assert.EqualValues(t, meter.MaxBuckets, usageOf(t, e, saved.ID).Total().Calls())
	require.NoError(t, m.Close(t.Context()))
	sum := ""
	for before := int64(0); sum == ""; {
		var entries []audit.Entry
		require.NoError(t, e.Store.View(t.Context(), func(r store.Reader) (err error) {
			entries, _, err = r.SearchAudit("default", audit.Query{}, store.AuditScan{From: before, MaxScanned: 1 << 30, Limit: 1000})
			return err
		}))
		require.NotEmpty(t, entries, "the rest is recorded as a sum")
		for _, entry := range entries {
			if before = entry.Sequence; entry.CallerID == "others" {
				sum = entry.Detail
			}
		}
	}
	assert.Contains(t, sum, "calls=1000 ")
}

func TestCountDuringFlush(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	ctx, stop := context.WithCancel(t.Context())
	var running, counting sync.WaitGroup
	running.Go(func() { e.Run(ctx) })
	for n := range 8 {
		counting.Go(func() {
			for range 2000 {
				e.Count(newCall(e, saved.ID, fmt.Sprint(n%3), 200))
			}
		})
	}
	for range 20 {
		e.Flush(t.Context())
	}
	counting.Wait()
	stop()
	running.Wait()
	require.NoError(t, e.Close(t.Context()))
	assert.EqualValues(t, 16000, usageOf(t, e, saved.ID).Total().Calls())
}

// Calls that waited for long are written together. The last use is the last of
// them, whatever the order in which they are stored.
func TestLastUseOfCallsThatWaitedForHours(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	for range 20 {
		e.Clock.Pass(2 * time.Hour)
		e.Count(newCall(e, saved.ID, "one", 200))
	}
	require.True(t, e.Flush(t.Context()))
	found, err := e.As(env.Administrator()).Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.WithinDuration(t, e.Clock.Now(), found.LastUsedAt, time.Second)
}
