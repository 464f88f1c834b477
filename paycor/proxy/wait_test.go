package proxy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// RateLimit never promises an earlier time than Retry-After.
func TestRateLimitAgreesWithRetryAfter(t *testing.T) {
	t.Parallel()
	for upstreamResponse, want := range map[string]string{
		httpResponse("429 Too Many Requests", "{}", "Retry-After: 17"):                `"paycor";r=0;t=17`,
		httpResponse("403 Forbidden", "{}", "Retry-After: 5025"):                      `"paycor";r=0;t=5025`,
		httpResponse("503 Service Unavailable", "{}", "Retry-After: 30"):              `"paycor";r=0;t=30`,
		httpResponse("429 Too Many Requests", "{}"):                                   "",
		httpResponse("404 Not Found", "{}"):                                           "",
		httpResponse("202 Accepted", "{}", "Retry-After: 60"):                         "", // when to ask for the result; it is not a limit
		httpResponse("401 Unauthorized", "{}", "Retry-After: Wed, 21 Oct 2015 07:28"): "",
	} {
		upstream := newRawUpstream(t, func(int, receivedRequest) string { return upstreamResponse })
		s := newTestServer(t, upstream.URL())
		response, _ := s.send("POST", root+"/v1/a", "", "Prefer: wait=0")
		got := response.Header.Get("RateLimit")
		if want == "" {
			assert.Regexp(t, `^"paycor";r=[1-9]\d*;t=6[01]$`, got, upstreamResponse)
		} else {
			assert.Equal(t, want, got, upstreamResponse)
		}
	}
}

// Prefer: wait says how long a caller is willing to wait.
func TestCallerSetsMaxWait(t *testing.T) {
	t.Parallel()
	for prefer, status := range map[string]int{"wait=0": 429, "wait=1": 200, "respond-async, wait=30": 200, "wait=much": 200} {
		t.Run(prefer, func(t *testing.T) {
			t.Parallel()
			upstream := newRawUpstream(t, func(n int, _ receivedRequest) string {
				return map[bool]string{true: limit429, false: okResponse}[n == 1]
			})
			s := newTestServer(t, upstream.URL())
			response, _ := s.send("GET", root+"/v1/a", "", "Prefer: "+prefer)
			assert.Equal(t, status, response.StatusCode)
			if status == 200 {
				assert.GreaterOrEqual(t, s.lastCall(1).Waited, 900*time.Millisecond)
			}
		})
	}
}
