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

// No minute has more calls than Paycor allows, wherever it starts, and the calls
// are spread evenly.
func TestNoMinuteExceedsTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := proxy.NewRateLimiter(1000)
		var mu sync.Mutex
		var granted []time.Time
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
		defer stop()
		var callers sync.WaitGroup
		for n := range 40 {
			callers.Go(func() {
				for ctx.Err() == nil {
					if ok, _, _ := limiter.Acquire(ctx, fmt.Sprint(n%4), time.Hour); ok {
						mu.Lock()
						granted = append(granted, time.Now())
						mu.Unlock()
					}
				}
			})
		}
		callers.Wait()
		slices.SortFunc(granted, time.Time.Compare)
		for i := range granted {
			if i+1000 < len(granted) {
				assert.GreaterOrEqual(t, granted[i+1000].Sub(granted[i]), time.Minute-time.Millisecond)
			}
		}
		assert.InDelta(t, 100+3*900, len(granted), 5, "the limit is used")
		for i := 101; i < len(granted); i++ {
			assert.Less(t, granted[i].Sub(granted[i-1]), 200*time.Millisecond, "no gap")
		}
	})
}

// A consumer with many calls does not keep out one with a few.
func TestConsumersTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := proxy.NewRateLimiter(600)
		for range 60 {
			granted, _, _ := limiter.Acquire(t.Context(), "greedy", 0)
			require.True(t, granted)
		}
		var callers sync.WaitGroup
		start := time.Now()
		for range 200 {
			callers.Go(func() { _, _, _ = limiter.Acquire(t.Context(), "greedy", time.Hour) })
		}
		synctest.Wait()
		assert.Equal(t, 200, limiter.Waiting())
		for range 3 {
			granted, _, err := limiter.Acquire(t.Context(), "modest", time.Second)
			require.NoError(t, err)
			assert.True(t, granted)
		}
		assert.Less(t, time.Since(start), 2*time.Second)
		callers.Wait()
		assert.Zero(t, limiter.Waiting())
	})
}

func TestRejectionSaysWhenToRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := proxy.NewRateLimiter(60) // 6 at once, then 0.9 a second
		for range 6 {
			granted, _, _ := limiter.Acquire(t.Context(), "a", 0)
			require.True(t, granted)
		}
		granted, when, err := limiter.Acquire(t.Context(), "a", 0)
		require.NoError(t, err)
		assert.False(t, granted)
		time.Sleep(when - time.Millisecond)
		granted, _, _ = limiter.Acquire(t.Context(), "a", 0)
		assert.False(t, granted, "too early")
		time.Sleep(2 * time.Millisecond)
		granted, _, _ = limiter.Acquire(t.Context(), "a", 0)
		assert.True(t, granted, "at the promised time")
	})
}

func TestBackoffStopsAllCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := proxy.NewRateLimiter(1000)
		limiter.BackOff(7 * time.Second)
		granted, when, _ := limiter.Acquire(t.Context(), "a", time.Second)
		assert.False(t, granted)
		assert.Equal(t, 7*time.Second, when)
		start := time.Now()
		granted, _, _ = limiter.Acquire(t.Context(), "a", time.Minute)
		assert.True(t, granted)
		assert.Equal(t, 7*time.Second, time.Since(start))
	})
}

// A caller that disconnects at the moment of its permit returns it.
func TestCanceledPermitIsReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := proxy.NewRateLimiter(60)
		for range 6 {
			_, _, _ = limiter.Acquire(t.Context(), "a", 0)
		}
		granted, _, _ := limiter.Acquire(t.Context(), "b", 0)
		require.False(t, granted)
		limiter.CancelGranted()
		granted, _, _ = limiter.Acquire(t.Context(), "b", 0)
		assert.True(t, granted)
		for range 20 {
			limiter.CancelGranted()
		}
		for range 6 {
			_, _, _ = limiter.Acquire(t.Context(), "b", 0)
		}
		granted, _, _ = limiter.Acquire(t.Context(), "b", 0)
		assert.False(t, granted, "never more than the burst")
	})
}

func TestCanceledWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := proxy.NewRateLimiter(60)
		for range 6 {
			_, _, _ = limiter.Acquire(t.Context(), "a", 0)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				_, _, err := limiter.Acquire(ctx, "a", time.Hour)
				assert.ErrorIs(t, err, context.Canceled)
			})
		}
		synctest.Wait()
		cancel()
		callers.Wait()
		assert.Zero(t, limiter.Waiting())
		granted, _, err := limiter.Acquire(t.Context(), "b", 2*time.Second)
		require.NoError(t, err)
		assert.True(t, granted)
	})
}

// A caller that has to wait because Paycor asked for it is told so.
func TestBackoffIsAttributedToPaycor(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(n int, _ receivedRequest) string {
		if n == 1 {
			return long429
		}
		return okResponse
	})
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.MaxWait = time.Nanosecond })
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 429, response.StatusCode)
	assert.Empty(t, response.Header.Get(proxy.ErrorHeader), "the first response is Paycor's own")
	response, body := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 429, response.StatusCode)
	assert.Equal(t, "call_paused", response.Header.Get(proxy.ErrorHeader))
	assert.Contains(t, body, locale.English.Text("call.paused", 60))
	assert.Regexp(t, `^(60|59)$`, response.Header.Get("Retry-After"))
	assert.Empty(t, response.Header["Via"])
	assert.Len(t, upstream.requests(), 1)
}

// Credentials with the same key share its limit. Another key has its own.
func TestLimitIsPerKey(t *testing.T) {
	t.Parallel()
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
