package proxy_test

import (
	"context"
	"fmt"
	"math/rand/v2"
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

// No minute has more calls than Paycor allows, wherever it starts, and a minute's calls go
// as early as that allows.
func TestNoMinuteExceedsTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := proxy.NewRateLimiter(1000)
		time.Sleep(12345 * time.Millisecond) // anywhere within a bucket
		begin := time.Now()
		var mu sync.Mutex
		var granted []time.Time
		ctx, stop := context.WithTimeout(t.Context(), 4*time.Minute)
		defer stop()
		var callers sync.WaitGroup
		for n := range 40 {
			callers.Go(func() {
				for ctx.Err() == nil {
					if ok, _, _ := limiter.Acquire(ctx, fmt.Sprint(n%4), time.Hour); ok {
						mu.Lock()
						granted = append(granted, time.Now())
						mu.Unlock()
						time.Sleep(time.Duration(rand.IntN(2000)) * time.Millisecond)
					}
				}
			})
		}
		callers.Wait()
		slices.SortFunc(granted, time.Time.Compare)
		for i := range granted {
			if i+1000 < len(granted) {
				assert.GreaterOrEqual(t, granted[i+1000].Sub(granted[i]), time.Minute+500*time.Millisecond)
				assert.LessOrEqual(t, granted[i+1000].Sub(granted[i]), time.Minute+3*time.Second, "the limit is used")
			}
		}
		assert.Greater(t, len(granted), 3900)
		assert.Less(t, granted[999].Sub(begin), 30*time.Second)
	})
}

// A whole minute's calls go at once, and the one after them when they have left the
// window, for which a caller can wait.
func TestMinuteGoesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := proxy.NewRateLimiter(1000)
		start := time.Now()
		for range 1000 {
			granted, _, _ := limiter.Acquire(t.Context(), "a", 0)
			require.True(t, granted)
		}
		assert.Zero(t, time.Since(start))
		granted, when, _ := limiter.Acquire(t.Context(), "a", time.Minute)
		assert.False(t, granted)
		assert.Equal(t, 61*time.Second, when)
		granted, _, _ = limiter.Acquire(t.Context(), "a", when)
		assert.True(t, granted)
		assert.Equal(t, 61*time.Second, time.Since(start))
	})
}

// A consumer with many calls does not keep out one with a few.
func TestConsumersTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := proxy.NewRateLimiter(60)
		for range 60 { // one a second, so that later they leave the window so
			granted, _, _ := limiter.Acquire(t.Context(), "greedy", 0)
			require.True(t, granted)
			time.Sleep(time.Second)
		}
		var callers sync.WaitGroup
		start := time.Now()
		for range 200 {
			callers.Go(func() { _, _, _ = limiter.Acquire(t.Context(), "greedy", time.Hour) })
		}
		synctest.Wait()
		assert.Equal(t, 200, limiter.Waiting())
		for range 3 {
			granted, _, err := limiter.Acquire(t.Context(), "modest", 4*time.Second)
			require.NoError(t, err)
			assert.True(t, granted)
		}
		assert.LessOrEqual(t, time.Since(start), 8*time.Second)
		callers.Wait()
		assert.Zero(t, limiter.Waiting())
	})
}

func TestRejectionSaysWhenToRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := proxy.NewRateLimiter(6)
		for range 6 {
			granted, _, _ := limiter.Acquire(t.Context(), "a", 0)
			require.True(t, granted)
			time.Sleep(1234 * time.Millisecond)
		}
		granted, when, err := limiter.Acquire(t.Context(), "a", 0)
		require.NoError(t, err)
		assert.False(t, granted)
		time.Sleep(when - time.Millisecond)
		granted, _, _ = limiter.Acquire(t.Context(), "a", 0)
		assert.False(t, granted, "too early")
		time.Sleep(time.Millisecond)
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

// A permit with which nothing was sent is another call's.
func TestCanceledPermitIsReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := proxy.NewRateLimiter(6)
		for range 100 {
			require.True(t, limiter.AcquireAndCancel(t.Context(), "a"))
		}
		for range 6 {
			granted, _, _ := limiter.Acquire(t.Context(), "a", 0)
			require.True(t, granted)
		}
		assert.False(t, limiter.AcquireAndCancel(t.Context(), "a"), "never more than the limit")
	})
}

func TestCanceledWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := proxy.NewRateLimiter(6)
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
		granted, _, err := limiter.Acquire(t.Context(), "b", 61*time.Second)
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
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.CallsPerMinute, c.MaxWait = 2, time.Nanosecond })
	for range 2 {
		for _, id := range []string{"cred_1", "cred_2"} {
			response, _ := s.send("GET", "/api/v1/credentials/"+id+"/paycor/v1/a", "")
			if len(upstream.requests()) <= 2 && response.StatusCode == 200 {
				continue
			}
			assert.Equal(t, 429, response.StatusCode)
			assert.Equal(t, "call_limit", response.Header.Get(proxy.ErrorHeader))
			assert.NotEmpty(t, response.Header.Get("Retry-After"))
			assert.Equal(t, `"paycor";q=2;w=60`, response.Header.Get("RateLimit-Policy"))
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

// Servers divide the calls of a minute among them, and one that starts takes its part of
// those that others have not made yet.
func TestServersShareTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		servers := 2
		limiter := proxy.NewSharedRateLimiter(10, func() int { return servers })
		granted := func() (calls int) {
			for {
				if ok, _, _ := limiter.Acquire(t.Context(), "a", 0); !ok {
					return calls
				}
				calls++
			}
		}
		assert.Equal(t, 5, granted())
		servers = 1
		assert.Equal(t, 5, granted())
		servers = 5
		time.Sleep(30 * time.Second)
		assert.Zero(t, granted())
		time.Sleep(32 * time.Second)
		assert.Equal(t, 2, granted())
		servers = 100
		time.Sleep(62 * time.Second)
		assert.Equal(t, 1, granted(), "at least one")
	})
}
