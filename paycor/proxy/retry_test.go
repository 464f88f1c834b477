package proxy_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/proxy"
	"paycorcred/paycor/verdicts"
)

// A connection that Paycor breaks is not this server's error. The log contains
// the cause; the caller decides what to do.
func TestBrokenConnectionMessage(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return hangUp })
	s := newTestServer(t, upstream.URL())
	_, body := s.send("GET", root+"/v1/a", "")
	assert.Contains(t, body, locale.English.Text("call.lost-tries", 2))
	_, body = s.send("POST", root+"/v1/a", "body")
	assert.Contains(t, body, locale.English.Text("call.lost-unsafe"))
	log := s.log.String()
	assert.Equal(t, 2, strings.Count(log, `level=WARN msg="request failed"`), log)
	assert.Equal(t, 2, strings.Count(log, `code=call_unknown cause=`), log)
	assert.NotContains(t, log, "level=ERROR")
	assert.NotContains(t, log, "call.lost", "the message is for the caller")
}

func TestRetries(t *testing.T) {
	t.Parallel()
	type test struct {
		methods   string
		body      string
		responses []string // the last one repeats
		status    int
		code      string
		attempts  int
	}
	const all, safe, unsafe = "GET HEAD POST PUT PATCH DELETE", "GET HEAD", "POST PUT PATCH DELETE"
	tests := map[string]test{
		"empty 401":                        {safe, "", []string{empty401, okResponse}, 200, "", 2},
		"empty 401 in chunks":              {safe, "", []string{chunk401, okResponse}, 200, "", 2},
		"empty 401 twice":                  {safe, "", []string{empty401}, 401, "", 2},
		"empty 401 without a body":         {unsafe, "", []string{empty401, okResponse}, 401, "", 1},
		"empty 401 after a body":           {unsafe, "body", []string{empty401, okResponse}, 401, "", 1},
		"empty 401 to a GET with a body":   {"GET", "body", []string{empty401, okResponse}, 401, "", 1},
		"401 of the gateway":               {all, "", []string{gateway401, okResponse}, 401, "", 1},
		"500 on a read":                    {safe, "", []string{broken500, okResponse}, 200, "", 2},
		"500 twice":                        {safe, "", []string{broken500}, 500, "", 2},
		"500 on a write":                   {unsafe, "body", []string{broken500, okResponse}, 500, "", 1},
		"500 on a write without a body":    {unsafe, "", []string{broken500, okResponse}, 500, "", 1},
		"500 to a GET with a body":         {"GET", "body", []string{broken500, okResponse}, 500, "", 1},
		"502 on a read":                    {safe, "", []string{bad502, okResponse}, 200, "", 2},
		"closed on a read":                 {safe, "", []string{hangUp, okResponse}, 200, "", 2},
		"closed twice":                     {safe, "", []string{hangUp}, 502, "call_unknown", 2},
		"closed on a write":                {unsafe, "body", []string{hangUp, okResponse}, 502, "call_unknown", 1},
		"closed on a write without a body": {unsafe, "", []string{hangUp, okResponse}, 502, "call_unknown", 1},
		"closed, then 500":                 {safe, "", []string{hangUp, broken500, okResponse}, 500, "", 2},
		"empty 401, then 500":              {safe, "", []string{empty401, broken500, okResponse}, 200, "", 3},
		"half the headers":                 {unsafe, "", []string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", okResponse}, 502, "call_unknown", 1},
		"not HTTP":                         {unsafe, "", []string{"220 smtp.example ready\r\n\r\n", okResponse}, 502, "call_unreadable", 1},
		"another protocol":                 {unsafe, "", []string{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", okResponse}, 502, "call_unreadable", 1},
		"429 on a write":                   {unsafe, "", []string{limit429, okResponse}, 429, "", 1},
		"429 for too long":                 {safe, "", []string{long429, okResponse}, 429, "", 1},
		"429 on a read":                    {"GET", "", []string{limit429, okResponse}, 200, "", 2},
		"429 twice":                        {"GET", "", []string{limit429}, 429, "", 2},
	}
	for name, test := range tests {
		for method := range strings.FieldsSeq(test.methods) {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				upstream := newRawUpstream(t, func(n int, got receivedRequest) string {
					response := test.responses[min(n, len(test.responses))-1]
					if strings.HasPrefix(got.head, "HEAD") {
						head, _, _ := strings.Cut(response, "\r\n\r\n")
						response = head
						if head != "" {
							response += "\r\n\r\n"
						}
					}
					return response
				})
				s := newTestServer(t, upstream.URL())
				s.source.nextToken = newToken
				response, _ := s.send(method, root+"/v1/a", test.body)
				assert.Equal(t, test.status, response.StatusCode)
				assert.Equal(t, test.code, response.Header.Get(proxy.ErrorHeader))
				got := upstream.requests()
				assert.Len(t, got, test.attempts, "requests that reached Paycor")
				assert.Equal(t, test.attempts, s.lastCall(1).Tries)
				if strings.HasPrefix(test.responses[0], "HTTP/1.1 401") && test.attempts > 1 {
					assert.Contains(t, got[0].head, oldToken)
					assert.Contains(t, got[1].head, newToken)
				}
			})
		}
	}
}

// A token that was just issued can be rejected too, so a call gets up to three new ones.
func TestRejectedTokensAreReplaced(t *testing.T) {
	t.Parallel()
	for rejected, want := range map[int]struct{ status, attempts int }{3: {200, 4}, 4: {401, 4}} {
		upstream := newRawUpstream(t, func(n int, _ receivedRequest) string {
			if n <= rejected {
				return empty401
			}
			return okResponse
		})
		s := newTestServer(t, upstream.URL())
		s.source.nextToken, s.source.furtherTokens = newToken, []string{newToken + "b", newToken + "c", newToken + "d"}
		response, _ := s.send("GET", root+"/v1/a", "")
		assert.Equal(t, want.status, response.StatusCode, "%d rejected", rejected)
		assert.Len(t, upstream.requests(), want.attempts, "%d rejected", rejected)
	}
}

// Calls that wait while another one finds out that the token is rejected are not sent
// with it.
func TestRejectedTokenIsNotSentAgain(t *testing.T) {
	t.Parallel()
	const callers, atOnce = 60, 3
	var rejected, accepted atomic.Int32
	s := newTestServerFor(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer "+oldToken {
			rejected.Add(1)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		accepted.Add(1)
	}, func(c *proxy.Config) { c.MaxCallsPerCredential = 4 }) // a consumer may have 3 of them
	s.source.nextToken = newToken
	s.source.onRequest = func(string) {
		if rejected.Load() > 0 { // an exchange takes a while
			time.Sleep(20 * time.Millisecond)
		}
	}
	var calls sync.WaitGroup
	for range callers {
		calls.Go(func() {
			response, _ := s.send("GET", root+"/v1/a", "")
			assert.Equal(t, 200, response.StatusCode)
		})
	}
	calls.Wait()
	assert.EqualValues(t, callers, accepted.Load())
	assert.LessOrEqual(t, rejected.Load(), int32(2*atOnce))
}

