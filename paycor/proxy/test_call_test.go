package proxy_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/usage"
)

// person is a person who signed in.
var person = paycor.Caller{Kind: paycor.CallerPerson, ID: "ann", Name: "Ann", Workspace: "w", Rights: paycor.Rights{paycor.RightRead}}

// test tries a call as a person does. The error is the one that the person sees.
func (s *testServer) test(credential, target string) (response api.TestResponse, failure error) {
	s.t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", http.NoBody)
	response = s.proxy.TestCall(w, r, person, credential, target, func(_ http.ResponseWriter, _ *http.Request, err error) int {
		failure = err
		return http.StatusBadGateway
	})
	return response, failure
}

func TestATestCallReturnsTheResponse(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 2000) + strings.Repeat("1,", 25_000) + "1" + strings.Repeat("]", 2000) // indented, 108 MB
	long := `{"records":["` + strings.Repeat("é", api.MaxTestContent) + `"]}`
	tests := map[string]struct {
		header  http.Header
		status  int
		body    string
		content string
		note    usage.Note
	}{
		"JSON":            {nil, 200, `{"id":501123,"name":"Café"}`, "{\n  \"id\": 501123,\n  \"name\": \"Café\"\n}", ""},
		"text":            {http.Header{"Content-Type": {"text/plain"}}, 200, "a\n\tb", "a\n\tb", ""},
		"no content":      {nil, 204, "", "", ""},
		"a failure":       {nil, 404, `{"correlationId":"11111111-2222-3333-4444-555555555555"}`, "{\n  \"correlationId\": \"11111111-2222-3333-4444-555555555555\"\n}", ""},
		"a page":          {http.Header{"Content-Type": {"text/html"}}, 503, "<script>alert(1)</script>", "<script>alert(1)</script>", usage.NotePage},
		"a file":          {http.Header{"Content-Type": {"application/pdf"}}, 200, "%PDF\x00\xff", "", ""},
		"compressed":      {http.Header{"Content-Encoding": {"gzip"}}, 200, "packed", "", ""},
		"not compressed":  {http.Header{"Content-Encoding": {"identity"}}, 200, "plain", "plain", ""},
		"deep":            {nil, 200, deep, deep, ""},
		"the key as ID":   {nil, 500, `{"correlationId":"` + subscriptionKey + `"}`, "{\n  \"correlationId\": \"" + paycor.SecretMark + "\"\n}", ""},
		"long":            {nil, 200, long, long[:api.MaxTestContent-1], ""}, // the cut is within a character
		"the token":       {nil, 200, `{"Authorization":"Bearer ` + oldToken + `"}`, "{\n  \"Authorization\": \"Bearer " + paycor.SecretMark + "\"\n}", ""},
		"the key escaped": {nil, 200, `["` + strings.ReplaceAll(subscriptionKey, "b", `\u0062`) + `"]`, "[\n  \"" + paycor.SecretMark + "\"\n]", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTestServerFor(t, func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, "GET /v1/legalentities/501123?include=All", r.Method+" "+r.RequestURI)
				assert.Equal(t, subscriptionKey, r.Header.Get("Ocp-Apim-Subscription-Key"))
				assert.Equal(t, "application/json", r.Header.Get("Accept"))
				w.Header()["Content-Type"] = []string{"application/json"}
				for name, values := range test.header {
					w.Header()[name] = values
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			got, failure := s.test("cred_1", "/v1/legalentities/501123?include=All")
			assert.NoError(t, failure)
			assert.Equal(t, test.status, got.Status)
			assert.Equal(t, test.content, got.Content)
			assert.Equal(t, int64(len(test.body)), got.Bytes)
			assert.Equal(t, test.note, got.Note)
			assert.False(t, got.Broken)
			call := s.lastCall(1)
			assert.Equal(t, person, call.Caller, "it counts as the person's")
			assert.Equal(t, test.status, call.Status)
			assert.Equal(t, call.CorrelationID, got.CorrelationID)
			assert.NotEqual(t, subscriptionKey, call.CorrelationID, "it would be stored")
		})
	}
}

// What breaks off ends neither the page's request nor its connection.
func TestATestCallThatBreaksOff(t *testing.T) {
	t.Parallel()
	s := newTestServerFor(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(100))
		_, _ = io.WriteString(w, `{"id":`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	got, failure := s.test("cred_1", "/v1")
	assert.NoError(t, failure)
	assert.True(t, got.Broken)
	assert.Equal(t, `{"id":`, got.Content)
	assert.Equal(t, usage.CodeCallTruncated, s.lastCall(1).Code)
}

// A call that Paycor does not answer has the error of any other call.
func TestATestCallThatFails(t *testing.T) {
	t.Parallel()
	s := newTestServerFor(t, echo)
	got, failure := s.test("cred_1", "/v1/../sts")
	assert.ErrorContains(t, failure, "call.path-dots")
	assert.Zero(t, got)
	call := s.lastCall(1)
	assert.Equal(t, usage.CodeCallPath, call.Code)
	assert.Equal(t, http.StatusBadGateway, call.Status, "as the person was told")

	_, failure = s.test("none", "/v1")
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(failure))
	s.lastCall(1) // no other
}
