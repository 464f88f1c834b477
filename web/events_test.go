package web_test

import (
	"bufio"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/verdicts"
	"paycorcred/web"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// listen opens the stream of events, and closes it with the test.
func (h *house) listen(headers ...header) (*http.Response, *bufio.Scanner) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	h.t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, "GET", h.URL+"/api/v1/events", nil)
	require.NoError(h.t, err)
	for _, one := range headers {
		request.Header.Add(one.name, one.value)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(h.t, err)
	h.t.Cleanup(func() { response.Body.Close() })
	return response, bufio.NewScanner(response.Body)
}

// next returns the next line that is not blank, or "" at the stream's end.
func next(lines *bufio.Scanner) string {
	for lines.Scan() {
		if lines.Text() != "" {
			return lines.Text()
		}
	}
	return ""
}

func TestEvents(t *testing.T) {
	h := open(t)
	response, lines := h.listen(cookie)
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	assert.Equal(t, "no-store", response.Header.Get("Cache-Control"))
	assert.Equal(t, "retry: 3000", next(lines))
	h.changes <- events.Change{ID: "a", Action: audit.ActionCreate}
	assert.Equal(t, `data: {"id":"a","action":"credential.create"}`, next(lines))
	close(h.changes)
	assert.Empty(t, next(lines), "the stream ends when nobody tells of changes any more")
}

func TestEventsShowLife(t *testing.T) {
	h := open(t, func(c *web.Config) { c.Heartbeat = time.Millisecond })
	_, lines := h.listen(cookie)
	next(lines)
	assert.Equal(t, ": still here", next(lines))
}

func TestEventsEndWithTheSession(t *testing.T) {
	for name, by := range map[string]header{"session": cookie, "token": bearer} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			_, lines := h.listen(by)
			next(lines)
			h.access.end()
			h.changes <- events.Change{ID: "a", Action: audit.ActionDelete}
			assert.Empty(t, next(lines), "nothing is told after the end")
		})
	}
}

// What somebody may do can change while their page is open: a host is changed.
func TestEventsTellOfOtherRights(t *testing.T) {
	h := open(t)
	_, lines := h.listen(bearer)
	next(lines)
	h.changes <- events.Change{Action: audit.ActionHostUpdate} // of another host
	h.access.may(paycor.RightView)
	h.changes <- events.Change{Action: audit.ActionHostUpdate}
	assert.Equal(t, `data: {"id":"","action":"","rights":["view"]}`, next(lines), "a host's change itself is nobody's business")
	h.changes <- events.Change{ID: "a", Action: audit.ActionDelete}
	assert.Equal(t, `data: {"id":"a","action":"credential.delete"}`, next(lines), "it is told once")
	h.access.may(paycor.RightEdit)
	h.changes <- events.Change{Action: audit.ActionHostUpdate}
	assert.Empty(t, next(lines), "who may see nothing is told nothing")
}

// Whoever may list API tokens is told when there is another list.
func TestEventsTellOfTokensToWhoMayListThem(t *testing.T) {
	h := open(t)
	_, lines := h.listen(bearer)
	next(lines)
	h.changes <- events.Change{Action: audit.ActionToken}
	assert.Equal(t, `data: {"id":"","action":"token.create"}`, next(lines))
	h.changes <- events.Change{Action: audit.ActionTokenRevoke}
	assert.Equal(t, `data: {"id":"","action":"token.revoke"}`, next(lines))

	for name, restrict := range map[string]func(*house){
		"without the right":        func(h *house) { h.access.may(paycor.RightView) },
		"of some credentials only": func(h *house) { h.access.only = []string{"mine"} },
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			restrict(h)
			_, lines := h.listen(bearer)
			next(lines)
			h.changes <- events.Change{Action: audit.ActionToken}
			h.changes <- events.Change{ID: "mine", Action: audit.ActionCreate}
			assert.Equal(t, `data: {"id":"mine","action":"credential.create"}`, next(lines))
		})
	}
}

func TestEventsAreOnlyForWhoMaySeeThem(t *testing.T) {
	h := open(t)
	h.access.rights = paycor.Rights{paycor.RightEdit}
	response, _ := h.listen(bearer)
	assert.Equal(t, http.StatusForbidden, response.StatusCode)
	assert.Equal(t, []string{"forbidden"}, h.access.refusals())
}

func TestEventsOfOtherCredentialsAreNotTold(t *testing.T) {
	h := open(t)
	h.access.only = []string{"mine"}
	_, lines := h.listen(bearer)
	next(lines)
	h.changes <- events.Change{ID: "theirs", Action: audit.ActionCreate}
	h.changes <- events.Change{ID: "mine", Action: audit.ActionCreate}
	assert.Contains(t, next(lines), `"id":"mine"`)
}

