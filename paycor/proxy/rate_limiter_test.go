package proxy_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/proxy"
)

// However eager the callers are, no minute has more calls than Paycor allows,
// wherever it is said to begin, and they come evenly.
func TestNoMinuteExceedsTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := proxy.NewRateLimiter(1000)
		var mu sync.Mutex
		var went []time.Time
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
		defer stop()
		var callers sync.WaitGroup
		for n := range 40 {
			callers.Go(func() {
				for ctx.Err() == nil {
					if granted, _, _ := b.Acquire(ctx, fmt.Sprint(n%4), time.Hour); granted {
						mu.Lock()
						went = append(went, time.Now())
						mu.Unlock()
					}
				}
			})
		}
		callers.Wait()
		slices.SortFunc(went, time.Time.Compare)
		for i := range went {
			if i+1000 < len(went) {
				assert.GreaterOrEqual(t, went[i+1000].Sub(went[i]), time.Minute-time.Millisecond)
			}
		}
		assert.InDelta(t, 100+3*900, len(went), 5, "what is allowed is used")
		for i := 101; i < len(went); i++ {
			assert.Less(t, went[i].Sub(went[i-1]), 200*time.Millisecond, "no gap")
		}
	})
}

// A consumer with a thousand calls does not keep out another with one.
func TestConsumersTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := proxy.NewRateLimiter(600)
		for range 60 {
			granted, _, _ := b.Acquire(t.Context(), "greedy", 0)
			require.True(t, granted)
		}
		var callers sync.WaitGroup
		begun := time.Now()
		for range 200 {
			callers.Go(func() { _, _, _ = b.Acquire(t.Context(), "greedy", time.Hour) })
		}
		synctest.Wait()
		assert.Equal(t, 200, b.Waiting())
		for range 3 {
			granted, _, err := b.Acquire(t.Context(), "modest", time.Second)
			require.NoError(t, err)
			assert.True(t, granted)
		}
		assert.Less(t, time.Since(begun), 2*time.Second)
		callers.Wait()
		assert.Zero(t, b.Waiting())
	})
}

func TestRejectionSaysWhenToRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := proxy.NewRateLimiter(60) // 6 at once, then 0.9 a second
		for range 6 {
			granted, _, _ := b.Acquire(t.Context(), "a", 0)
			require.True(t, granted)
		}
		granted, when, err := b.Acquire(t.Context(), "a", 0)
		require.NoError(t, err)
		assert.False(t, granted)
		time.Sleep(when - time.Millisecond)
		granted, _, _ = b.Acquire(t.Context(), "a", 0)
		assert.False(t, granted, "it was not yet time")
		time.Sleep(2 * time.Millisecond)
		granted, _, _ = b.Acquire(t.Context(), "a", 0)
		assert.True(t, granted, "it was time")
	})
}

func TestPauseStopsAllCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := proxy.NewRateLimiter(1000)
		b.Pause(7 * time.Second)
		granted, when, _ := b.Acquire(t.Context(), "a", time.Second)
		assert.False(t, granted)
		assert.Equal(t, 7*time.Second, when)
		begun := time.Now()
		granted, _, _ = b.Acquire(t.Context(), "a", time.Minute)
		assert.True(t, granted)
		assert.Equal(t, 7*time.Second, time.Since(begun))
	})
}

// Who leaves the queue takes no turn with it.
// Whoever leaves at the moment of their turn leaves it to the next.
func TestCanceledPermitIsReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := proxy.NewRateLimiter(60)
		for range 6 {
			_, _, _ = b.Acquire(t.Context(), "a", 0)
		}
		granted, _, _ := b.Acquire(t.Context(), "b", 0)
		require.False(t, granted)
		b.CancelGranted()
		granted, _, _ = b.Acquire(t.Context(), "b", 0)
		assert.True(t, granted)
		for range 20 {
			b.CancelGranted()
		}
		for range 6 {
			_, _, _ = b.Acquire(t.Context(), "b", 0)
		}
		granted, _, _ = b.Acquire(t.Context(), "b", 0)
		assert.False(t, granted, "never more than the bucket holds")
	})
}

func TestCanceledWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := proxy.NewRateLimiter(60)
		for range 6 {
			_, _, _ = b.Acquire(t.Context(), "a", 0)
		}
		ctx, leave := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				_, _, err := b.Acquire(ctx, "a", time.Hour)
				assert.ErrorIs(t, err, context.Canceled)
			})
		}
		synctest.Wait()
		leave()
		callers.Wait()
		assert.Zero(t, b.Waiting())
		granted, _, err := b.Acquire(t.Context(), "b", 2*time.Second)
		require.NoError(t, err)
		assert.True(t, granted)
	})
}

// Who has to wait because Paycor asked for it is not told that a limit of ours is used up.
func TestPauseIsAttributedToPaycor(t *testing.T) {
	upstream := newRawUpstream(t, func(n int, _ receivedRequest) string {
		if n == 1 {
			return long429
		}
		return okResponse
	})
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.MaxWait = time.Nanosecond })
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 429, response.StatusCode)
	assert.Empty(t, response.Header.Get(proxy.ErrorHeader), "the first is Paycor's own")
	response, body := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 429, response.StatusCode)
	assert.Equal(t, "call_paused", response.Header.Get(proxy.ErrorHeader))
	assert.Contains(t, body, locale.English.Text("call.paused", 60))
	assert.Regexp(t, `^(60|59)$`, response.Header.Get("Retry-After"))
	assert.Empty(t, response.Header["Via"])
	assert.Len(t, upstream.requests(), 1)
}

// Two credentials with one key share its limit; another key has its own.
func TestLimitIsPerKey(t *testing.T) {
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.CallsPerMinute, c.MaxWait = 20, time.Nanosecond })
	for range 2 {
		for _, id := range []string{"cred_1", "cred_2"} {
			response, _ := s.send("GET", "/api/v1/credentials/"+id+"/paycor/v1/a", "")
			if len(upstream.requests()) <= 2 && response.StatusCode == 200 {
				continue
			}
			assert.Equal(t, 429, response.StatusCode)
			assert.Equal(t, "call_limit", response.Header.Get(proxy.ErrorHeader))
			assert.NotEmpty(t, response.Header.Get("Retry-After"))
			assert.Equal(t, `"paycor";q=20;w=60`, response.Header.Get("RateLimit-Policy"))
			assert.Regexp(t, `^"paycor";r=0;t=[1-9]`, response.Header.Get("RateLimit"))
		}
	}
	assert.Len(t, upstream.requests(), 2)
	s.source.mu.Lock()
	s.source.key = "000000000000000000000000000000b2"
	s.source.mu.Unlock()
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 200, response.StatusCode)
}
