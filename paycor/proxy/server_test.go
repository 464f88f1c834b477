package proxy_test

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/events"
	"paycorcred/paycor/proxy"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/usage"
	"paycorcred/web"
)

// echo responds with the request's body.
func echo(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(w, r.Body)
}

// testTimeout only decides how long a failing test takes.
const testTimeout = 20 * time.Second

// Invented values. Callers see none of them but callerToken.
const (
	oldToken        = "access-token-that-nobody-sees-1"
	newToken        = "access-token-that-nobody-sees-2"
	subscriptionKey = "000000000000000000000000000000b1"
	callerToken     = "pcc_invented"
)

// Paths of three credentials' calls.
const (
	root       = "/api/v1/credentials/cred_1/paycor"
	secondRoot = "/api/v1/credentials/cred_2/paycor"
	thirdRoot  = "/api/v1/credentials/cred_3/paycor"
)

// fakeSource gives the same upstream credentials for all calls.
type fakeSource struct {
	mu            sync.Mutex
	apiURL        string // of the environment
	token         string
	key           string
	nextToken     string   // the token after a rejected one; empty for none
	furtherTokens []string // those after it
	rejections    int
	issued        map[string]*paycor.UpstreamCredentials
	err           error
	renewalErr    error                   // returned once a token was rejected; nil if there is another one
	keys          map[string]string       // by credential, of those that do not use key
	onRequest     func(credential string) // called at the start of each request for credentials
}

func (s *fakeSource) UpstreamCredentials(_ context.Context, caller paycor.Caller, credential, method string) (*paycor.UpstreamCredentials, error) {
	if s.onRequest != nil {
		s.onRequest(credential)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	if !strings.HasPrefix(credential, "cred_") {
		return nil, paycor.Errorf(paycor.KindNotFound, "There is no such credential here.")
	}
	key := cmp.Or(s.keys[credential], s.key)
	id := s.apiURL + s.token + key
	if s.issued[id] == nil {
		s.issued[id] = &paycor.UpstreamCredentials{
			Environment:     paycor.Environment{Name: "test", APIURL: s.apiURL},
			SubscriptionKey: paycor.NewSecret(key), Token: paycor.NewSecret(s.token),
		}
	}
	return s.issued[id], nil
}

func (s *fakeSource) RejectToken(_ context.Context, _ paycor.Caller, _ string, token paycor.Secret) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejections++
	if s.renewalErr != nil {
		s.err = s.renewalErr
		return true, nil
	}
	if token.Reveal() == s.token && s.nextToken != "" {
		s.token, s.nextToken = s.nextToken, ""
		if len(s.furtherTokens) > 0 {
			s.nextToken, s.furtherTokens = s.furtherTokens[0], s.furtherTokens[1:]
		}
		return true, nil
	}
	return token.Reveal() != s.token, nil
}

// access accepts tokens that start with callerToken. What follows names the
// consumer.
type access struct{ web.Access }

func (access) CallerByToken(_ context.Context, token paycor.Secret) (paycor.Caller, error) {
	if !strings.HasPrefix(token.Reveal(), callerToken) {
		return paycor.Caller{}, paycor.Errorf(paycor.KindUnauthorized, "not known")
	}
	return paycor.Caller{Kind: paycor.CallerConsumer, ID: "token" + strings.TrimPrefix(token.Reveal(), callerToken), Workspace: "w", Rights: paycor.AllRights()}, nil
}

// activations opens none.
type activations struct{ web.Activations }

func (access) DenyRequest(context.Context, paycor.Caller, string) error { return nil }

// testServer is the real server with a proxy, in front of a test's upstream.
type testServer struct {
	t       testing.TB
	URL     string
	address string
	source  *fakeSource
	proxy   *proxy.Proxy
	server  *http.Server
	log     *testkit.Log
	logger  *slog.Logger

	mu       sync.Mutex
	calls    []usage.Call
	reported chan struct{} // signals another call
}

