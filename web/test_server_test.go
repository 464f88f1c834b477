package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/message"
	"paycorcred/paycor/session"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/verdicts"
	"paycorcred/web"
)

// Invented secrets that must not appear in any response or log.
const (
	canarySecret = "Canary/Secret+9f2e7d6c5b4a39281706f5e4d3c2"
	canaryKey    = "c0ffee00c0ffee11c0ffee22c0ffee33"
)

// What fakeAccess accepts.
const (
	validToken   = "pcc_test-token-that-opens"
	validSession = "test-handle-that-opens"
	validCode    = "test-code-that-opens"
)

var (
	cookie   = header{"Cookie", "paycorcred=" + validSession}
	bearer   = header{"Authorization", "Bearer " + validToken}
	jsonBody = header{"Content-Type", "application/json"}
	testTime = time.Date(2031, 5, 4, 3, 2, 1, 0, time.UTC)
)

type header struct{ name, value string }

var errUnauthorized = paycor.Errorf(paycor.KindUnauthorized, "not known")

// fakeAccess is a web.Access with one session, one token and one sign-in code.
type fakeAccess struct {
	mu          sync.Mutex
	rights      paycor.Rights
	ended       bool
	only        []string // the only credentials of the caller
	codeUsed    bool
	auditErr    error
	broken      error // error of all lookups
	denialCodes []string
	denied      []paycor.Caller

	opened []session.SignIn
	used   int
	hint   paycor.Secret
	gone   []string
}

func (a *fakeAccess) lock() func() { a.mu.Lock(); return a.mu.Unlock }

func (a *fakeAccess) caller(kind paycor.CallerKind, id string) (paycor.Caller, error) {
	defer a.lock()()
	if a.broken != nil {
		return paycor.Caller{}, a.broken
	}
	if a.ended {
		return paycor.Caller{}, errUnauthorized
	}
	return paycor.Caller{Kind: kind, ID: id, Name: id, Workspace: paycor.DefaultWorkspace, Rights: a.rights, Credentials: a.only}, nil
}

func (a *fakeAccess) CallerByToken(_ context.Context, token paycor.Secret) (paycor.Caller, error) {
	if token.Reveal() != validToken {
		return paycor.Caller{}, errUnauthorized
	}
	return a.caller(paycor.CallerConsumer, "consumer-1")
}

func (a *fakeAccess) CallerBySession(_ context.Context, handle paycor.Secret) (paycor.Caller, error) {
	if handle.Reveal() != validSession {
		return paycor.Caller{}, errUnauthorized
	}
	return a.caller(paycor.CallerPerson, "person-1")
}

func (a *fakeAccess) SignIn(_ context.Context, code paycor.Secret, _, _ string) (paycor.Secret, time.Time, error) {
	defer a.lock()()
	if code.Reveal() != validCode || a.codeUsed {
		return paycor.Secret{}, time.Time{}, errUnauthorized
	}
	a.codeUsed = true
	return paycor.NewSecret(validSession), testTime.Add(time.Hour), nil
}

func (a *fakeAccess) SignOut(context.Context, paycor.Secret, string, string) error {
	defer a.lock()()
	a.ended = true
	return nil
}

func (a *fakeAccess) DenyRequest(_ context.Context, caller paycor.Caller, detail string) error {
	defer a.lock()()
	if a.auditErr != nil {
		return a.auditErr
	}
	a.denialCodes, a.denied = append(a.denialCodes, detail), append(a.denied, caller)
	return nil
}

// endAll ends all sessions and tokens.
func (a *fakeAccess) endAll() {
	defer a.lock()()
	a.ended = true
}

func (a *fakeAccess) setRights(rights ...paycor.Right) {
	defer a.lock()()
	a.rights = rights
}

func (a *fakeAccess) denials() []string {
	defer a.lock()()
	return append([]string{}, a.denialCodes...)
}

