package proxy_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/proxy"
)

// Every attempt reports its outcome to the breaker, even if it panics.
// Otherwise the breaker would wait for that probe forever.
func TestPanicIsReportedToBreaker(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	var mode atomic.Int32 // 0: refuse, 1: panic, 2: connect
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) {
		c.Breakers = breaker.NewRegistry(breaker.Config{Cooldown: 50 * time.Millisecond})
		c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			switch mode.Load() {
			case 0:
				return nil, errors.New("connection refused")
			case 1:
				panic("a bug")
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		}
	})
	for range 8 {
		s.send("POST", root+"/v1/a", "")
	}
	require.Equal(t, breaker.Open, s.proxy.Breakers().Environments()[0].State)
	mode.Store(1)
	panicked := 0
	require.Eventually(t, func() bool {
		response, _ := s.send("POST", root+"/v1/a", "")
		if response.StatusCode == http.StatusInternalServerError {
			panicked++
		}
		return panicked == 3
	}, testTimeout, 10*time.Millisecond)
	mode.Store(2)
	require.Eventually(t, func() bool {
		response, _ := s.send("POST", root+"/v1/a", "")
		return response.StatusCode == 200
	}, testTimeout, 10*time.Millisecond)
}

func TestBreaker(t *testing.T) {
	t.Parallel()
	changes := make(chan string, 9)
	var healthy atomic.Bool
	upstream := newRawUpstream(t, func(int, receivedRequest) string {
		return map[bool]string{true: okResponse, false: bad502}[healthy.Load()]
	})
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) {
		c.Breakers = breaker.NewRegistry(breaker.Config{Cooldown: 300 * time.Millisecond, Changed: func(change breaker.Change) {
			changes <- change.Environment + " " + change.Credential + " " + string(change.State)
		}})
	})
	assert.Empty(t, s.proxy.Breakers().Environments())
	for range 8 {
		response, _ := s.send("POST", root+"/v1/a", "")
		assert.Equal(t, 502, response.StatusCode)
		assert.Empty(t, response.Header.Get(proxy.ErrorHeader))
	}
	states := s.proxy.Breakers().Environments()
	require.Len(t, states, 1)
	assert.Equal(t, breaker.Open, states[0].State)
	assert.Equal(t, "test", states[0].Environment)
	assert.False(t, states[0].Since.IsZero())

	response, body := s.send("POST", root+"/v1/a", "")
	assert.Equal(t, 503, response.StatusCode)
	assert.Equal(t, "call_unwell", response.Header.Get(proxy.ErrorHeader))
	assert.Equal(t, "1", response.Header.Get("Retry-After"))
	assert.Contains(t, body, "nothing was sent")
	assert.Len(t, upstream.requests(), 8, "an open breaker lets no call through")

	healthy.Store(true)
	require.Eventually(t, func() bool { return s.proxy.Breakers().Environments()[0].State == breaker.HalfOpen }, testTimeout, 10*time.Millisecond)
	for range 3 {
		response, _ = s.send("GET", root+"/v1/a", "")
		assert.Equal(t, 200, response.StatusCode)
	}
	assert.Equal(t, breaker.Closed, s.proxy.Breakers().Environments()[0].State)
	for _, state := range []breaker.State{breaker.Open, breaker.HalfOpen, breaker.Closed} {
		assert.Equal(t, "test cred_1 "+string(state), <-changes)
	}
	assert.Empty(t, changes, "each change is reported once")
	assert.NotContains(t, s.log.String(), "request failed", "rejected calls are not logged one by one")
}