// newTestServer starts a server whose proxy calls an upstream.
func newTestServer(t testing.TB, upstream string, change ...func(*proxy.Config)) *testServer {
	t.Helper()
	s := &testServer{t: t, reported: make(chan struct{}, 1), log: &testkit.Log{}, source: &fakeSource{apiURL: upstream, token: oldToken, key: subscriptionKey, issued: map[string]*paycor.UpstreamCredentials{}}}
	config := proxy.Config{CredentialSource: s.source, RetryBackoff: -1, CallsPerMinute: 1_000_000, OnCall: s.onCall}
	for _, c := range change {
		c(&config)
	}
	p, err := proxy.New(config)
	require.NoError(t, err)
	s.proxy = p
	s.logger = slog.New(slog.NewTextHandler(s.log, nil))
	handler, err := web.New(web.Config{
		Access: access{}, Calls: p,
		Services:    func(paycor.Caller) api.Service { return nil },
		Activations: activations{},
		Changes:     func(context.Context, paycor.Caller) <-chan events.Change { return nil },
		Body:        func(api.Start) string { return "" },
		Logger:      s.logger,
	})
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(handler)
	server.Config = web.NewHTTPServer(handler, s.logger)
	server.Start()
	s.server = server.Config
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		p.Close()
	})
	s.URL, s.address = server.URL, server.Listener.Addr().String()
	return s
}

func (s *testServer) onCall(call usage.Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
	select {
	case s.reported <- struct{}{}:
	default: // a signal is pending already
	}
}

// lastCall waits until n calls were reported and returns the last one.
func (s *testServer) lastCall(n int) usage.Call {
	s.t.Helper()
	timeout := time.After(testTimeout)
	for {
		s.mu.Lock()
		calls := s.calls
		s.mu.Unlock()
		if len(calls) >= n {
			require.Len(s.t, calls, n, "reported calls")
			return calls[n-1]
		}
		select {
		case <-s.reported:
		case <-timeout:
			require.Len(s.t, calls, n, "reported calls")
		}
	}
}

// newTestServerFor starts a server whose upstream is a handler.
func newTestServerFor(t testing.TB, handler http.HandlerFunc, change ...func(*proxy.Config)) *testServer {
	t.Helper()
	upstream := httptest.NewServer(handler)
	t.Cleanup(func() {
		upstream.CloseClientConnections()
		upstream.Close()
	})
	return newTestServer(t, upstream.URL, change...)
}

// send sends a request with a token and reads the whole response.
func (s *testServer) send(method, path, body string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	response, text, err := s.trySend(method, path, body, headers...)
	require.NoError(s.t, err)
	return response, text
}

func (s *testServer) trySend(method, path, body string, headers ...string) (*http.Response, string, error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.URL+path, reader)
	require.NoError(s.t, err)
	request.Header.Set("Authorization", "Bearer "+callerToken)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Authorization" {
			request.Header.Del(name)
		}
		request.Header.Add(name, value)
	}
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response, string(text), err
}

// sendRaw writes to a socket and returns what comes back until the server closes
// it, or has begun to answer and then sends nothing for a while.
func (s *testServer) sendRaw(text string, silence time.Duration) string {
	s.t.Helper()
	conn := s.dial()
	defer conn.Close()
	_, _ = io.WriteString(conn, text) // the server may close before the end
	return readAll(conn, silence)
}

func (s *testServer) dial() net.Conn {
	s.t.Helper()
	conn, err := (&net.Dialer{Timeout: testTimeout}).Dial("tcp", s.address)
	require.NoError(s.t, err)
	return conn
}

// readAll reads until the other side closes, or has begun to answer and then sends
// nothing for a while. A busy machine may take its time to begin.
func readAll(conn net.Conn, silence time.Duration) string {
	var all []byte
	buffer := make([]byte, 64<<10)
	for {
		wait := silence
		if len(all) == 0 {
			wait = testTimeout
		}
		_ = conn.SetReadDeadline(time.Now().Add(wait))
		n, err := conn.Read(buffer)
		all = append(all, buffer[:n]...)
		if err != nil {
			return string(all)
		}
	}
}

// requestHead follows method and path in a raw request.
const requestHead = " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + callerToken + "\r\n"
