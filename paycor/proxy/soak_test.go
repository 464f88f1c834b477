package proxy_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/breaker"
	"paycorcred/paycor/proxy"
)

// soak is how long TestSoak runs: a few seconds among the other tests, ten
// minutes by "make soak".
var soak = flag.Duration("soak", 3*time.Second, "how long TestSoak runs")

// faulty responds correctly most of the time, and otherwise with one of many faults.
func faulty(conn net.Conn) {
	r := bufio.NewReader(conn)
	for {
		got, err := readRequest(r)
		if err != nil {
			return
		}
		body := got.head[:min(len(got.head), 20)] + got.body
		whole := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		if strings.HasPrefix(got.head, "HEAD") {
			whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
		}
		switch rand.IntN(40) {
		case 0:
			reset(conn)
			return
		case 1:
			_, _ = io.WriteString(conn, whole[:rand.IntN(len(whole))])
			return
		case 2:
			time.Sleep(20 * time.Millisecond)
		case 3:
			whole = broken500
		case 4:
			whole = empty401
		case 5:
			whole = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
		case 6:
			whole = "nonsense\r\n\r\n"
		case 7:
			_, _ = io.Copy(io.Discard, conn) // never responds
			return
		}
		if strings.HasPrefix(got.head, "HEAD") {
			head, _, _ := strings.Cut(whole, "\r\n\r\n")
			whole = head + "\r\n\r\n"
		}
		if _, err := io.WriteString(conn, whole); err != nil {
			return
		}
	}
}

// Under full load, with faulty responses and callers that disconnect, nothing
// leaks: goroutines, connections and memory return to where they were. No
// response is wrong.
func TestSoak(t *testing.T) {
	upstream := &rawUpstream{}
	upstream.serve(t, faulty)
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) {
		c.Breakers = breaker.NewRegistry(breaker.Config{Cooldown: 10 * time.Millisecond})
		c.ResponseTimeout, c.StallTimeout, c.OnCall = 300*time.Millisecond, 300*time.Millisecond, nil
		c.CallsPerMinute = 100_000_000 // the limiter must not slow the load
	})
	checkLog := func() { assert.NotContains(t, s.log.Take(), "panic") }
	load := func(span time.Duration) (done, failed int64) {
		var all, bad, wrong atomic.Int64
		ctx, stop := context.WithTimeout(t.Context(), span)
		defer stop()
		transport := &http.Transport{MaxIdleConnsPerHost: 32}
		defer transport.CloseIdleConnections()
		var callers sync.WaitGroup
		for range 32 {
			callers.Go(func() {
				for ctx.Err() == nil {
					if all.Add(1)%10_000 == 0 {
						checkLog()
					}
					ok, err := soakCall(ctx, s, transport)
					if err != nil {
						bad.Add(1)
					} else if !ok {
						wrong.Add(1)
					}
				}
			})
		}
		callers.Wait()
		checkLog()
		assert.Zero(t, wrong.Load(), "responses that Paycor did not send")
		return all.Load(), bad.Load()
	}
	load(min(*soak/3, 5*time.Second)) // allocates what is allocated once
	before := resourcesOf(s)
	for range 100 { // until the load's connections are closed
		time.Sleep(50 * time.Millisecond)
		now := resourcesOf(s)
		if now.goroutines == before.goroutines {
			break
		}
		before = now
	}
	done, failed := load(*soak)
	t.Logf("%d calls, %d of them failed", done, failed)
	assert.Positive(t, done)
	assert.Less(t, failed, done/2)

	require.Eventually(t, func() bool {
		now := resourcesOf(s)
		return now.goroutines <= before.goroutines+4 && now.heap <= before.heap+(4<<20)
	}, testTimeout, 100*time.Millisecond, "before: %+v, now: %+v", before, resourcesOf(s))
	t.Logf("before: %+v, after: %+v", before, resourcesOf(s))
	assert.Zero(t, s.proxy.Calls())
	assert.Zero(t, s.proxy.Waiting())
	assert.Zero(t, s.proxy.Open(), "connections to Paycor")
}

// resources is what a process holds.
type resources struct {
	goroutines int
	heap       uint64
}

// resourcesOf measures after idle connections were closed.
func resourcesOf(s *testServer) resources {
	s.proxy.CloseIdle()
	runtime.GC()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return resources{runtime.NumGoroutine(), memory.HeapAlloc}
}

// soakCall makes a random call, and reports whether the response is correct. An
// error means that there was none, or only part of one.
func soakCall(ctx context.Context, s *testServer, transport *http.Transport) (bool, error) {
	method := []string{"GET", "GET", "GET", "POST", "PUT", "HEAD", "DELETE"}[rand.IntN(7)]
	body := ""
	if method == "POST" || method == "PUT" {
		body = strings.Repeat("x", rand.IntN(64<<10))
	}
	timeout := testTimeout
	if rand.IntN(20) == 0 {
		timeout = time.Duration(rand.IntN(5)) * time.Millisecond // disconnects early
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var reader io.Reader = strings.NewReader(body)
	if rand.IntN(2) == 0 {
		reader = io.MultiReader(reader) // of unknown length
	}
	if body == "" {
		reader = nil
	}
	request, err := http.NewRequestWithContext(limited, method, s.URL+root+"/v1/soak", reader)
	if err != nil {
		return false, err
	}
	request.Header.Set("Authorization", "Bearer "+callerToken)
	response, err := transport.RoundTrip(request)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return false, err
	}
	switch {
	case response.Header.Get(proxy.ErrorHeader) != "":
		return true, fmt.Errorf("rejected: %s", response.Header.Get(proxy.ErrorHeader))
	case response.StatusCode == 401:
		return len(text) == 0, nil
	case response.StatusCode == 500:
		return method == "HEAD" || string(text) == "{}", nil
	case response.StatusCode != 200:
		return false, nil
	case method == "HEAD":
		return len(text) == 0, nil
	}
	first := method + " /v1/soak HTTP/1.1\r\n"
	return string(text) == "hello" || strings.HasPrefix(string(text), first[:min(len(first), 20)]), nil
}