// Callers that send slowly while the breaker is half open do not keep it there.
func TestSlowBodiesDoNotHoldProbes(t *testing.T) {
	t.Parallel()
	var started atomic.Int32
	var healthy atomic.Bool
	s := newTestServerFor(t, func(w http.ResponseWriter, r *http.Request) {
		if !healthy.Load() {
			w.WriteHeader(http.StatusBadGateway)
		}
		if r.ContentLength > 0 {
			started.Add(1)
			_, _ = io.Copy(io.Discard, r.Body)
		}
	}, func(c *proxy.Config) {
		c.Breakers = breaker.NewRegistry(breaker.Config{Cooldown: 100 * time.Millisecond})
	})
	for range 8 {
		s.send("POST", root+"/v1/a", "")
	}
	healthy.Store(true)
	require.Eventually(t, func() bool { return s.proxy.Breakers().Environments()[0].State == breaker.HalfOpen }, testTimeout, 10*time.Millisecond)
	var slow []net.Conn
	for range 3 {
		conn := s.dial()
		defer conn.Close()
		_, err := io.WriteString(conn, "POST "+root+"/v1/a"+requestHead+"Content-Length: 9\r\n\r\nfirst")
		require.NoError(t, err)
		slow = append(slow, conn)
	}
	require.Eventually(t, func() bool { return started.Load() == 3 }, testTimeout, time.Millisecond)
	require.Eventually(t, func() bool {
		response, _ := s.send("GET", root+"/v1/a", "", "Authorization: Bearer "+callerToken+"2")
		return response.StatusCode == 200
	}, testTimeout, 10*time.Millisecond)

	for _, conn := range slow {
		_, err := io.WriteString(conn, "last")
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return s.proxy.Breakers().Environments()[0].State == breaker.Closed }, testTimeout, 10*time.Millisecond, "slow probes still count")
}

// Responses that are the caller's fault, or a limit of Paycor's, are not outages.
func TestBreakerCountsOnlyOutages(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(n int, _ receivedRequest) string { return []string{broken500, empty401, long429}[n%3] })
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.MaxWait = time.Nanosecond })
	for range 30 {
		s.send("POST", root+"/v1/a", "")
	}
	assert.Equal(t, breaker.Closed, s.proxy.Breakers().Environments()[0].State)
}

// A consumer that asks for reports that take too long does not keep another consumer of
// the same credential from calling. If both fail, or nothing can be reached, all wait.
func TestBreakerIsPerConsumerFirst(t *testing.T) {
	t.Parallel()
	const other = "Authorization: Bearer " + callerToken + "2"
	var allFail, unreachable atomic.Bool
	release := make(chan struct{})
	s := newTestServerFor(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/v1/slow":
			<-release
		case allFail.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}, func(c *proxy.Config) {
		c.ResponseTimeout = 50 * time.Millisecond
		c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if unreachable.Load() {
				return nil, errors.New("no route to host")
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		}
	})
	t.Cleanup(func() { close(release) })
	state := func() breaker.State { return s.proxy.Breakers().Environments()[0].State }

	response, _ := s.send("GET", root+"/v1/a", "", other)
	require.Equal(t, 200, response.StatusCode)
	for range 8 {
		response, _ = s.send("GET", root+"/v1/slow", "")
		assert.Equal(t, "call_timeout", response.Header.Get(proxy.ErrorHeader))
	}
	response, body := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, "call_unwell", response.Header.Get(proxy.ErrorHeader))
	assert.Contains(t, body, locale.English.Text("call.breaker-open-consumer", 10))
	response, _ = s.send("GET", root+"/v1/a", "", other)
	assert.Equal(t, 200, response.StatusCode, "its fellow consumer calls on")
	assert.Equal(t, breaker.Closed, state())

	unreachable.Store(true)
	s.proxy.CloseIdle()
	const third = "Authorization: Bearer " + callerToken + "3"
	for range 8 {
		response, _ = s.send("POST", root+"/v1/a", "", third)
		assert.Equal(t, "call_unsent", response.Header.Get(proxy.ErrorHeader))
	}
	unreachable.Store(false)
	response, body = s.send("GET", root+"/v1/a", "", other)
	assert.Equal(t, "call_unwell", response.Header.Get(proxy.ErrorHeader))
	assert.Contains(t, body, locale.English.Text("call.breaker-open", 10))
	assert.Equal(t, breaker.Open, state())

	s.source.mu.Lock()
	s.source.key = "000000000000000000000000000000b2" // another upstream
	s.source.mu.Unlock()
	allFail.Store(true)
	for _, by := range []string{other, third} {
		for range 8 {
			response, _ = s.send("POST", root+"/v1/a", "", by)
			assert.Equal(t, 503, response.StatusCode)
			assert.Empty(t, response.Header.Get(proxy.ErrorHeader))
		}
	}
	_, body = s.send("POST", root+"/v1/a", "")
	assert.Contains(t, body, locale.English.Text("call.breaker-open", 10), "a consumer that has not called yet waits too")
}
