package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy"
)

// A token endpoint that hangs delays the calls through one credential and no
// others.
func TestSlowTokenHoldsFewSlots(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.MaxCalls, c.MaxCallsPerCredential = 12, 4 })
	release := make(chan struct{})
	var waiting atomic.Int32
	s.source.onRequest = func(credential string) {
		if credential == "cred_1" {
			waiting.Add(1)
			<-release
		}
	}
	var calls sync.WaitGroup
	for range 3 {
		calls.Go(func() { s.send("GET", root+"/v1/a", "") })
	}
	require.Eventually(t, func() bool { return waiting.Load() == 3 }, testTimeout, time.Millisecond)
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, "call_crowded", response.Header.Get(proxy.ErrorHeader))
	response, _ = s.send("GET", secondRoot+"/v1/a", "")
	assert.Equal(t, 200, response.StatusCode)
	close(release)
	calls.Wait()
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

// Slow callers take a bounded number of slots. A call that finds none is rejected
// at once.
func TestSlotsAreBounded(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := newTestServerFor(t, holdUntil(release), func(c *proxy.Config) { c.MaxCalls, c.MaxCallsPerCredential = 12, 4 }) // a consumer may have 6 of them, and 3 of one credential
	var calls sync.WaitGroup
	results := make(chan string, 20)
	call := func(path string, by ...string) {
		calls.Go(func() {
			response, _ := s.send("GET", path+"/v1/a", "", by...)
			results <- fmt.Sprint(response.StatusCode, response.Header.Get(proxy.ErrorHeader))
		})
	}
	awaitCalls := func(n int) {
		require.Eventually(t, func() bool { return s.proxy.Calls() == n }, testTimeout, time.Millisecond)
	}
	for range 3 {
		call(root)
	}
	awaitCalls(3)
	call(root)
	assert.Equal(t, "429call_crowded", <-results, "a consumer leaves slots to others with the same credential")
	for range 3 {
		call("/api/v1/credentials/cred_2/paycor")
	}
	awaitCalls(6)
	call("/api/v1/credentials/cred_3/paycor")
	assert.Equal(t, "429call_crowded", <-results, "and to others of the server")
	const another = "Authorization: Bearer " + callerToken + "2"
	call(root, another)
	awaitCalls(7)
	call(root, another)
	assert.Equal(t, "429call_crowded", <-results, "the credential is at its limit")
	for range 2 {
		call("/api/v1/credentials/cred_3/paycor", another)
	}
	awaitCalls(9)
	call("/api/v1/credentials/cred_3/paycor", another)
	assert.Equal(t, "429call_crowded", <-results, "the workspace is at its limit")
	close(release)
	calls.Wait()
	for range 9 {
		assert.Equal(t, "200", <-results)
	}
	assert.Zero(t, s.proxy.Calls())
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 200, response.StatusCode, "the slots are free again")
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
