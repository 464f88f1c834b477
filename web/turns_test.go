package web_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/web"
)

// Lists wait for their turn and are refused when too many do. Other requests do not wait
// for them.
func TestListsTakeTurns(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	started, finish := make(chan struct{}, 1000), make(chan struct{})
	h.service.onList = func() {
		started <- struct{}{}
		<-finish
	}
	var group sync.WaitGroup
	statuses := make(chan int, 300)
	for range cap(statuses) {
		group.Go(func() { statuses <- h.send("GET", "/api/v1/credentials", "", bearer).StatusCode })
	}
	<-started
	refused := <-statuses
	assert.Equal(t, http.StatusTooManyRequests, refused, "beyond those that may wait")
	assert.Equal(t, http.StatusOK, h.send("GET", "/api/v1/credentials/a", "", bearer).StatusCode)
	assert.Equal(t, http.StatusOK, h.send("GET", "/healthz", "").StatusCode)
	close(finish)
	group.Wait()
	close(statuses)
	count := map[int]int{refused: 1}
	for status := range statuses {
		count[status]++
	}
	require.Len(t, count, 2, "%v", count)
	assert.GreaterOrEqual(t, count[http.StatusOK], 64)
}

// A caller who asks for many lists and reads none of them fills the memory of the server
// with a few only. Other callers go on.
func TestListsThatNobodyReadsAreBounded(t *testing.T) {
	t.Parallel()
	const unread = 16
	h := newTestServer(t)
	h.service.name = strings.Repeat("x", 1<<20) // more than the buffers of the first connections take
	started := make(chan struct{}, 1000)
	h.service.onList = func() { started <- struct{}{} }
	server := httptest.NewUnstartedServer(h.handler)
	server.Config = web.NewHTTPServer(h.handler, nil)
	server.Listener = &smallBuffers{Listener: server.Listener, connections: unread}
	server.Start()
	defer server.Close()
	h.URL = server.URL
	var open []net.Conn
	for range unread {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
		require.NoError(t, err)
		defer conn.Close()
		require.NoError(t, conn.(*net.TCPConn).SetReadBuffer(4096))
		_, err = fmt.Fprintf(conn, "GET /api/v1/credentials HTTP/1.1\r\nHost: %s\r\n%s: %s\r\n\r\n",
			strings.TrimPrefix(h.URL, "http://"), bearer.name, bearer.value)
		require.NoError(t, err)
		open = append(open, conn)
	}
	for range unread {
		<-started
	}
	status := func(caller header) int { return h.send("GET", "/api/v1/credentials", "", caller).StatusCode }
	assert.Equal(t, http.StatusTooManyRequests, status(bearer))
	assert.Equal(t, http.StatusOK, status(cookie), "another caller")
	for _, conn := range open {
		_ = conn.Close()
	}
	require.Eventually(t, func() bool { return status(bearer) == http.StatusOK }, time.Minute, 10*time.Millisecond)
}

// smallBuffers accepts some connections that hold little of what a client does not read.
type smallBuffers struct {
	net.Listener
	connections int
}

func (l *smallBuffers) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil && l.connections > 0 {
		l.connections--
		err = conn.(*net.TCPConn).SetWriteBuffer(4096)
	}
	return conn, err
}