func TestNoCallerTakesAllStreams(t *testing.T) {
	streams := web.NewStreamQuota()
	ann := paycor.Caller{Kind: paycor.CallerConsumer, ID: "token_a", Workspace: "default"}
	var leaves []func()
	for range web.MaxStreamsPerCaller {
		leaves = append(leaves, streams.Acquire(quota.PrincipalsOf(ann)...))
	}
	assert.Nil(t, streams.Acquire(quota.PrincipalsOf(ann)...))
	elsewhere := ann
	elsewhere.Workspace = "other"
	for i := range web.MaxStreams - web.MaxStreamsPerCaller {
		elsewhere.ID = strconv.Itoa(i)
		if i == web.MaxStreamsPerWorkspace {
			assert.Nil(t, streams.Acquire(quota.PrincipalsOf(elsewhere)...), "nor does a workspace, whoever asks in it")
			elsewhere.Workspace = "third"
		}
		require.NotNil(t, streams.Acquire(quota.PrincipalsOf(elsewhere)...), "others find room")
	}
	elsewhere.ID = "one more"
	assert.Nil(t, streams.Acquire(quota.PrincipalsOf(elsewhere)...), "there is an end for all together")
	leaves[0]()
	assert.NotNil(t, streams.Acquire(quota.PrincipalsOf(elsewhere)...), "who leaves makes room")
	leaves[1]()
	assert.NotNil(t, streams.Acquire(quota.PrincipalsOf(ann)...))
	assert.Nil(t, streams.Acquire(quota.PrincipalsOf(ann)...))
}

func TestNoHostTakesAllStreams(t *testing.T) {
	streams := web.NewStreamQuota()
	caller := paycor.Caller{Kind: paycor.CallerEmbedded, Workspace: "default"}
	enter := func(host string, n int) func() {
		caller.ID = host + "/" + strconv.Itoa(n)
		return streams.Acquire(quota.PrincipalsOf(caller)...)
	}
	for n := range web.MaxStreamsPerHost {
		require.NotNil(t, enter("console", n), "each is another person's")
	}
	assert.Nil(t, enter("console", -1), "whatever name the host gives")
	assert.NotNil(t, enter("portal", 1), "others find room")
}

func TestALeftStreamIsCountedOut(t *testing.T) {
	h := open(t)
	for range web.MaxStreamsPerCaller + 1 {
		assert.Equal(t, http.StatusOK, h.send("HEAD", "/api/v1/events", "", bearer).StatusCode)
	}
}

func TestEventsOutliveTheServersBounds(t *testing.T) {
	h := open(t, func(c *web.Config) { c.Heartbeat = 20 * time.Millisecond })
	restart(t, h, func(s *http.Server) { s.ReadTimeout, s.WriteTimeout = 40*time.Millisecond, 40*time.Millisecond })
	_, lines := h.listen(cookie)
	next(lines)
	for range 10 { // five times the bounds
		require.Equal(t, ": still here", next(lines))
	}
}

func TestStepsArriveAsTheyHappen(t *testing.T) {
	h := open(t)
	h.service.steps = []verdicts.Step{{Name: verdicts.StepKey, State: verdicts.StepRunning}}
	h.service.pause = make(chan struct{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "POST", h.URL+"/api/v1/credentials/a/verify", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", bearer.value)
	request.Header.Set("Accept", "application/x-ndjson")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	assert.Contains(t, next(lines), `"running"`, "before the verification has ended")
	close(h.service.pause)
	assert.Contains(t, next(lines), `"verdict"`)
}

func TestAVerificationMayTakeLongerThanTheServersBounds(t *testing.T) {
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
			h := open(t)
			h.service.steps = []verdicts.Step{{Name: verdicts.StepKey, State: verdicts.StepRunning}}
			h.service.pause = make(chan struct{})
			time.AfterFunc(200*time.Millisecond, func() { close(h.service.pause) })
			restart(t, h, test.bound)
			got := h.send("POST", "/api/v1/credentials/a/verify", test.body, bearer, asJSON, header{"Accept", test.accept})
			assert.Equal(t, http.StatusOK, got.StatusCode, got.body)
			assert.True(t, strings.HasPrefix(got.body, test.begins), got.body)
			assert.Contains(t, got.body, `"outcome":"verified"`)
		})
	}
}

// restart serves the house anew with other bounds.
func restart(t *testing.T, h *house, bound func(*http.Server)) *http.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h.handler)
	server.Config = web.NewHTTPServer(h.handler, nil)
	bound(server.Config)
	server.Start()
	t.Cleanup(server.Close)
	h.URL = server.URL
	return server.Config
}

// What a stop cuts off is told so, and not as a fault of the server's.
func TestWhatAStopCutsOffIsToldSo(t *testing.T) {
	h := open(t)
	h.service.pause = make(chan struct{})
	defer close(h.service.pause)
	server := restart(t, h, func(*http.Server) {})
	cut := make(chan answer, 1)
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

func TestAStoppingServerEndsTheEvents(t *testing.T) {
	h := open(t)
	server := restart(t, h, func(*http.Server) {})
	_, lines := h.listen(cookie)
	next(lines)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, server.Shutdown(ctx))
	assert.Empty(t, next(lines))
}
