package proxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy"
)

// deadlineWriter is a response writer with a deadline for the request's body.
type deadlineWriter struct{ http.ResponseWriter }

func (deadlineWriter) SetReadDeadline(time.Time) error { return nil }

// readerFunc is a reader.
type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(buffer []byte) (int, error) { return f(buffer) }

// The server cancels a call whose body is too slow, and the call may end the body before
// the body's own read returns.
func TestWhyBodyEnded(t *testing.T) {
	t.Parallel()
	read := func(stall, before time.Duration) (error, bool) {
		var body *proxy.CallerBody
		body = proxy.NewCallerBody(deadlineWriter{httptest.NewRecorder()}, readerFunc(func([]byte) (int, error) {
			time.Sleep(before)
			body.Stop()
			return 0, os.ErrDeadlineExceeded
		}), stall)
		_, err := body.Read(make([]byte, 8))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		return body.Failure()
	}
	err, timedOut := read(time.Millisecond, 5*time.Millisecond)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.True(t, timedOut, "stopped after its time was over")

	err, timedOut = read(time.Hour, 0)
	require.NoError(t, err, "the caller is not to blame for a body that was not wanted")
	assert.False(t, timedOut)
}

// Paycor closes the connection while the caller has more to send. That is not the caller's
// doing, and the circuit breaker counts it.
func TestConnectionLostDuringBody(t *testing.T) {
	t.Parallel()
	upstream := &rawUpstream{}
	upstream.serve(t, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		if _, err := http.ReadRequest(r); err != nil { // up to the body
			return
		}
		_, _ = io.ReadFull(r, make([]byte, 5))
	})
	s := newTestServer(t, upstream.URL())
	got := s.sendRaw("POST "+root+"/v1/a"+requestHead+"Content-Length: 10\r\n\r\n12345", testTimeout)
	assert.Contains(t, got, "Paycorcred-Error: call_unknown\r\n")
}
