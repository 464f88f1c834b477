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

// What a stopping server cuts off has ended, is answered where that can be, and
// is counted with its true cause when Stop returns.
func TestShutdownAnswersInterruptedCalls(t *testing.T) {
	mayBeDone := locale.English.Text("call.stopped-unsafe")
	for name, c := range map[string]struct {
		method, body string
	}{
		"a GET":                 {"GET", ""},
		"a POST":                {"POST", "x"},
		"a POST without a body": {"POST", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{}, 9)
			upstream := &rawUpstream{}
			upstream.serve(t, func(conn net.Conn) {
				if _, err := readRequest(bufio.NewReader(conn)); err != nil {
					return
				}
				asked <- struct{}{}
				_, _ = io.Copy(io.Discard, conn)
			})
			s := newTestServer(t, upstream.URL())
			type came struct {
				response *http.Response
				body     string
				err      error
			}
			answers := make(chan came, 1)
			go func() {
				response, body, err := s.trySend(c.method, root+"/v1/a", c.body)
				answers <- came{response, body, err}
			}()
			<-asked
			over, cancel := context.WithCancel(t.Context())
			cancel()
			require.NoError(t, web.Shutdown(over, s.server, s.logger))

			s.mu.Lock()
			uses := s.calls
			s.mu.Unlock()
			require.Len(t, uses, 1, "it is counted before Stop returns")
			assert.Equal(t, 502, uses[0].Status)
			assert.Equal(t, usage.CodeCallUnknown, uses[0].Code)
			log := s.log.String()
			assert.Contains(t, log, "msg=request ", "and has its line")
			assert.Contains(t, log, "canceling requests that did not finish in time\" requests=1")
			assert.NotContains(t, log, "caller left")
			assert.NotContains(t, log, "circuit breaker")
			got := <-answers
			require.NoError(t, got.err)
			assert.Equal(t, "call_unknown", got.response.Header.Get(proxy.ErrorHeader))
			assert.Contains(t, got.body, "The server was stopped before Paycor responded.")
			assert.Equal(t, c.method == "POST", strings.Contains(got.body, mayBeDone))
		})
	}
}

// Nobody has the whole of an answer that is cut off.
func TestShutdownDuringResponse(t *testing.T) {
	s := newTestServerFor(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "begun")
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
	over, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, web.Shutdown(over, s.server, s.logger))
	s.mu.Lock()
	uses := s.calls
	s.mu.Unlock()
	require.Len(t, uses, 1)
	assert.Equal(t, usage.ClassAborted, uses[0].Class())
	assert.Equal(t, usage.CodeCallCut, uses[0].Code)
	_, err = io.Copy(io.Discard, response.Body)
	assert.Error(t, err, "half an answer never ends like a whole one")
}

// A call that waits for its turn has not been sent.
func TestShutdownBeforeConnecting(t *testing.T) {
	s := newTestServer(t, "http://127.0.0.1:9", func(c *proxy.Config) {
		c.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
	})
	answers := make(chan string, 1)
	go func() {
		_, body, _ := s.trySend("POST", root+"/v1/a", "x")
		answers <- body
	}()
	require.Eventually(t, func() bool {
		return s.proxy.Calls() == 1
	}, testTimeout, 5*time.Millisecond)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, web.Shutdown(over, s.server, s.logger))
	assert.Contains(t, <-answers, locale.English.Text("call.stopped-unsent"))
	assert.Equal(t, usage.CodeCallUnsent, s.lastCall(1).Code)
}

// sourceWithoutToken is a source whose token never comes; it answers as the manager's does.
type sourceWithoutToken struct {
	proxy.CredentialSource
	asked chan struct{}
}

func (t sourceWithoutToken) UpstreamCredentials(ctx context.Context, _ paycor.Caller, _, _ string) (*paycor.UpstreamCredentials, error) {
	t.asked <- struct{}{}
	<-ctx.Done()
	return nil, &paycor.Error{Kind: paycor.KindUnavailable, Code: usage.CodeCallGone, Message: message.Text("The caller left before there was a token."), Err: ctx.Err()}
}

// Nor has one that waits for a token, and it is counted.
func TestShutdownBeforeToken(t *testing.T) {
	asked := make(chan struct{}, 1)
	s := newTestServer(t, "http://127.0.0.1:9", func(c *proxy.Config) { c.CredentialSource = sourceWithoutToken{c.CredentialSource, asked} })
	answers := make(chan string, 1)
	go func() {
		response, body, _ := s.trySend("POST", root+"/v1/a", "x")
		answers <- response.Header.Get(proxy.ErrorHeader) + " " + body
	}()
	<-asked
	over, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, web.Shutdown(over, s.server, s.logger))
	answer := <-answers
	assert.Contains(t, answer, "call_unsent ")
	assert.Contains(t, answer, locale.English.Text("call.stopped-unsent"))
	use := s.lastCall(1)
	assert.Equal(t, usage.CodeCallUnsent, use.Code)
	assert.Equal(t, 502, use.Status)
	assert.NotContains(t, s.log.String(), "caller left")
}