// fakeService is an api.Service that records its calls.
type fakeService struct {
	hosts
	channels
	mu      sync.Mutex
	calls   []string
	onList  func() // called by Credentials
	caller  paycor.Caller
	draft   paycor.Draft
	patch   paycor.Patch
	create  paycor.CreateOptions
	update  paycor.UpdateOptions
	request paycor.VerifyRequest
	query   paycor.Query
	ifMatch string
	steps   []verdicts.Step
	err     error // error of every call
	panics  any
	block   chan struct{} // blocks verifications until closed
	waiting atomic.Int64  // verifications that are blocked

	answer      paycor.ActivationAnswer
	redirectURI string
	activated   string // id of the credential that a state belongs to

	trail   trail
	sharing *paycor.Sharing
	consumers
	fakeRotation

	historyErr error
	name       string // of the credential
}

// of returns the service for a caller, and keeps who it was.
func (s *fakeService) of(caller paycor.Caller) api.Service {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.caller = caller
	return s
}

func (s *fakeService) note(call string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
	if s.panics != nil {
		panic(s.panics)
	}
	return s.err
}

func (s *fakeService) recordedCalls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.calls...)
}

func (s *fakeService) verdict() verdicts.Verdict {
	return verdicts.Verdict{Outcome: verdicts.OutcomeVerified, Code: "verified", Message: message.Text("It works."), CheckedAt: testTime,
		Entities: []verdicts.LegalEntity{{ID: 7, TenantID: 8, Name: "Seven"}}}
}

func (s *fakeService) credential(id string) paycor.Credential {
	return paycor.Credential{ID: id, Name: s.name, Environment: "production", Grant: paycor.GrantClientCredentials,
		LegalEntityID: 7, CreatedAt: testTime, UpdatedAt: testTime, Version: 3}.WithVerdict(s.verdict())
}

// last returns the credential of the second page.
func (s *fakeService) last() paycor.Credential {
	last := s.credential("z")
	last.Name = s.name
	return last
}

func (s *fakeService) Environments(context.Context) ([]paycor.Environment, error) {
	return paycor.Environments(), s.note("environments")
}

func (s *fakeService) Credentials(_ context.Context, query paycor.Query) (paycor.CredentialPage, error) {
	if s.onList != nil {
		s.onList()
	}
	s.query = query
	if query.Cursor == "next" {
		return paycor.CredentialPage{Credentials: []paycor.Credential{s.last()}, Total: 2}, s.note("list")
	}
	return paycor.CredentialPage{Credentials: []paycor.Credential{s.credential("a")}, Next: "next", Total: 2}, s.note("list")
}

func (s *fakeService) CredentialCounts(context.Context) (listing.Counts, error) {
	return listing.Counts{Total: 2, States: map[string]int{"rejected": 2}, Owners: []listing.Count{{Name: "Ann", Credentials: 1}}}, s.note("counts")
}

func (s *fakeService) Credential(_ context.Context, id string) (paycor.Credential, error) {
	if id != "a" {
		_ = s.note("get")
		return paycor.Credential{}, paycor.Errorf(paycor.KindNotFound, "There is no such credential.")
	}
	return s.credential(id), s.note("get")
}

func (s *fakeService) Create(_ context.Context, draft paycor.Draft, options paycor.CreateOptions) (paycor.Saved, error) {
	s.draft, s.create = draft, options
	return paycor.Saved{Credential: s.credential("a"), Warnings: []fields.Problem{{Field: "scope", Code: fields.ProblemUnusualShape, Message: message.Text("odd")}}}, s.note("create")
}

func (s *fakeService) Update(_ context.Context, id string, patch paycor.Patch, options paycor.UpdateOptions) (paycor.Saved, error) {
	s.patch, s.update = patch, options
	return paycor.Saved{Credential: s.credential(id), AlsoChanged: []string{"b"}, AlsoChangedHidden: true}, s.note("update")
}

func (s *fakeService) Delete(_ context.Context, _, ifMatch string) error {
	s.ifMatch = ifMatch
	return s.note("delete")
}

func (s *fakeService) Verify(ctx context.Context, _ string, progress paycor.Progress) (verdicts.Verdict, error) {
	return s.verify(ctx, progress, "verify")
}

func (s *fakeService) VerifyDraft(ctx context.Context, request paycor.VerifyRequest, progress paycor.Progress) (verdicts.Verdict, error) {
	s.request = request
	return s.verify(ctx, progress, "verify draft")
}

func (s *fakeService) TryPeerEnvironment(ctx context.Context, request paycor.VerifyRequest) (paycor.PeerAnswer, error) {
	s.request = request
	verdict, err := s.verify(ctx, nil, "counterpart")
	return paycor.NewPeerAnswer("sandbox", verdict), err
}

