package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/proxy"
	"paycorcred/paycor/usage"
)

// flood responds with an endless body.
func flood(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.Copy(w, &patternReader{left: 1 << 40})
}

func TestResponseTimeout(t *testing.T) {
	t.Parallel()
	upstream := &rawUpstream{}
	upstream.serve(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.ResponseTimeout = 100 * time.Millisecond })
	for _, method := range []string{"GET", "POST"} {
		response, body := s.send(method, root+"/v1/a", "")
		assert.Equal(t, 504, response.StatusCode)
		assert.Equal(t, "call_timeout", response.Header.Get(proxy.ErrorHeader))
		assert.Equal(t, method == "POST", strings.Contains(body, locale.English.Text("call.timeout-unsafe")))
	}
	assert.Equal(t, 1, s.lastCall(2).Tries)
}

// The connection stays open, but the rest of the response never comes.
func TestStalledResponse(t *testing.T) {
	t.Parallel()
	for name, response := range completeResponses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream := &rawUpstream{}
			upstream.serve(t, func(conn net.Conn) {
				_, _ = readRequest(bufio.NewReader(conn))
				_, _ = io.WriteString(conn, response[:len(response)-8])
				_, _ = io.Copy(io.Discard, conn)
			})
			s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.StallTimeout, c.ResponseTimeout = 50*time.Millisecond, 50*time.Millisecond })
			_, _, err := s.trySend("GET", root+"/v1/a", "")
			require.Error(t, err)
			assert.Equal(t, usage.CodeCallTruncated, s.lastCall(1).Code)
		})
	}
}

// A response that makes progress is not cut off, however slow it is.
func TestSlowResponse(t *testing.T) {
	t.Parallel()
	upstream := &rawUpstream{}
	upstream.serve(t, func(conn net.Conn) {
		_, _ = readRequest(bufio.NewReader(conn))
		for _, c := range []byte(completeResponses["chunked"]) {
			_, _ = conn.Write([]byte{c})
			time.Sleep(15 * time.Millisecond)
		}
	})
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.StallTimeout, c.ResponseTimeout = time.Second, testTimeout })
	response, body := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 200, response.StatusCode)
	assert.Equal(t, `{"records":[1,2,34]}`, body)
}

func TestTimeoutMessage(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := newTestServerFor(t, func(http.ResponseWriter, *http.Request) { <-release }, func(c *proxy.Config) { c.ResponseTimeout = 50 * time.Millisecond })
	defer close(release)
	response, body := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, "call_timeout", response.Header.Get(proxy.ErrorHeader))
	assert.Contains(t, body, locale.English.Text("call.timeout"))
}

// A caller that never sends the body it announced does not keep its slot.
func TestContinueWithoutBody(t *testing.T) {
	t.Parallel()
	upstream := &rawUpstream{}
	upstream.serve(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.StallTimeout, c.ResponseTimeout = 200*time.Millisecond, time.Second })
	got := s.sendRaw("POST "+root+"/v1/a"+requestHead+"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", testTimeout)
	assert.Contains(t, got, "HTTP/1.1 100 Continue\r\n\r\n")
	assert.Contains(t, got, "Paycorcred-Error: call_body\r\n")
	assert.Contains(t, got, "too slowly")
}

// A body that only trickles in is rejected. One that makes progress is not.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	s := newTestServerFor(t, echo, func(c *proxy.Config) { c.StallTimeout, c.ResponseTimeout = time.Second, 500*time.Millisecond })
	conn := s.dial()
	defer conn.Close()
	_, err := io.WriteString(conn, "POST "+root+"/v1/a"+requestHead+"Content-Length: 1000000\r\n\r\n")
	require.NoError(t, err)
	stop := make(chan struct{})
	var trickling sync.WaitGroup
	trickling.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				_, _ = conn.Write([]byte("x"))
			}
		}
	})
	assert.Contains(t, readAll(conn, testTimeout), "Paycorcred-Error: call_body\r\n")
	close(stop)
	trickling.Wait()

	steady := s.dial()
	defer steady.Close()
	_, err = io.WriteString(steady, fmt.Sprintf("POST %s/v1/a%sContent-Length: %d\r\n\r\n", root, requestHead, 50*(16<<10)))
	require.NoError(t, err)
	for range 50 {
		_, err = steady.Write(make([]byte, 16<<10))
		require.NoError(t, err)
		time.Sleep(15 * time.Millisecond)
	}
	assert.Contains(t, readAll(steady, time.Second), "HTTP/1.1 200 OK")
}

// A caller that does not read its response is disconnected.
func TestSlowReaders(t *testing.T) {
	t.Parallel()
	s := newTestServerFor(t, flood, func(c *proxy.Config) { c.StallTimeout = 200 * time.Millisecond })
	conn := s.dial()
	defer conn.Close()
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	_, err := io.WriteString(conn, "GET "+root+"/v1/a"+requestHead+"\r\n")
	require.NoError(t, err)
	assert.Equal(t, "call_gone", string(s.lastCall(1).Code))
}

// The server waits ten seconds for the headers of a request, and no slot is taken
// meanwhile. The test does not wait that long.
func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	s := newTestServerFor(t, echo)
	assert.Equal(t, 10*time.Second, s.server.ReadHeaderTimeout)
	server := httptest.NewUnstartedServer(s.server.Handler)
	server.Config.ReadHeaderTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	start := time.Now()
	_, err = io.WriteString(conn, "GET "+root+"/v1/a HTTP/1.1\r\nHost: local")
	require.NoError(t, err)
	assert.NotContains(t, readAll(conn, testTimeout), "200 OK")
	assert.Less(t, time.Since(start), testTimeout)
	assert.Zero(t, s.proxy.InUse(), "no slot was taken")
	assert.Empty(t, s.proxy.Breakers().Environments(), "no call was started")
}
