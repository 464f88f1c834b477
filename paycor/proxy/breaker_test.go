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
