package proxy_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy"
)

// Calls that wait for a token hold no slot, so that a token endpoint that hangs delays
// the calls through one credential and no others.
func TestCallsThatWaitForATokenHoldNoSlot(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.MaxCalls, c.MaxCallsPerCredential = 12, 4 })
	release := make(chan struct{})
	s.source.onRequest = func(credential string) {
		if credential == "cred_1" {
			<-release
		}
	}
	const waiting = 100
	var calls sync.WaitGroup
	results := make(chan int, waiting)
	for range waiting {
		calls.Go(func() {
			response, _ := s.send("GET", root+"/v1/a", "")
			results <- response.StatusCode
		})
	}
	require.Eventually(t, func() bool { return s.proxy.Pending() == waiting }, testTimeout, time.Millisecond)
	assert.Zero(t, s.proxy.InUse())
	response, _ := s.send("GET", secondRoot+"/v1/a", "")
	assert.Equal(t, 200, response.StatusCode)
	close(release)
	calls.Wait()
	for range waiting {
		assert.Equal(t, 200, <-results, "all of them are served then")
	}
}

// How many calls wait is bounded by what they take of the memory.
func TestPendingCallsAreBounded(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := newTestServerFor(t, echo, func(c *proxy.Config) { c.MaxPending = 8 }) // a consumer may have 4 of them, the workspace 6
	s.source.onRequest = func(string) { <-release }
	var calls sync.WaitGroup
	results := make(chan int, 8)
	call := func(by string) {
		calls.Go(func() {
			response, _ := s.send("GET", root+"/v1/a", "", "Authorization: Bearer "+callerToken+by)
			results <- response.StatusCode
		})
	}
	crowded := func(by string) {
		t.Helper()
		response, _ := s.send("GET", root+"/v1/a", "", "Authorization: Bearer "+callerToken+by)
		assert.Equal(t, "call_crowded", response.Header.Get(proxy.ErrorHeader))
		assert.Equal(t, "1", response.Header.Get("Retry-After"))
	}
	for n := range 4 {
		call("")
		require.Eventually(t, func() bool { return s.proxy.Pending() == n+1 }, testTimeout, time.Millisecond)
	}
	crowded("")
	for n := range 2 {
		call("2")
		require.Eventually(t, func() bool { return s.proxy.Pending() == n+5 }, testTimeout, time.Millisecond)
	}
	crowded("3")
	close(release)
	calls.Wait()
	for range 6 {
		assert.Equal(t, 200, <-results)
	}
	assert.Zero(t, s.proxy.Pending())
}

func TestPendingFollowsTheMemory(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 2048, proxy.PendingInMemory(128<<20), "as few as a burst of a thousand calls needs")
	assert.Equal(t, 4266, proxy.PendingInMemory(800<<20))
	assert.Equal(t, 16384, proxy.PendingInMemory(math.MaxInt64), "no limit is known")
}

// holdUntil responds once release is closed.
func holdUntil(release <-chan struct{}) http.HandlerFunc {
	return func(http.ResponseWriter, *http.Request) { <-release }
}

// openIdleConnections opens connections from another process, because one process
// may not have file descriptors for both ends.
func openIdleConnections(t *testing.T, address string, n int) (closeAll func()) {
	t.Helper()
	client := exec.Command(os.Args[0], "-test.run", "^TestIdleConnections$")
	client.Env = append(os.Environ(), "PROXY_IDLE="+address+" "+strconv.Itoa(n))
	in, err := client.StdinPipe()
	require.NoError(t, err)
	out, err := client.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, client.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "connected\n", line)
	return func() {
		_ = in.Close()
		_ = client.Wait()
	}
}

// holdIdleConnections is that process: it opens connections, sends half a request
// on every other one, and keeps them until its input ends.
func holdIdleConnections(t *testing.T) {
	t.Helper()
	address, number, _ := strings.Cut(os.Getenv("PROXY_IDLE"), " ")
	n, _ := strconv.Atoi(number)
	conns := make([]net.Conn, 0, n)
	for i := range n {
		conn, err := net.Dial("tcp", address)
		require.NoError(t, err)
		if i%2 == 0 {
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: local")
		}
		conns = append(conns, conn)
	}
	fmt.Println("connected")
	_, _ = io.Copy(io.Discard, os.Stdin)
	for _, conn := range conns {
		_ = conn.Close()
	}
}

