package proxy_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/proxy"
)

const second = "/api/v1/credentials/cred_2/paycor"

// What one customer's application does at Paycor, and what comes back to it,
// touches nobody else's calls: neither the breaker nor a connection is shared
// between subscription keys.
func TestKeysAreKeptApart(t *testing.T) {
	upstream := listen(t, func(_ int, got seen) string {
		if strings.Contains(got.head, theKey) {
			return bad502
		}
		return ok
	})
	s := open(t, upstream.URL())
	s.source.keys = map[string]string{"cred_2": "another-key"}
	for range 20 {
		s.send("POST", root+"/v1/a", "")
		response, _ := s.send("POST", second+"/v1/a", "")
		assert.Equal(t, 200, response.StatusCode)
	}
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, "call_unwell", response.Header.Get(proxy.ErrorHeader))
	states := s.proxy.Breakers().Environments()
	require.Len(t, states, 1)
	assert.Equal(t, breaker.Open, states[0].State, "an environment is as bad as the worst of its keys")
	assert.False(t, s.proxy.Breakers().OpenUntil("w", "cred_1").IsZero())
	assert.True(t, s.proxy.Breakers().OpenUntil("w", "cred_2").IsZero())
	assert.True(t, s.proxy.Breakers().OpenUntil("w", "cred_3").IsZero(), "nothing was called through it")
	upstream.mu.Lock()
	defer upstream.mu.Unlock()
	assert.Equal(t, 2, upstream.lines)
}

// A token endpoint that hangs holds up the calls through one credential, not
// those of everybody.
func TestATokenThatIsWaitedForHoldsFewPlaces(t *testing.T) {
	upstream := listen(t, func(int, seen) string { return ok })
	s := open(t, upstream.URL(), func(c *proxy.Config) { c.MaxCalls, c.MaxCallsPerCredential = 12, 4 })
	release := make(chan struct{})
	var held atomic.Int32
	s.source.hold = func(credential string) {
		if credential == "cred_1" {
			held.Add(1)
			<-release
		}
	}
	var calls sync.WaitGroup
	for range 3 {
		calls.Go(func() { s.send("GET", root+"/v1/a", "") })
	}
	require.Eventually(t, func() bool { return held.Load() == 3 }, patience, time.Millisecond)
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, "call_crowded", response.Header.Get(proxy.ErrorHeader))
	response, _ = s.send("GET", second+"/v1/a", "")
	assert.Equal(t, 200, response.StatusCode)
	close(release)
	calls.Wait()
}

// Whatever a try ends with, the breaker hears of it: one that waits for a try
// that is lost would wait for ever.
func TestAPanicIsNoLostTry(t *testing.T) {
	upstream := listen(t, func(int, seen) string { return ok })
	var how atomic.Int32
	s := open(t, upstream.URL(), func(c *proxy.Config) {
		c.Breakers = breaker.NewRegistry(breaker.Config{Cooldown: 50 * time.Millisecond})
		c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			switch how.Load() {
			case 0:
				return nil, errors.New("not there")
			case 1:
				panic("a fault of ours")
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		}
	})
	for range 8 {
		s.send("POST", root+"/v1/a", "")
	}
	require.Equal(t, breaker.Open, s.proxy.Breakers().Environments()[0].State)
	how.Store(1)
	panicked := 0
	require.Eventually(t, func() bool {
		response, _ := s.send("POST", root+"/v1/a", "")
		if response.StatusCode == http.StatusInternalServerError {
			panicked++
		}
		return panicked == 3
	}, patience, 10*time.Millisecond)
	how.Store(2)
	require.Eventually(t, func() bool {
		response, _ := s.send("POST", root+"/v1/a", "")
		return response.StatusCode == 200
	}, patience, 10*time.Millisecond)
}