// If a rejected token cannot be renewed, the caller is told why and nothing is
// sent again.
func TestEmpty401WithoutNewToken(t *testing.T) {
	t.Parallel()
	verdict := verdicts.CodeClientRejected.Verdict()
	reason := &paycor.Error{Kind: paycor.KindConflict, Code: verdict.Code, Message: message.New("error.no-access-token", verdict.Message, verdict.Remedy), Verdict: &verdict}
	for name, unauthorized := range map[string]string{"empty": empty401, "in chunks": chunk401} {
		for method, body := range map[string]string{"GET": "", "HEAD": "", "POST": "body", "PUT": "", "DELETE": ""} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				upstream := newRawUpstream(t, func(_ int, got receivedRequest) string {
					if strings.HasPrefix(got.head, "HEAD") {
						return empty401
					}
					return unauthorized
				})
				s := newTestServer(t, upstream.URL())
				s.source.renewalErr = reason
				response, text := s.send(method, root+"/v1/a", body)
				assert.Equal(t, 409, response.StatusCode)
				assert.Equal(t, "client_rejected", response.Header.Get(proxy.ErrorHeader))
				assert.Empty(t, response.Header.Get(proxy.NoteHeader))
				if method != "HEAD" {
					assert.Contains(t, text, verdict.Message.In(locale.English))
				}
				assert.Len(t, upstream.requests(), 1)
				call := s.lastCall(1)
				assert.Equal(t, 409, call.Status)
				assert.Equal(t, verdicts.CodeClientRejected, call.Code)
			})
		}
	}

	// Callers do not see an internal error; they get Paycor's response.
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return empty401 })
	s := newTestServer(t, upstream.URL())
	s.source.renewalErr = errors.New("the store is closed")
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 401, response.StatusCode)
	assert.Equal(t, "upstream_token", response.Header.Get(proxy.NoteHeader))
}