// Slow calls take a bounded number of slots. A call that finds none waits, for as long as
// its caller does.
func TestSlotsAreBounded(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := newTestServerFor(t, holdUntil(release), func(c *proxy.Config) { c.MaxCalls, c.MaxCallsPerCredential = 12, 4 }) // a consumer may have 6 of them, and 3 of one credential
	const another, third = "Authorization: Bearer " + callerToken + "2", "Authorization: Bearer " + callerToken + "3"
	var calls sync.WaitGroup
	results := make(chan int, 20)
	call := func(path string, by ...string) {
		calls.Go(func() {
			response, _ := s.send("GET", path+"/v1/a", "", by...)
			results <- response.StatusCode
		})
	}
	crowded := func(path string, by ...string) {
		t.Helper()
		response, _ := s.send("GET", path+"/v1/a", "", append(by, "Prefer: wait=0")...)
		assert.Equal(t, "call_crowded", response.Header.Get(proxy.ErrorHeader))
	}
	awaitSlots := func(n int) {
		t.Helper()
		require.Eventually(t, func() bool { return s.proxy.InUse() == n }, testTimeout, time.Millisecond)
	}
	for range 3 {
		call(root)
	}
	awaitSlots(3)
	crowded(root) // a consumer leaves slots to others with the same credential
	for range 3 {
		call(secondRoot)
	}
	awaitSlots(6)
	crowded(thirdRoot) // and to others of the server
	call(root, another)
	awaitSlots(7)
	crowded(root, third) // the credential is at its limit
	for range 2 {
		call(thirdRoot, another)
	}
	awaitSlots(9)
	crowded(thirdRoot, third) // the workspace is at its limit
	call(thirdRoot, third)
	require.Eventually(t, func() bool { return s.proxy.Waiting() == 1 }, testTimeout, time.Millisecond)
	close(release)
	calls.Wait()
	for range 10 {
		assert.Equal(t, 200, <-results)
	}
	assert.Zero(t, s.proxy.InUse())
	assert.Zero(t, s.proxy.Waiting())
}

// Consumers that wait for a slot take turns, and so do the credentials of one. A consumer
// at its limit keeps nobody waiting.
func TestSlotsGoToConsumersInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := proxy.NewAdmission(4, map[string]int{"greedy": 2}, 1000)
		var mu sync.Mutex
		var order []string
		var calls sync.WaitGroup
		call := func(consumer, credential string) {
			calls.Go(func() {
				release, err := a.Acquire(t.Context(), consumer, credential, time.Hour)
				if !assert.NoError(t, err) || !assert.NotNil(t, release) {
					return
				}
				mu.Lock()
				order = append(order, consumer+" "+credential)
				hold := time.Second + time.Duration(len(order))*time.Millisecond // they end in the order they began
				mu.Unlock()
				time.Sleep(hold)
				release()
			})
			synctest.Wait()
		}
		for range 4 {
			call("greedy", "cred_1")
		}
		call("greedy", "cred_2")
		call("x", "cred_1")
		call("y", "cred_1")
		for range 2 {
			call("x", "cred_1")
			call("y", "cred_1")
		}
		assert.Equal(t, []string{"greedy cred_1", "greedy cred_1", "x cred_1", "y cred_1"}, order)
		assert.Equal(t, 7, a.Waiting())
		calls.Wait()
		assert.Equal(t, []string{"greedy cred_1", "x cred_1", "y cred_1", "greedy cred_2"}, order[4:8])
		assert.Len(t, order, 11)
		assert.Zero(t, a.Waiting())
		assert.True(t, a.Empty(), "nothing is remembered of calls that have gone")
	})
}

// A call that waits for the limit holds no slot, and one that waits for a slot uses up no
// call of the minute.
func TestSlotAndPermitAreTakenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := proxy.NewAdmission(2, nil, 3)
		ctx, stop := context.WithCancel(t.Context())
		var calls sync.WaitGroup
		hold := func(consumer string) (release func()) {
			release, err := a.Acquire(t.Context(), consumer, "cred_1", 0)
			require.NoError(t, err)
			require.NotNil(t, release)
			return release
		}
		first, second := hold("a"), hold("a")
		for range 5 {
			calls.Go(func() {
				_, err := a.Acquire(ctx, "a", "cred_1", time.Hour)
				assert.ErrorIs(t, err, context.Canceled)
			})
		}
		synctest.Wait()
		assert.Equal(t, 2, a.Used(), "calls of the minute")
		stop()
		calls.Wait()
		first()
		third := hold("b")
		third()
		for range 5 { // the minute is used up
			calls.Go(func() {
				release, err := a.Acquire(t.Context(), "a", "cred_1", time.Hour)
				if assert.NoError(t, err) && assert.NotNil(t, release) {
					release()
				}
			})
		}
		synctest.Wait()
		second()
		assert.Zero(t, a.InUse())
		calls.Wait()
		assert.True(t, a.Empty())
	})
}

// Ten thousand idle connections keep no caller out and cost little memory.
func TestIdleConnections(t *testing.T) {
	if os.Getenv("PROXY_IDLE") != "" {
		holdIdleConnections(t)
		return
	}
	s := newTestServerFor(t, echo)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	closeAll := openIdleConnections(t, s.address, 10_000)
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 200, response.StatusCode)
	runtime.ReadMemStats(&after)
	grown := int64(after.Sys) - int64(before.Sys)
	t.Logf("10,000 idle connections: %d MB", grown>>20)
	assert.Less(t, grown, int64(200<<20))
	closeAll()
}
