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

// A token endpoint that hangs holds up the calls through one credential, not
// those of everybody.
func TestSlowTokenHoldsFewSlots(t *testing.T) {
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.MaxCalls, c.MaxCallsPerCredential = 12, 4 })
	release := make(chan struct{})
	var held atomic.Int32
	s.source.onRequest = func(credential string) {
		if credential == "cred_1" {
			held.Add(1)
			<-release
		}
	}
	var calls sync.WaitGroup
	for range 3 {
		calls.Go(func() { s.send("GET", root+"/v1/a", "") })
	}
	require.Eventually(t, func() bool { return held.Load() == 3 }, testTimeout, time.Millisecond)
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, "call_crowded", response.Header.Get(proxy.ErrorHeader))
	response, _ = s.send("GET", secondRoot+"/v1/a", "")
	assert.Equal(t, 200, response.StatusCode)
	close(release)
	calls.Wait()
}

func holdUntil(release <-chan struct{}) http.HandlerFunc {
	return func(http.ResponseWriter, *http.Request) { <-release }
}

// openIdleConnections has another process hold idle connections, because one process may
// not have both ends of so many.
func openIdleConnections(t *testing.T, address string, n int) (end func()) {
	t.Helper()
	crowd := exec.Command(os.Args[0], "-test.run", "^TestIdleConnections$")
	crowd.Env = append(os.Environ(), "PROXY_IDLE="+address+" "+strconv.Itoa(n))
	in, err := crowd.StdinPipe()
	require.NoError(t, err)
	out, err := crowd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, crowd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "standing\n", line)
	return func() {
		_ = in.Close()
		_ = crowd.Wait()
	}
}

// holdIdleConnections opens connections, half of them with half a head, and holds them
// until its input ends.
func holdIdleConnections(t *testing.T) {
	t.Helper()
	address, number, _ := strings.Cut(os.Getenv("PROXY_IDLE"), " ")
	n, _ := strconv.Atoi(number)
	held := make([]net.Conn, 0, n)
	for i := range n {
		conn, err := net.Dial("tcp", address)
		require.NoError(t, err)
		if i%2 == 0 {
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: local")
		}
		held = append(held, conn)
	}
	fmt.Println("standing")
	_, _ = io.Copy(io.Discard, os.Stdin)
	for _, conn := range held {
		_ = conn.Close()
	}
}

// Any number of slow callers takes a bounded number of places; who finds none
// is told so at once.
func TestSlotsAreBounded(t *testing.T) {
	release := make(chan struct{})
	s := newTestServerFor(t, holdUntil(release), func(c *proxy.Config) { c.MaxCalls, c.MaxCallsPerCredential = 12, 4 }) // of which one consumer may have 6 and 3
	var calls sync.WaitGroup
	answers := make(chan string, 20)
	call := func(path string, by ...string) {
		calls.Go(func() {
			response, _ := s.send("GET", path+"/v1/a", "", by...)
			answers <- fmt.Sprint(response.StatusCode, response.Header.Get(proxy.ErrorHeader))
		})
	}
	underWay := func(n int) {
		require.Eventually(t, func() bool {
			return s.proxy.Calls() == n
		}, testTimeout, time.Millisecond)
	}
	for range 3 {
		call(root)
	}
	underWay(3)
	call(root)
	assert.Equal(t, "429call_crowded", <-answers, "one consumer leaves room for another of the same credential")
	for range 3 {
		call("/api/v1/credentials/cred_2/paycor")
	}
	underWay(6)
	call("/api/v1/credentials/cred_3/paycor")
	assert.Equal(t, "429call_crowded", <-answers, "and of the server")
	const another = "Authorization: Bearer " + callerToken + "2"
	call(root, another)
	underWay(7)
	call(root, another)
	assert.Equal(t, "429call_crowded", <-answers, "the credential has no more")
	for range 2 {
		call("/api/v1/credentials/cred_3/paycor", another)
	}
	underWay(9)
	call("/api/v1/credentials/cred_3/paycor", another)
	assert.Equal(t, "429call_crowded", <-answers, "the workspace has no more: the rest is for others")
	close(release)
	calls.Wait()
	for range 9 {
		assert.Equal(t, "200", <-answers)
	}
	assert.Zero(t, s.proxy.Calls())
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 200, response.StatusCode, "places are free again")
}

// Ten thousand connections that say nothing keep nobody out, cost little, and
// go when others need the room.
func TestIdleConnections(t *testing.T) {
	if os.Getenv("PROXY_IDLE") != "" {
		holdIdleConnections(t)
		return
	}
	s := newTestServerFor(t, echo)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	crowd := openIdleConnections(t, s.address, 10_000)
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 200, response.StatusCode)
	runtime.ReadMemStats(&after)
	grown := int64(after.Sys) - int64(before.Sys)
	t.Logf("10 000 idle connections, %d MB", grown>>20)
	assert.Less(t, grown, int64(200<<20))
	crowd()
}
