package proxy_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/proxy"
	"paycorcred/paycor/usage"
	"paycorcred/web"
)

// A call that a shutdown interrupts is answered if it can be, and is reported with
// the true cause before Shutdown returns.
func TestShutdownAnswersInterruptedCalls(t *testing.T) {
	t.Parallel()
	mayBeProcessed := locale.English.Text("call.stopped-unsafe")
	for name, c := range map[string]struct {
		method, body string
	}{
		"a GET":                 {"GET", ""},
		"a POST":                {"POST", "x"},
		"a POST without a body": {"POST", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			received := make(chan struct{}, 9)
			upstream := &rawUpstream{}
			upstream.serve(t, func(conn net.Conn) {
				if _, err := readRequest(bufio.NewReader(conn)); err != nil {
					return
				}
				received <- struct{}{}
				_, _ = io.Copy(io.Discard, conn)
			})
			s := newTestServer(t, upstream.URL())
			type result struct {
				response *http.Response
				body     string
				err      error
			}
			results := make(chan result, 1)
			go func() {
				response, body, err := s.trySend(c.method, root+"/v1/a", c.body)
				results <- result{response, body, err}
			}()
			<-received
			canceled, cancel := context.WithCancel(t.Context())
			cancel()
			require.NoError(t, web.Shutdown(canceled, s.server, s.logger))

			s.mu.Lock()
			calls := s.calls
			s.mu.Unlock()
			require.Len(t, calls, 1, "it is reported before Shutdown returns")
			assert.Equal(t, 502, calls[0].Status)
			assert.Equal(t, usage.CodeCallUnknown, calls[0].Code)
			log := s.log.String()
			assert.Contains(t, log, "msg=request ", "and logged")
			assert.Contains(t, log, "canceling requests that did not finish in time\" requests=1")
			assert.NotContains(t, log, "caller left")
			assert.NotContains(t, log, "circuit breaker")
			got := <-results
			require.NoError(t, got.err)
			assert.Equal(t, "call_unknown", got.response.Header.Get(proxy.ErrorHeader))
			assert.Contains(t, got.body, "The server was stopped before Paycor responded.")
			assert.Equal(t, c.method == "POST", strings.Contains(got.body, mayBeProcessed))
		})
	}
}

// A response that a shutdown interrupts breaks off.
func TestShutdownDuringResponse(t *testing.T) {
	t.Parallel()
	s := newTestServerFor(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "start")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	request, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+root+"/v1/a", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+callerToken)
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	_, err = io.ReadFull(response.Body, make([]byte, 5))
	require.NoError(t, err)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, web.Shutdown(canceled, s.server, s.logger))
	s.mu.Lock()
	calls := s.calls
	s.mu.Unlock()
	require.Len(t, calls, 1)
	assert.Equal(t, usage.ClassAborted, calls[0].Class())
	assert.Equal(t, usage.CodeCallTruncated, calls[0].Code)
	_, err = io.Copy(io.Discard, response.Body)
	assert.Error(t, err, "an incomplete response ends with an error")
}

// A call that waits for a connection has not been sent.
func TestShutdownBeforeConnecting(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, "http://127.0.0.1:9", func(c *proxy.Config) {
		c.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
	})
	results := make(chan string, 1)
	go func() {
		_, body, _ := s.trySend("POST", root+"/v1/a", "x")
		results <- body
	}()
	require.Eventually(t, func() bool { return s.proxy.Calls() == 1 }, testTimeout, 5*time.Millisecond)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, web.Shutdown(canceled, s.server, s.logger))
	assert.Contains(t, <-results, locale.English.Text("call.stopped-unsent"))
	assert.Equal(t, usage.CodeCallNotSent, s.lastCall(1).Code)
}

// sourceWithoutToken waits for a token that never comes. Its error is that of the
// real source.
type sourceWithoutToken struct {
	proxy.CredentialSource
	received chan struct{}
}

func (t sourceWithoutToken) UpstreamCredentials(ctx context.Context, _ paycor.Caller, _, _ string) (*paycor.UpstreamCredentials, error) {
	t.received <- struct{}{}
	<-ctx.Done()
	return nil, &paycor.Error{Kind: paycor.KindUnavailable, Code: usage.CodeCallDisconnected, Message: message.Text("The caller left before there was a token."), Err: ctx.Err()}
}

// A call that waits for a token has not been sent either, and is reported.
func TestShutdownBeforeToken(t *testing.T) {
	t.Parallel()
	received := make(chan struct{}, 1)
	s := newTestServer(t, "http://127.0.0.1:9", func(c *proxy.Config) { c.CredentialSource = sourceWithoutToken{c.CredentialSource, received} })
	results := make(chan string, 1)
	go func() {
		response, body, _ := s.trySend("POST", root+"/v1/a", "x")
		results <- response.Header.Get(proxy.ErrorHeader) + " " + body
	}()
	<-received
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, web.Shutdown(canceled, s.server, s.logger))
	result := <-results
	assert.Contains(t, result, "call_unsent ")
	assert.Contains(t, result, locale.English.Text("call.stopped-unsent"))
	call := s.lastCall(1)
	assert.Equal(t, usage.CodeCallNotSent, call.Code)
	assert.Equal(t, 502, call.Status)
	assert.NotContains(t, s.log.String(), "caller left")
}
