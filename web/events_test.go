package web_test

import (
	"bufio"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/verdicts"
	"paycorcred/web"
)

// openEvents opens the event stream, which closes with the test.
func (h *testServer) openEvents(headers ...header) (*http.Response, *bufio.Scanner) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	h.t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, "GET", h.URL+"/api/v1/events", nil)
	require.NoError(h.t, err)
	request.Host = "localhost"
	for _, one := range headers {
		request.Header.Add(one.name, one.value)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(h.t, err)
	h.t.Cleanup(func() { response.Body.Close() })
	return response, bufio.NewScanner(response.Body)
}

// nextLine returns the next line that is not empty, or "" at the end.
func nextLine(lines *bufio.Scanner) string {
	for lines.Scan() {
		if lines.Text() != "" {
			return lines.Text()
		}
	}
	return ""
}

func TestEvents(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	response, lines := h.openEvents(cookie)
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	assert.Equal(t, "no-store", response.Header.Get("Cache-Control"))
	assert.Equal(t, "retry: 3000", nextLine(lines))
	h.changes <- events.Change{ID: "a", Action: audit.ActionCreate}
	assert.Equal(t, `data: {"id":"a","action":"credential.create"}`, nextLine(lines))
	close(h.changes)
	assert.Empty(t, nextLine(lines), "the stream ends with its source")
}

func TestEventsHeartbeat(t *testing.T) {
	t.Parallel()
	h := newTestServer(t, func(c *web.Config) { c.Heartbeat = time.Millisecond })
	_, lines := h.openEvents(cookie)
	nextLine(lines)
	assert.Equal(t, ": still here", nextLine(lines))
}

func TestEventsEndWithTheSession(t *testing.T) {
	t.Parallel()
	for name, by := range map[string]header{"session": cookie, "token": bearer} {
		t.Run(name, func(t *testing.T) {
			h := newTestServer(t)
			_, lines := h.openEvents(by)
			nextLine(lines)
			h.access.endAll()
			h.changes <- events.Change{ID: "a", Action: audit.ActionDelete}
			assert.Empty(t, nextLine(lines), "no events after the end")
		})
	}
}

// Rights can change while a page is open, such as those of an embedding site.
// A revoked API token may have opened the frame's session.
func TestEventsEndWithTheAPITokenOfTheFrame(t *testing.T) {
	t.Parallel()
	h, e := newEmbeddingServer(t)
	_, lines := h.openEvents(header{"Authorization", "Bearer " + validEmbeddedSession})
	nextLine(lines)
	e.ended = true
	h.changes <- events.Change{Action: audit.ActionTokenRevoke}
	assert.Empty(t, nextLine(lines))
}

func TestEventsReportChangedRights(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	_, lines := h.openEvents(bearer)
	nextLine(lines)
	h.changes <- events.Change{Action: audit.ActionHostUpdate} // of another site
	h.access.setRights(paycor.RightView)
	h.changes <- events.Change{Action: audit.ActionHostUpdate}
	assert.Equal(t, `data: {"id":"","action":"","rights":["view"]}`, nextLine(lines), "the change of a site has no event of its own")
	h.changes <- events.Change{ID: "a", Action: audit.ActionDelete}
	assert.Equal(t, `data: {"id":"a","action":"credential.delete"}`, nextLine(lines), "the rights are sent once")
	h.access.setRights(paycor.RightEdit)
	h.changes <- events.Change{Action: audit.ActionHostUpdate}
	assert.Empty(t, nextLine(lines), "without view the stream ends")
}

