package app

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/usage"
)

// fakeCalls is an api.TestCalls with a response that a test sets.
type fakeCalls struct {
	response api.TestResponse
	err      error
	sent     []string
}

func (f *fakeCalls) TestCall(_ context.Context, credential, target string) (api.TestResponse, error) {
	f.sent = append(f.sent, credential+" "+target)
	return f.response, f.err
}

// newTestCall returns the page of a credential whose calls are made by calls.
func newTestCall(rights ...paycor.Right) (*credentialsPage, *fakeCalls, *domtest.Document) {
	start := startOwn(sample("id1", "One"))
	start.Caller.Rights = rights
	p, _, document := newTestPage(start)
	calls := &fakeCalls{response: api.TestResponse{Status: 200, Took: 1234, Bytes: 20, Content: `{"name": "<b>Ann</b>"}`}}
	p.calls = calls
	document.SetValue(testPathID, p.detail.test.path(""))
	return p, calls, document
}

func TestWhoMayTryCalls(t *testing.T) {
	t.Parallel()
	for right, offered := range map[paycor.Right]bool{paycor.RightRead: true, paycor.RightUse: true, paycor.RightEdit: false, paycor.RightAdmin: false} {
		p, _, _ := newTestCall(paycor.RightView, right)
		assert.Equal(t, offered, render(t, p).Has(testCallID), right)
	}
	p, _, _ := newTestCall(paycor.RightView, paycor.RightRead)
	p.start.Embed = &embed.Start{}
	assert.Nil(t, p.detail.test.render(), "a frame")
}

func TestTryingACall(t *testing.T) {
	t.Parallel()
	p, calls, document := newTestCall(paycor.RightView, paycor.RightRead)
	call := p.detail.test
	call.choose("employees")
	assert.Equal(t, "/v1/legalentities/654321/employees", document.Values[testPathID])
	call.send()
	assert.Equal(t, []string{"id1 /v1/legalentities/654321/employees"}, calls.sent)
	assert.Equal(t, testResultID, document.HasFocus)
	result := render(t, p).ID(t, testResultID)
	assert.Contains(t, result.Text(), say("test-call.done", "200", "1,234", "20 bytes"))
	assert.NotContains(t, result.Text(), "Ann", "only on request")
	call.show(true)
	assert.Equal(t, "test-show", document.HasFocus)
	assert.Contains(t, render(t, p).ID(t, testResultID).Text(), `"<b>Ann</b>"`)

	call.send()
	assert.False(t, call.shown, "another response is hidden again")
}

func TestWhatPaycorAnswered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		response api.TestResponse
		says     []string
	}{
		"forbidden":  {api.TestResponse{Status: 403, Bytes: 2, Content: "{}"}, []string{say("failure.403"), say("fix.403")}},
		"key":        {api.TestResponse{Status: 401, Note: usage.NoteKey}, []string{say("failure.upstream_key")}},
		"page":       {api.TestResponse{Status: 200, Note: usage.NotePage}, []string{say("failure.upstream_page")}},
		"failed":     {api.TestResponse{Status: 500, CorrelationID: "c-1"}, []string{say("failure.5xx"), say("usage.name-id"), "c-1"}},
		"broken":     {api.TestResponse{Status: 200, Bytes: 2, Content: "{", Broken: true}, []string{say("failure.call_cut")}},
		"a file":     {api.TestResponse{Status: 200, Bytes: 2}, []string{say("test-call.no-text")}},
		"no content": {api.TestResponse{Status: 204}, []string{"0 bytes"}},
	} {
		p, calls, _ := newTestCall(paycor.RightView, paycor.RightRead)
		calls.response = test.response
		p.detail.test.send()
		for _, words := range test.says {
			assert.Contains(t, render(t, p).ID(t, testResultID).Text(), words, name)
		}
	}
	p, calls, _ := newTestCall(paycor.RightView, paycor.RightRead)
	calls.err = paycor.Errorf(paycor.KindLate, "failure.call_timeout")
	p.detail.test.send()
	assert.Contains(t, render(t, p).ID(t, testResultID).Text(), say("failure.call_timeout"))
}

func TestPathsThatPeopleType(t *testing.T) {
	t.Parallel()
	for typed, sent := range map[string]string{
		" /v1/legalentities/1?include=All ":                            "id1 /v1/legalentities/1?include=All",
		"https://apis.paycor.com/v1/legalentities/1/employees?a=b%20c": "id1 /v1/legalentities/1/employees?a=b%20c",
		"v1/legalentities":        "",
		"":                        "",
		"ftp://x/v1":              "",
		"https://apis.paycor.com": "",
	} {
		p, calls, document := newTestCall(paycor.RightView, paycor.RightRead)
		document.SetValue(testPathID, typed)
		p.detail.test.send()
		if sent == "" {
			assert.Empty(t, calls.sent, typed)
			assert.Equal(t, testPathID, document.HasFocus, typed)
			assert.NotEmpty(t, render(t, p).ID(t, "test-path-problem").Text(), typed)
			continue
		}
		assert.Equal(t, []string{sent}, calls.sent)
	}
	for _, foreign := range []string{"https://www.example.com/v1", "https://notpaycor.com/v1", "http://apis.paycor.com/v1"} {
		p, calls, document := newTestCall(paycor.RightView, paycor.RightRead)
		p.detail.test.send()
		document.SetValue(testPathID, foreign)
		p.detail.test.send()
		assert.Len(t, calls.sent, 1, foreign)
		page := render(t, p)
		assert.Contains(t, page.ID(t, "test-path-problem").Text(), say("test-call.host-wrong"), foreign)
		assert.Empty(t, page.ID(t, testResultID).Text(), "nothing of the earlier path is left")
	}
	p, _, document := newTestCall(paycor.RightView, paycor.RightRead)
	for typed, choice := range map[string]string{"/v1/legalentities/654321": "", "/v1/legalentities/654321/payGroups": "payGroups", "/v2/x": otherPath} {
		p.detail.test.follow(typed)
		assert.Equal(t, choice, document.Values[testChoiceID])
	}
}
