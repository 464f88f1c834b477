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

const secondRoot = "/api/v1/credentials/cred_2/paycor"

// echo answers with what came.
func echo(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(w, r.Body)
}

// testTimeout is how long anything may take before a test gives up. It only
// decides how long a failure takes.
const testTimeout = 20 * time.Second

// Invented values. None of them may be seen by a caller.
const (
	oldToken        = "access-token-that-nobody-sees-1"
	newToken        = "access-token-that-nobody-sees-2"
	subscriptionKey = "000000000000000000000000000000b1"
	callerToken     = "pcc_invented"
)

const root = "/api/v1/credentials/cred_1/paycor"

// fakeSource gives one passage to everybody who may.
type fakeSource struct {
	mu         sync.Mutex
	apiURL     string // the environment's address
	token      string
	key        string
	nextToken  string // the token after a refused one; empty where there is none
	rejections int
	issued     map[string]*paycor.UpstreamCredentials
	err        error
	renewalErr error                   // what is said from the first refused token on; nil where there is another
	keys       map[string]string       // of credentials that have another than key
	onRequest  func(credential string) // called before a passage is given
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
	at := s.apiURL + s.token + key
	if s.issued[at] == nil {
		s.issued[at] = &paycor.UpstreamCredentials{
			Environment:     paycor.Environment{Name: "test", APIURL: s.apiURL},
			SubscriptionKey: paycor.NewSecret(key), Token: paycor.NewSecret(s.token),
		}
	}
	return s.issued[at], nil
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
		return true, nil
	}
	return token.Reveal() != s.token, nil
}

// access knows tokens that begin in the right way; the rest names the
// consumer.
type access struct{ web.Access }

func (access) CallerByToken(_ context.Context, token paycor.Secret) (paycor.Caller, error) {
	if !strings.HasPrefix(token.Reveal(), callerToken) {
		return paycor.Caller{}, paycor.Errorf(paycor.KindUnauthorized, "not known")
	}
	return paycor.Caller{Kind: paycor.CallerConsumer, ID: "token" + strings.TrimPrefix(token.Reveal(), callerToken), Workspace: "w", Rights: paycor.AllRights()}, nil
}

func (access) DenyRequest(context.Context, paycor.Caller, string) error { return nil }

// testServer is the real server with the proxy behind it, and something in the
// place of Paycor.
type testServer struct {
	t       testing.TB
	URL     string
	address string
	source  *fakeSource
	proxy   *proxy.Proxy
	server  *http.Server
	log     *testkit.Log
	logger  *slog.Logger

	mu    sync.Mutex
	calls []usage.Call
}

// newTestServer starts a stage in front of an address.
func newTestServer(t testing.TB, upstream string, change ...func(*proxy.Config)) *testServer {
	t.Helper()
	s := &testServer{t: t, log: &testkit.Log{}, source: &fakeSource{apiURL: upstream, token: oldToken, key: subscriptionKey, issued: map[string]*paycor.UpstreamCredentials{}}}
	config := proxy.Config{CredentialSource: s.source, RetryBackoff: -1, CallsPerMinute: 1_000_000, OnCall: s.onCall}
	for _, c := range change {
		c(&config)
	}
	made, err := proxy.New(config)
	require.NoError(t, err)
	s.proxy = made
	s.logger = slog.New(slog.NewTextHandler(s.log, nil))
	handler, err := web.New(web.Config{
		Access: access{}, Calls: made,
		Services: func(paycor.Caller) api.Service { return nil },
		Changes:  func(context.Context, paycor.Caller) <-chan events.Change { return nil },
		Body:     func(api.Start) string { return "" },
		Logger:   s.logger,
	})
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(handler)
	server.Config = web.NewHTTPServer(handler, s.logger)
	server.Start()
	s.server = server.Config
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		made.Close()
	})
	s.URL, s.address = server.URL, server.Listener.Addr().String()
	return s
}

func (s *testServer) onCall(use usage.Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, use)
}

// lastCall waits for the count of calls to be n and returns the last one.
func (s *testServer) lastCall(n int) usage.Call {
	s.t.Helper()
	for range int(testTimeout / (5 * time.Millisecond)) {
		s.mu.Lock()
		if len(s.calls) == n {
			defer s.mu.Unlock()
			return s.calls[n-1]
		}
		s.mu.Unlock()
		time.Sleep(5 * time.Millisecond)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Len(s.t, s.calls, n, "calls that were told of")
	return usage.Call{}
}

// newTestServerFor puts a handler in Paycor's place.
func newTestServerFor(t testing.TB, handler http.HandlerFunc, change ...func(*proxy.Config)) *testServer {
	t.Helper()
	upstream := httptest.NewServer(handler)
	t.Cleanup(func() {
		upstream.CloseClientConnections()
		upstream.Close()
	})
	return newTestServer(t, upstream.URL, change...)
}

// send sends a request with a token and reads the whole answer.
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

// sendRaw writes to a socket and returns all that comes back until the other side
// closes, or has been silent for the time given.
func (s *testServer) sendRaw(text string, silence time.Duration) string {
	s.t.Helper()
	conn := s.dial()
	defer conn.Close()
	_, _ = io.WriteString(conn, text) // the other side may have had enough before the end
	return readAll(conn, silence)
}

func (s *testServer) dial() net.Conn {
	s.t.Helper()
	conn, err := (&net.Dialer{Timeout: testTimeout}).Dial("tcp", s.address)
	require.NoError(s.t, err)
	return conn
}

func readAll(conn net.Conn, silence time.Duration) string {
	var all []byte
	buffer := make([]byte, 64<<10)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(silence))
		n, err := conn.Read(buffer)
		all = append(all, buffer[:n]...)
		if err != nil {
			return string(all)
		}
	}
}

// requestHead is the head of a hostile request, up to the part that makes it one.
const requestHead = " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + callerToken + "\r\n"