// What came behind an answer within the same record of TLS is decrypted and
// seen by nobody: the next call does not take it for its own answer.
func TestTLSKeepsNothingForTheNext(t *testing.T) {
	certificate := httptest.NewUnstartedServer(nil)
	certificate.StartTLS()
	defer certificate.Close()
	roots := x509.NewCertPool()
	roots.AddCert(certificate.Certificate())
	plain := &wire{}
	var lines atomic.Int32
	plain.serve(t, func(conn net.Conn) {
		secure := tls.Server(conn, &tls.Config{Certificates: certificate.TLS.Certificates, DynamicRecordSizingDisabled: true})
		buffer := make([]byte, 4096)
		for lines.Add(1); ; {
			n, err := secure.Read(buffer)
			if err != nil {
				return
			}
			answer := "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"
			if strings.Contains(string(buffer[:n]), "/v1/first") {
				answer = "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + strings.Repeat("x", 9000) + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
			}
			_, _ = io.WriteString(secure, answer)
		}
	})
	s := open(t, "https://"+plain.Addr().String(), func(c *proxy.Config) { c.TLS = &tls.Config{RootCAs: roots} })
	for range 3 {
		response, body := s.send("POST", root+"/v1/a", "")
		assert.Equal(t, "201 ok", response.Status[:4]+body)
	}
	assert.EqualValues(t, 1, lines.Load(), "a clean connection is used again")
	response, _ := s.send("GET", root+"/v1/first", "")
	assert.Equal(t, 200, response.StatusCode)
	for range 2 {
		response, body := s.send("POST", root+"/v1/a", "")
		assert.Equal(t, "201 ok", response.Status[:4]+body)
	}
	assert.EqualValues(t, 2, lines.Load())
}

// Trailers are passed on that were announced, under names that are names.
func TestTrailersThatWereNotAnnounced(t *testing.T) {
	upstream := listen(t, func(int, seen) string { return ok })
	s := open(t, upstream.URL())
	got := s.raw("POST "+root+"/v1/a"+begin+"Connection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nab\r\n0\r\n"+
		"X-Sum: 7\r\nX-Other: canary\r\nAuthorization : canary\r\nX-HTTP-Method-Override : canary\r\n\r\n", patience)
	assert.Contains(t, got, "HTTP/1.1 200 OK")
	requests := upstream.requests()
	require.Len(t, requests, 1)
	assert.NotContains(t, requests[0].head+requests[0].body, "canary")
	assert.Equal(t, []string{"X-Sum"}, proxy.ForwardedTrailers(http.Header{"X-Sum": nil, "": nil, "Authorization": nil, "X Y": nil}))
}

func TestALengthThatIsNoNumber(t *testing.T) {
	for length, taken := range map[string]bool{"0": true, "00": true, "abc": false, "-1": false, "5": false} {
		request := httptest.NewRequest("POST", "/", nil) // as HTTP/2 gives it
		request.Header.Set("Content-Length", length)
		assert.Equal(t, taken, proxy.ValidateRequest(request) == nil, length)
	}
}

// Where Paycor answers before the end of a body was seen to be sent, the
// caller's next request on the same connection is not taken for one that was
// given up.
func TestTheNextCallOfAConnection(t *testing.T) {
	upstream := listen(t, func(int, seen) string { return ok })
	s := open(t, upstream.URL())
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for n := range 1500 {
		method := []string{"POST", "GET"}[n%2]
		var body io.Reader
		if method == "POST" {
			body = strings.NewReader("x")
		}
		request, err := http.NewRequestWithContext(t.Context(), method, s.URL+root+"/v1/a", body)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+opens)
		response, err := transport.RoundTrip(request)
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		require.Equal(t, 200, response.StatusCode, "%s %d", method, n)
	}
}

// failing is a writer that still holds what it was given when it has failed,
// as that of HTTP/2 does where the caller resets its stream.
type failing struct {
	http.ResponseWriter
	held []byte
}

func (f *failing) Write(b []byte) (int, error) {
	f.held = b
	return 0, errors.New("the stream is closed")
}

// One caller's bytes are in no buffer that another one's may be sent from.
func TestABufferThatMayBeSentFromIsNotUsedAgain(t *testing.T) {
	upstream := listen(t, func(_ int, got seen) string {
		return ok[:len(ok)-2] + strings.Repeat(got.head[len("GET /v1/"):][:1], 2)
	})
	s := open(t, upstream.URL())
	call := func(w http.ResponseWriter, path string) {
		s.proxy.Serve(w, httptest.NewRequest("GET", root+path, nil), paycor.Caller{Kind: paycor.CallerConsumer, ID: "token", Workspace: "w"}, "cred_1", path, nil)
	}
	for range 20 {
		left := &failing{ResponseWriter: httptest.NewRecorder()}
		assert.PanicsWithValue(t, http.ErrAbortHandler, func() { call(left, "/v1/a") })
		require.Equal(t, "aa", string(left.held))
		call(httptest.NewRecorder(), "/v1/b")
		require.Equal(t, "aa", string(left.held))
	}
}