func (s *fakeService) verify(ctx context.Context, progress paycor.Progress, call string) (verdicts.Verdict, error) {
	if progress != nil {
		for _, step := range s.steps {
			progress(step)
		}
	}
	if s.block != nil {
		s.waiting.Add(1)
		select {
		case <-s.block:
		case <-ctx.Done():
			return verdicts.Verdict{}, ctx.Err()
		}
	}
	return s.verdict(), s.note(call)
}

func (s *fakeService) StartActivation(_ context.Context, _, redirectURI string) (paycor.Activation, error) {
	s.redirectURI = redirectURI
	return paycor.Activation{Handle: paycor.NewSecret(canaryStart), RedirectURI: redirectURI, Scope: "s offline_access",
		ExpiresAt: testTime, Warning: paycor.ActivationWarning}, s.note("start activation")
}

func (s *fakeService) Activate(_ context.Context, id string, answer paycor.ActivationAnswer, _ paycor.Progress) (paycor.Saved, error) {
	s.answer = answer
	if err := s.note("activate"); err != nil {
		return paycor.Saved{Credential: paycor.Credential{ID: s.activated}}, err
	}
	if id == "" {
		id = s.activated
	}
	return paycor.Saved{Credential: s.credential(id), AlsoChanged: []string{"b"}, AlsoChangedHidden: true}, nil
}

func (s *fakeService) History(context.Context, string) (audit.History, error) {
	if s.historyErr != nil {
		return audit.History{}, s.historyErr
	}
	return audit.History{Entries: []audit.Entry{{Sequence: 1, At: testTime, Action: audit.ActionCreate, CallerKind: paycor.CallerPerson, Outcome: "done"}}}, s.note("history")
}

// testServer is a running server over fakes.
type testServer struct {
	t           *testing.T
	URL         string
	access      *fakeAccess
	service     *fakeService
	activations *fakeActivations
	handler     http.Handler
	changes     chan events.Change
	log         *testkit.Log
	clock       *testkit.Clock
	requestRecorder
}

// cookieAt is cookie for a server with this Host header.
func cookieAt(host string) header {
	if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") && host[at:] != ":80" && host[at:] != ":" {
		return header{"Cookie", "paycorcred-" + host[at+1:] + "=" + validSession}
	}
	return cookie
}

// newTestServer starts a testServer. change adjusts its configuration.
func newTestServer(t *testing.T, change ...func(*web.Config)) *testServer {
	t.Helper()
	h := &testServer{
		t: t, access: &fakeAccess{rights: paycor.AllRights()}, service: &fakeService{name: "Payroll"},
		activations: &fakeActivations{}, changes: make(chan events.Change), log: &testkit.Log{}, clock: testkit.NewClock(testTime),
	}
	config := web.Config{
		Access:      h.access,
		Services:    h.service.of,
		Changes:     func(context.Context, paycor.Caller) <-chan events.Change { return h.changes },
		Body:        func(start api.Start) string { return `<div id="app">page</div>` },
		Activations: h.activations,
		Clock:       h.clock.Now, Version: "test",
		Metrics: h.metrics, Observe: h.observe,
		Logger: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&config)
	}
	handler, err := web.NewWithPrograms(config)
	require.NoError(t, err)
	h.handler = handler
	server := httptest.NewUnstartedServer(handler)
	server.Config = web.NewHTTPServer(handler, nil)
	server.Start()
	t.Cleanup(server.Close)
	h.URL = server.URL
	return h
}

// response is an HTTP response that was read.
type response struct {
	*http.Response
	body string
}

// send sends a request and reads its response.
func (h *testServer) send(method, path, body string, headers ...header) response {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, h.URL+path, reader)
	require.NoError(h.t, err)
	request.Host = "localhost" // without the port, which would be part of the names of cookies
	for _, extra := range headers {
		if extra.name == "Host" {
			request.Host = extra.value
			continue
		}
		request.Header.Add(extra.name, extra.value)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	received, err := client.Do(request)
	require.NoError(h.t, err)
	defer received.Body.Close()
	text, err := io.ReadAll(received.Body)
	require.NoError(h.t, err)
	return response{received, string(text)}
}

var errInjected = errors.New("injected failure: fire")
