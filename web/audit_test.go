package web_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/web"
)

func TestAuditSearch(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.service.trail.page = audit.Page{Entries: []audit.Entry{{Sequence: 9, At: testTime, Action: audit.ActionDelete, Outcome: "done"}}, Next: "9"}
	got := h.send("GET", "/api/v1/audit?credential=c&caller=ann&action=credential.delete&outcome=done&request_id=r&from=2031-05-04&to=2031-05-04T10:00:00Z&cursor=12&limit=7", "", bearer)
	require.Equal(t, http.StatusOK, got.StatusCode, got.body)
	assert.JSONEq(t, `{"entries":[{"sequence":9,"at":"2031-05-04T03:02:01Z","workspace":"","caller_kind":"","caller_id":"","caller_name":"","action":"credential.delete","outcome":"done"}],"names":{},"next_cursor":"9"}`, got.body)
	day := testTime.Truncate(24 * 60 * 60 * 1e9)
	assert.Equal(t, audit.Query{
		Credential: "c", Caller: "ann", Action: audit.ActionDelete, Outcome: "done", RequestID: "r",
		From: day, To: day.Add(10 * 60 * 60 * 1e9), Cursor: "12", Limit: 7,
	}, h.service.trail.asked)
}

func TestInvalidAuditSearch(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"workspace=other", "from=yesterday", "to=2031-02-30", "limit=0", "limit=201", "limit=x", "caller=a&caller=b", "caller=" + strings.Repeat("x", 201),
		"cursor=" + strings.Repeat("1", 1001), "caller=%ff", "caller=%zz", "after=3", "action=bogus",
	} {
		t.Run(query[:min(len(query), 20)], func(t *testing.T) {
			h := newTestServer(t)
			got := h.send("GET", "/api/v1/audit?"+query, "", bearer)
			assert.Equal(t, http.StatusBadRequest, got.StatusCode, got.body)
			assert.Empty(t, h.service.recordedCalls())
		})
	}
	for _, query := range []string{"after=-1", "after=x", "after=9999999999999999999999", "cursor=1", "limit=5", "from=x", "action=bogus"} {
		h := newTestServer(t)
		got := h.send("GET", "/api/v1/audit/export?"+query, "", bearer)
		assert.Equal(t, http.StatusBadRequest, got.StatusCode, query)
		assert.Empty(t, h.service.recordedCalls(), query)
	}
}

func TestAuditExport(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	line := func(sequence int64) audit.Line {
		return audit.Line{Entry: audit.Entry{Sequence: sequence, At: testTime, Outcome: "done", Hash: "h"}, Previous: "p"}
	}
	h.service.trail.lines = []audit.Line{line(4), line(5)}
	got := h.send("GET", "/api/v1/audit/export?after=3&outcome=done", "", bearer)
	require.Equal(t, http.StatusOK, got.StatusCode)
	assert.Equal(t, "application/x-ndjson", got.Header.Get("Content-Type"))
	assert.Contains(t, got.Header.Get("Content-Disposition"), "attachment")
	assert.EqualValues(t, 3, h.service.trail.after)
	assert.Equal(t, "done", h.service.trail.asked.Outcome)
	lines := strings.Split(strings.TrimSpace(got.body), "\n")
	require.Len(t, lines, 2)
	assert.JSONEq(t, `{"sequence":5,"at":"2031-05-04T03:02:01Z","workspace":"","caller_kind":"","caller_id":"","caller_name":"","action":"","outcome":"done","hash":"h","previous":"p"}`, lines[1])

	h.service.trail.lines = nil
	got = h.send("GET", "/api/v1/audit/export", "", bearer)
	assert.Equal(t, http.StatusOK, got.StatusCode)
	assert.Empty(t, got.body)

	h.service.trail.err = paycor.Errorf(paycor.KindForbidden, "No.")
	assert.Equal(t, http.StatusForbidden, h.send("GET", "/api/v1/audit/export", "", bearer).StatusCode)
}

// A partial export must not look complete.
func TestFailingAuditExportClosesConnection(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.service.trail.lines = []audit.Line{{Entry: audit.Entry{Sequence: 1}}}
	h.service.trail.breaks = errInjected
	request, err := http.NewRequestWithContext(t.Context(), "GET", h.URL+"/api/v1/audit/export", nil)
	require.NoError(t, err)
	request.Host = "localhost"
	request.Header.Set(bearer.name, bearer.value)
	response, err := http.DefaultClient.Do(request)
	if err == nil { // the first line may have gone out alone
		defer response.Body.Close()
		_, err = response.Body.Read(make([]byte, 1<<16))
		for err == nil {
			_, err = response.Body.Read(make([]byte, 1<<16))
		}
	}
	assert.ErrorContains(t, err, "EOF")
	assert.NotEqual(t, "EOF", err.Error(), "it does not end like a complete response")
}

func TestAuditScreen(t *testing.T) {
	t.Parallel()
	var shown api.Start
	h := newTestServer(t, func(c *web.Config) {
		c.Body = func(start api.Start) string { shown = start; return `<div id="app">page</div>` }
	})
	h.service.trail.page = audit.Page{Entries: []audit.Entry{{Sequence: 1, At: testTime}}}
	got := h.send("GET", "/audit?caller=ann&to=2031-05-04&action=any&outcome=any&unknown=1", "", cookie)
	require.Equal(t, http.StatusOK, got.StatusCode)
	assert.Equal(t, audit.Filter{Caller: "ann", To: "2031-05-04"}, shown.Audit.Filter)
	assert.Len(t, shown.Audit.Page.Entries, 1)
	assert.Equal(t, paycor.Environments(), shown.Environments, "with their titles")
	assert.Empty(t, shown.Failure)

	for name, test := range map[string]struct {
		query  string
		err    error
		status int
		words  string
	}{
		"a filter that is none": {"?from=x", nil, http.StatusBadRequest, locale.English.Text("problem.audit-time", "from")},
		"without the right":     {"", paycor.Errorf(paycor.KindForbidden, "This needs the right admin."), http.StatusForbidden, "the right admin"},
		"a store on fire":       {"", errors.New("secret cause"), http.StatusInternalServerError, locale.English.Text("error.internal")},
	} {
		t.Run(name, func(t *testing.T) {
			h.service.trail.err = test.err
			got := h.send("GET", "/audit"+test.query, "", cookie)
			assert.Equal(t, test.status, got.StatusCode)
			assert.Contains(t, shown.Failure, test.words)
			assert.NotContains(t, got.body, "secret cause")
		})
	}
}

func TestUnauthenticatedActivationCallbackIsAudited(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("GET", "/activation/callback?state=s&code=c&again=1", "")
	assert.Equal(t, http.StatusForbidden, got.StatusCode)
	assert.Equal(t, []string{"unauthorized"}, h.access.denials())
	h.access.auditErr = errInjected
	assert.Equal(t, http.StatusServiceUnavailable, h.send("GET", "/activation/callback?state=s&code=c&again=1", "").StatusCode)
}
