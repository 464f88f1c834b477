package proxy_test

import (
	"bufio"
	"fmt"
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
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// A response that is cut off at any byte, by a close or a reset, never reaches the
// caller as a complete one.
func TestTruncatedResponseIsNeverComplete(t *testing.T) {
	t.Parallel()
	for name, complete := range completeResponses {
		for ending, end := range map[string]func(net.Conn){"closed": func(conn net.Conn) { _ = conn.Close() }, "reset": reset} {
			t.Run(name+" "+ending, func(t *testing.T) {
				t.Parallel()
				var cut atomic.Int64
				upstream := &rawUpstream{}
				upstream.serve(t, func(conn net.Conn) {
					if _, err := readRequest(bufio.NewReader(conn)); err == nil {
						_, _ = io.WriteString(conn, complete[:cut.Load()])
						end(conn)
					}
				})
				s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.Breakers = breaker.NewRegistry(breaker.Config{Cooldown: time.Nanosecond}) })
				for at := range len(complete) {
					cut.Store(int64(at))
					response, body, err := s.trySend("POST", root+"/v1/a", "x")
					delivered := err == nil && response.Header.Get(proxy.ErrorHeader) == ""
					assert.False(t, delivered, "cut at %d: %q", at, body)
				}
				cut.Store(int64(len(complete)))
				if ending == "closed" { // a reset may overtake the last bytes
					response, body, err := s.trySend("POST", root+"/v1/a", "x")
					require.NoError(t, err)
					assert.Equal(t, 200, response.StatusCode)
					assert.Equal(t, `{"records":[1,2,34]}`, body)
				}
			})
		}
	}
}

// In HTTP/1.0, which nginx speaks to servers unless it is told otherwise, a response may end
// with its connection. One that was cut off ends with an error.
func TestHTTP10(t *testing.T) {
	t.Parallel()
	for name, complete := range completeResponses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var cut atomic.Int64
			upstream := &rawUpstream{}
			upstream.serve(t, func(conn net.Conn) {
				if _, err := readRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.WriteString(conn, complete[:cut.Load()])
					_ = conn.Close()
				}
			})
			s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { c.Breakers = breaker.NewRegistry(breaker.Config{Cooldown: time.Nanosecond}) })
			send := func() (*http.Response, string, error) {
				conn := s.dial()
				defer conn.Close()
				_, err := io.WriteString(conn, "POST "+root+"/v1/a HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer "+callerToken+"\r\nContent-Length: 1\r\n\r\nx")
				require.NoError(t, err)
				response, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil {
					return nil, "", err
				}
				body, err := io.ReadAll(response.Body)
				return response, string(body), err
			}
			for at := range len(complete) {
				cut.Store(int64(at))
				response, body, err := send()
				delivered := err == nil && response.Header.Get(proxy.ErrorHeader) == ""
				assert.False(t, delivered, "cut at %d: %q", at, body)
			}
			cut.Store(int64(len(complete)))
			response, body, err := send()
			require.NoError(t, err)
			assert.Equal(t, 200, response.StatusCode)
			assert.Empty(t, response.TransferEncoding)
			assert.Equal(t, `{"records":[1,2,34]}`, body)
		})
	}
}

// Much of a large response has reached the caller when it breaks off.
func TestLargeTruncatedResponse(t *testing.T) {
	t.Parallel()
	for _, chunked := range []bool{false, true} {
		t.Run(fmt.Sprint("chunked ", chunked), func(t *testing.T) {
			s := newTestServerFor(t, func(w http.ResponseWriter, _ *http.Request) {
				if !chunked {
					w.Header().Set("Content-Length", fmt.Sprint(5<<20))
				}
				_, _ = io.Copy(w, &patternReader{left: 3 << 20})
				panic(http.ErrAbortHandler)
			})
			response, body, err := s.trySend("GET", root+"/v1/a", "")
			require.NotNil(t, response)
			require.Error(t, err)
			assert.NotEmpty(t, body)
			call := s.lastCall(1)
			assert.Equal(t, usage.CodeCallTruncated, call.Code)
			assert.Equal(t, 200, call.Status)
			assert.Equal(t, 1, call.Tries, "a response that has started is not retried")
		})
	}
}

// A caller's body that is cut off never reaches Paycor as a complete one.
func TestTruncatedBodyIsNeverComplete(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"with length": "Content-Length: 10\r\n\r\n12345",
		"chunked":     "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
		"in a chunk":  "Transfer-Encoding: chunked\r\n\r\na\r\n12345",
		"bad chunk":   "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\nZZ\r\n",
	}
	for name, rest := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			complete := make(chan bool, 4)
			s := newTestServerFor(t, func(w http.ResponseWriter, r *http.Request) {
				_, err := io.Copy(io.Discard, r.Body)
				complete <- err == nil
			})
			conn := s.dial()
			_, err := io.WriteString(conn, "POST "+root+"/v1/a HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "+callerToken+"\r\n"+rest)
			require.NoError(t, err)
			_ = conn.(*net.TCPConn).CloseWrite()
			got := readAll(conn, testTimeout)
			_ = conn.Close()
			assert.NotContains(t, got, "200 OK")
			call := s.lastCall(1)
			assert.Contains(t, []verdicts.Code{usage.CodeCallBody, usage.CodeCallDisconnected}, call.Code)
			select {
			case ok := <-complete:
				assert.False(t, ok)
			case <-time.After(100 * time.Millisecond): // the request may not have arrived at all
			}
		})
	}
}