func TestTokenEventsAreForAdministrators(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	_, lines := h.openEvents(bearer)
	nextLine(lines)
	h.changes <- events.Change{Action: audit.ActionToken}
	assert.Equal(t, `data: {"id":"","action":"token.create"}`, nextLine(lines))
	h.changes <- events.Change{Action: audit.ActionTokenRevoke}
	assert.Equal(t, `data: {"id":"","action":"token.revoke"}`, nextLine(lines))

	for name, restrict := range map[string]func(*testServer){
		"without the right":        func(h *testServer) { h.access.setRights(paycor.RightView) },
		"of some credentials only": func(h *testServer) { h.access.only = []string{"mine"} },
	} {
		t.Run(name, func(t *testing.T) {
			h := newTestServer(t)
			restrict(h)
			_, lines := h.openEvents(bearer)
			nextLine(lines)
			h.changes <- events.Change{Action: audit.ActionToken}
			h.changes <- events.Change{ID: "mine", Action: audit.ActionCreate}
			assert.Equal(t, `data: {"id":"mine","action":"credential.create"}`, nextLine(lines))
		})
	}
}

func TestEventsNeedTheRightView(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.access.rights = paycor.Rights{paycor.RightEdit}
	response, _ := h.openEvents(bearer)
	assert.Equal(t, http.StatusForbidden, response.StatusCode)
	assert.Equal(t, []string{"forbidden"}, h.access.denials())
}

func TestEventsOfOtherCredentialsAreHidden(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.access.only = []string{"mine"}
	_, lines := h.openEvents(bearer)
	nextLine(lines)
	h.changes <- events.Change{ID: "theirs", Action: audit.ActionCreate}
	h.changes <- events.Change{ID: "mine", Action: audit.ActionCreate}
	assert.Contains(t, nextLine(lines), `"id":"mine"`)
}

func TestStreamQuotaPerCallerAndWorkspace(t *testing.T) {
	t.Parallel()
	streams := web.NewStreamQuota()
	ann := paycor.Caller{Kind: paycor.CallerConsumer, ID: "token_a", Workspace: "default"}
	var releases []func()
	for range web.MaxStreamsPerCaller {
		releases = append(releases, streams.Acquire(quota.PrincipalsOf(ann)...))
	}
	assert.Nil(t, streams.Acquire(quota.PrincipalsOf(ann)...))
	elsewhere := ann
	elsewhere.Workspace = "other"
	for i := range web.MaxStreams - web.MaxStreamsPerCaller {
		elsewhere.ID = strconv.Itoa(i)
		if i == web.MaxStreamsPerWorkspace {
			assert.Nil(t, streams.Acquire(quota.PrincipalsOf(elsewhere)...), "the limit of the workspace")
			elsewhere.Workspace = "third"
		}
		require.NotNil(t, streams.Acquire(quota.PrincipalsOf(elsewhere)...), "others have free slots")
	}
	elsewhere.ID = "one more"
	assert.Nil(t, streams.Acquire(quota.PrincipalsOf(elsewhere)...), "the limit of the server")
	releases[0]()
	assert.NotNil(t, streams.Acquire(quota.PrincipalsOf(elsewhere)...), "a released slot is free again")
	releases[1]()
	assert.NotNil(t, streams.Acquire(quota.PrincipalsOf(ann)...))
	assert.Nil(t, streams.Acquire(quota.PrincipalsOf(ann)...))
}

func TestStreamQuotaPerHost(t *testing.T) {
	t.Parallel()
	streams := web.NewStreamQuota()
	caller := paycor.Caller{Kind: paycor.CallerEmbedded, Workspace: "default"}
	enter := func(host string, n int) func() {
		caller.ID = host + "/" + strconv.Itoa(n)
		return streams.Acquire(quota.PrincipalsOf(caller)...)
	}
	for n := range web.MaxStreamsPerHost {
		require.NotNil(t, enter("console", n), "each for another person")
	}
	assert.Nil(t, enter("console", -1), "the limit of the site")
	assert.NotNil(t, enter("portal", 1), "others have free slots")
}

func TestEndedStreamReleasesItsSlot(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	for range web.MaxStreamsPerCaller + 1 {
		assert.Equal(t, http.StatusOK, h.send("HEAD", "/api/v1/events", "", bearer).StatusCode)
	}
}

