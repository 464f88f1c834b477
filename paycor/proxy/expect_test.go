package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A caller that waits for 100 Continue has not sent its body when Paycor rejects
// the token, so the proxy can try again with a new one.
func TestExpectContinueIsForwarded(t *testing.T) {
	t.Parallel()
	upstream := &rawUpstream{}
	var heads, bodies atomic.Int64
	upstream.serve(t, func(conn net.Conn) {
		buffer := make([]byte, 4096)
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		head := string(buffer[:n])
		heads.Add(1)
		if !strings.Contains(head, "Expect: 100-continue\r\n") || strings.Contains(head, oldToken) {
			_, _ = io.WriteString(conn, empty401)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n")
		body := make([]byte, 4)
		if _, err := io.ReadFull(conn, body); err == nil {
			bodies.Add(1)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"+string(body))
		}
	})
	s := newTestServer(t, upstream.URL())
	s.source.nextToken = newToken
	request, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+root+"/v1/a", strings.NewReader("body"))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+callerToken)
	request.Header.Set("Expect", "100-continue")
	transport := &http.Transport{ExpectContinueTimeout: testTimeout}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, "body", string(body))
	assert.EqualValues(t, 2, heads.Load())
	assert.EqualValues(t, 1, bodies.Load())
}

// Once Paycor has asked for the body it may have all of it, so the request is not
// sent again whatever Paycor responds.
func TestRequestedBodyIsSentOnce(t *testing.T) {
	t.Parallel()
	var heads atomic.Int64
	upstream := &rawUpstream{}
	upstream.serve(t, func(conn net.Conn) {
		for r := bufio.NewReader(conn); ; {
			request, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			heads.Add(1)
			_, _ = io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n"+empty401)
			_, _ = io.Copy(io.Discard, request.Body)
		}
	})
	s := newTestServer(t, upstream.URL())
	s.source.nextToken = newToken
	for range 5 { // the order of body and response is a race
		got := s.sendRaw("POST "+root+"/v1/a"+requestHead+"Connection: close\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody", testTimeout)
		assert.Contains(t, got, "HTTP/1.1 401 Unauthorized\r\n")
		s.source.mu.Lock()
		s.source.token, s.source.nextToken = oldToken, newToken
		s.source.mu.Unlock()
	}
	assert.EqualValues(t, 5, heads.Load())
}

// If Paycor never sends 100 Continue, it gets the body after a moment.
func TestExpectContinueWithoutAnswer(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(_ int, got receivedRequest) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(got.body), got.body)
	})
	s := newTestServer(t, upstream.URL())
	response, body := s.send("POST", root+"/v1/a", "body", "Expect: 100-continue")
	assert.Equal(t, 200, response.StatusCode)
	assert.Equal(t, "body", body)
}
