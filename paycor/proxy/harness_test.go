package proxy_test

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
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

// patience is how long anything may take before a test gives up. It only
// decides how long a failure takes.
const patience = 20 * time.Second

// Invented values. None of them may be seen by a caller.
const (
	oldToken = "access-token-that-nobody-sees-1"
	newToken = "access-token-that-nobody-sees-2"
	theKey   = "000000000000000000000000000000b1"
	opens    = "pcc_invented"
)

const root = "/api/v1/credentials/cred_1/paycor"

// source gives one passage to everybody who may.
type source struct {
	mu       sync.Mutex
	at       string // the environment's address
	token    string
	key      string
	next     string // the token after a refused one; empty where there is none
	refused  int
	passages map[string]*paycor.UpstreamCredentials
	err      error
	lost     error                   // what is said from the first refused token on; nil where there is another
	keys     map[string]string       // of credentials that have another than key
	hold     func(credential string) // called before a passage is given
}

func (s *source) UpstreamCredentials(_ context.Context, caller paycor.Caller, credential, method string) (*paycor.UpstreamCredentials, error) {
	if s.hold != nil {
		s.hold(credential)
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
	at := s.at + s.token + key
	if s.passages[at] == nil {
		s.passages[at] = &paycor.UpstreamCredentials{
			Environment:     paycor.Environment{Name: "test", APIURL: s.at},
			SubscriptionKey: paycor.NewSecret(key), Token: paycor.NewSecret(s.token),
		}
	}
	return s.passages[at], nil
}

func (s *source) RejectToken(_ context.Context, _ paycor.Caller, _ string, token paycor.Secret) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused++
	if s.lost != nil {
		s.err = s.lost
		return true, nil
	}
	if token.Reveal() == s.token && s.next != "" {
		s.token, s.next = s.next, ""
		return true, nil
	}
	return token.Reveal() != s.token, nil
}

// access knows tokens that begin in the right way; the rest names the
// consumer.
type access struct{ web.Access }

func (access) CallerByToken(_ context.Context, token paycor.Secret) (paycor.Caller, error) {
	if !strings.HasPrefix(token.Reveal(), opens) {
		return paycor.Caller{}, paycor.Errorf(paycor.KindUnauthorized, "not known")
	}
	return paycor.Caller{Kind: paycor.CallerConsumer, ID: "token" + strings.TrimPrefix(token.Reveal(), opens), Workspace: "w", Rights: paycor.AllRights()}, nil
}

func (access) Refuse(context.Context, paycor.Caller, string) error { return nil }

// stage is the real server with the proxy behind it, and something in the
// place of Paycor.
type stage struct {
	t       testing.TB
	URL     string
	address string
	source  *source
	proxy   *proxy.Proxy
	server  *http.Server
	log     *testkit.Log
	logger  *slog.Logger

	mu   sync.Mutex
	uses []usage.Call
}

// open starts a stage in front of an address.
func open(t testing.TB, upstream string, change ...func(*proxy.Config)) *stage {
	t.Helper()
	s := &stage{t: t, log: &testkit.Log{}, source: &source{at: upstream, token: oldToken, key: theKey, passages: map[string]*paycor.UpstreamCredentials{}}}
	config := proxy.Config{CredentialSource: s.source, RetryBackoff: -1, CallsPerMinute: 1_000_000, OnCall: s.used}
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

func (s *stage) used(use usage.Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uses = append(s.uses, use)
}

// last waits for the count of calls to be n and returns the last one.
func (s *stage) last(n int) usage.Call {
	s.t.Helper()
	for range int(patience / (5 * time.Millisecond)) {
		s.mu.Lock()
		if len(s.uses) == n {
			defer s.mu.Unlock()
			return s.uses[n-1]
		}
		s.mu.Unlock()
		time.Sleep(5 * time.Millisecond)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Len(s.t, s.uses, n, "calls that were told of")
	return usage.Call{}
}

// before puts a handler in Paycor's place.
func before(t testing.TB, handler http.HandlerFunc, change ...func(*proxy.Config)) *stage {
	t.Helper()
	upstream := httptest.NewServer(handler)
	t.Cleanup(func() {
		upstream.CloseClientConnections()
		upstream.Close()
	})
	return open(t, upstream.URL, change...)
}

// seen is a request as it came over the wire.
type seen struct {
	head string // first line and headers
	body string
}

// wire is something in Paycor's place that shows what came letter for letter.
// answer gets the number of the request, from 1 on, and what came; an empty
// answer closes the connection.
type wire struct {
	net.Listener
	mu    sync.Mutex
	seen  []seen
	lines int // connections
}

func listen(t testing.TB, answer func(n int, got seen) string) *wire {
	t.Helper()
	w := &wire{}
	w.serve(t, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		for {
			got, err := readRequest(r)
			if err != nil {
				return
			}
			w.mu.Lock()
			w.seen = append(w.seen, got)
			n := len(w.seen)
			w.mu.Unlock()
			said := answer(n, got)
			if said == "" {
				return
			}
			if _, err := io.WriteString(conn, said); err != nil || !strings.Contains(said, "\r\n\r\n") {
				return // half a head is all there is
			}
		}
	})
	return w
}

// serve calls handle for each connection and closes it afterwards.
func (w *wire) serve(t testing.TB, handle func(net.Conn)) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w.Listener = listener
	var open sync.Map
	var working sync.WaitGroup
	working.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			w.mu.Lock()
			w.lines++
			w.mu.Unlock()
			open.Store(conn, nil)
			working.Go(func() {
				defer open.Delete(conn)
				defer conn.Close()
				handle(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		open.Range(func(conn, _ any) bool { _ = conn.(net.Conn).Close(); return true })
		working.Wait()
	})
}

func (w *wire) URL() string { return "http://" + w.Addr().String() }

func (w *wire) requests() []seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]seen(nil), w.seen...)
}

// readRequest reads a request as its framing says, without looking at
// anything else.
func readRequest(r *bufio.Reader) (seen, error) {
	var got seen
	length, chunked := 0, false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return got, err
		}
		got.head += line
		if line == "\r\n" {
			break
		}
		name, value, _ := strings.Cut(line, ":")
		switch strings.ToLower(name) {
		case "content-length":
			length, _ = strconv.Atoi(strings.TrimSpace(value))
		case "transfer-encoding":
			chunked = true
		}
	}
	if !chunked {
		body := make([]byte, length)
		_, err := io.ReadFull(r, body)
		got.body = string(body)
		return got, err
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return got, err
		}
		got.body += line
		if line == "\r\n" {
			return got, nil
		}
	}
}

// ok is the smallest whole answer.
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// send sends a request with a token and reads the whole answer.
func (s *stage) send(method, path, body string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	response, text, err := s.try(method, path, body, headers...)
	require.NoError(s.t, err)
	return response, text
}

func (s *stage) try(method, path, body string, headers ...string) (*http.Response, string, error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.URL+path, reader)
	require.NoError(s.t, err)
	request.Header.Set("Authorization", "Bearer "+opens)
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

// raw writes to a socket and returns all that comes back until the other side
// closes, or has been silent for the time given.
func (s *stage) raw(text string, silence time.Duration) string {
	s.t.Helper()
	conn := s.dial()
	defer conn.Close()
	_, _ = io.WriteString(conn, text) // the other side may have had enough before the end
	return drain(conn, silence)
}

func (s *stage) dial() net.Conn {
	s.t.Helper()
	conn, err := (&net.Dialer{Timeout: patience}).Dial("tcp", s.address)
	require.NoError(s.t, err)
	return conn
}

func drain(conn net.Conn, silence time.Duration) string {
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