func TestEventsOutlastServerTimeouts(t *testing.T) {
	h := newTestServer(t, func(c *web.Config) { c.Heartbeat = 20 * time.Millisecond })
	restartServer(t, h, func(s *http.Server) { s.ReadTimeout, s.WriteTimeout = 40*time.Millisecond, 40*time.Millisecond })
	_, lines := h.openEvents(cookie)
	nextLine(lines)
	for range 10 { // five times the timeouts
		require.Equal(t, ": still here", nextLine(lines))
	}
}

func TestStepsAreStreamed(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.service.steps = []verdicts.Step{{Name: verdicts.StepKey, State: verdicts.StepRunning}}
	h.service.block = make(chan struct{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "POST", h.URL+"/api/v1/credentials/a/verify", nil)
	require.NoError(t, err)
	request.Host = "localhost"
	request.Header.Set("Authorization", bearer.value)
	request.Header.Set("Accept", "application/x-ndjson")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	assert.Contains(t, nextLine(lines), `"running"`, "before the verification finished")
	close(h.service.block)
	assert.Contains(t, nextLine(lines), `"verdict"`)
}

func TestVerificationOutlastsServerTimeouts(t *testing.T) {
	step := `{"step":{"name":"key","state":"running"}}`
	tests := map[string]struct {
		body, accept, begins string
		bound                func(*http.Server)
	}{
		"reading, with a body": {"{}", "", `{"outcome"`, func(s *http.Server) { s.ReadTimeout = 50 * time.Millisecond }},
		"reading, without one": {"", "", `{"outcome"`, func(s *http.Server) { s.ReadTimeout = 50 * time.Millisecond }},
		"writing, in lines":    {"", "application/x-ndjson", step, func(s *http.Server) { s.WriteTimeout = 50 * time.Millisecond }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newTestServer(t)
			h.service.steps = []verdicts.Step{{Name: verdicts.StepKey, State: verdicts.StepRunning}}
			h.service.block = make(chan struct{})
			time.AfterFunc(200*time.Millisecond, func() { close(h.service.block) })
			restartServer(t, h, test.bound)
			got := h.send("POST", "/api/v1/credentials/a/verify", test.body, bearer, jsonBody, header{"Accept", test.accept})
			assert.Equal(t, http.StatusOK, got.StatusCode, got.body)
			assert.True(t, strings.HasPrefix(got.body, test.begins), got.body)
			assert.Contains(t, got.body, `"outcome":"verified"`)
		})
	}
}

// restartServer serves the handler with other timeouts.
func restartServer(t *testing.T, h *testServer, bound func(*http.Server)) *http.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h.handler)
	server.Config = web.NewHTTPServer(h.handler, nil)
	bound(server.Config)
	server.Start()
	t.Cleanup(server.Close)
	h.URL = server.URL
	return server.Config
}

func TestShutdownIsReportedToCanceledRequests(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.service.block = make(chan struct{})
	defer close(h.service.block)
	server := restartServer(t, h, func(*http.Server) {})
	cut := make(chan response, 1)
	go func() { cut <- h.send("POST", "/api/v1/credentials/a/verify", "", bearer) }()
	stopped := make(chan error, 1)
	over, end := context.WithCancel(t.Context())
	require.Eventually(t, func() bool { return h.service.waiting.Load() == 1 }, 20*time.Second, time.Millisecond)
	go func() { stopped <- web.Shutdown(over, server, slog.New(slog.DiscardHandler)) }()
	end()
	got := <-cut
	assert.Equal(t, http.StatusServiceUnavailable, got.StatusCode)
	assert.Contains(t, got.body, locale.English.Text("error.stopped"))
	assert.NoError(t, <-stopped)
}

func TestShutdownEndsEvents(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	server := restartServer(t, h, func(*http.Server) {})
	_, lines := h.openEvents(cookie)
	nextLine(lines)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, server.Shutdown(ctx))
	assert.Empty(t, nextLine(lines))
}
