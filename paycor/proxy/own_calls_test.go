package proxy_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/proxy"
)

// Verifications count against the limit. They go although it is used up, up to a fifth of
// it, and calls make room for them.
func TestOwnCallsCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := proxy.NewRateLimiter(10)
		call := func() bool {
			granted, _, err := limiter.Acquire(t.Context(), "a", 0)
			require.NoError(t, err)
			return granted
		}
		for range 3 {
			assert.Zero(t, limiter.TakeOwn())
		}
		for range 7 {
			assert.True(t, call())
		}
		assert.False(t, call(), "three of ten were the server's own")
		assert.Equal(t, 61*time.Second, limiter.TakeOwn(), "more than a fifth were")

		time.Sleep(61 * time.Second)
		for range 10 {
			assert.True(t, call())
		}
		assert.False(t, call())
		for range 2 {
			assert.Zero(t, limiter.TakeOwn(), "a person does not wait for programs")
		}
		assert.Equal(t, 61*time.Second, limiter.TakeOwn())
		time.Sleep(time.Minute)
		assert.Equal(t, time.Second, limiter.TakeOwn(), "it may be asked again in time")
		time.Sleep(time.Second)
		for range 10 {
			assert.Zero(t, limiter.TakeOwn(), "a limit that no call uses is theirs")
		}
		assert.NotZero(t, limiter.TakeOwn())
		assert.False(t, call())
	})
}

// The server's own calls and those of programs share the limiter of their key, also if no
// program has used it.
func TestOwnCallsShareTheLimitOfTheirKey(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.CallsPerMinute = 5 })
	s.source.keys = map[string]string{"cred_1": "one", "cred_2": "two"}
	for range 5 {
		assert.Zero(t, s.proxy.CountOwn(paycor.NewSecret("one")))
	}
	assert.NotZero(t, s.proxy.CountOwn(paycor.NewSecret("one")))
	response, _ := s.send("GET", "/api/v1/credentials/cred_1/paycor/v1/a", "", "Prefer: wait=0")
	assert.Equal(t, http.StatusTooManyRequests, response.StatusCode)
	response, _ = s.send("GET", "/api/v1/credentials/cred_2/paycor/v1/a", "")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Regexp(t, `^"paycor";r=4;t=6[01]$`, response.Header.Get("RateLimit"))
}
