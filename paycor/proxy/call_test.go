package proxy_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/proxy"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

func TestDisconnectCancelsTheCall(t *testing.T) {
	for _, stage := range []string{"before the answer", "in the answer", "in the body"} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			begun, ended := make(chan struct{}, 1), make(chan struct{}, 1)
			s := newTestServerFor(t, func(w http.ResponseWriter, r *http.Request) {
				if stage == "in the answer" {
					_, _ = io.WriteString(w, "begun")
					_ = http.NewResponseController(w).Flush()
				}
				begun <- struct{}{}
				if stage == "in the body" {
					_, _ = io.Copy(io.Discard, r.Body)
				}
				<-r.Context().Done()
				ended <- struct{}{}
			})
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			var body io.Reader
			stopBody := func() {}
			if stage == "in the body" {
				reader, writer := io.Pipe()
				stopBody = func() { _ = writer.CloseWithError(io.ErrClosedPipe) }
				go func() { _, _ = writer.Write([]byte("begun")) }()
				body = reader
			}
			request, err := http.NewRequestWithContext(ctx, map[bool]string{true: "GET", false: "POST"}[body == nil], s.URL+root+"/v1/a", body)
			require.NoError(t, err)
			request.Header.Set("Authorization", "Bearer "+callerToken)
			done := make(chan struct{})
			go func() {
				defer close(done)
				if response, err := http.DefaultTransport.RoundTrip(request); err == nil {
					_, _ = io.Copy(io.Discard, response.Body)
					_ = response.Body.Close()
				}
			}()
			<-begun
			leave()
			stopBody() // the client's transport would wait for its end
			<-done
			select {
			case <-ended:
			case <-time.After(testTimeout):
				t.Fatal("Paycor was not told")
			}
			use := s.lastCall(1)
			assert.Equal(t, 1, use.Tries)
			assert.Contains(t, []verdicts.Code{usage.CodeCallGone, usage.CodeCallBody}, use.Code)
		})
	}
}

// A call whose path is refused belongs to its environment like every other.
func TestRejectedCallHasItsEnvironment(t *testing.T) {
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL())
	for n, path := range []string{"/v1/../a", "/v1/a?subscription-key=x"} {
		response, _ := s.send("GET", root+path, "")
		assert.Equal(t, 400, response.StatusCode)
		assert.Equal(t, "test", s.lastCall(n+1).Environment)
	}
	assert.Empty(t, upstream.requests())
}

func TestAuthorization(t *testing.T) {
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL())
	tests := map[string]struct {
		headers, code string
		status        int
	}{
		"nobody":          {"", "unauthorized", 401},
		"a session":       {"Cookie: paycorcred=x\r\n", "unauthorized", 401},
		"an unknown":      {"Authorization: Bearer pcc_x\r\n", "unauthorized", 401},
		"two tokens":      {"Authorization: Bearer " + callerToken + "\r\nAuthorization: Bearer " + callerToken + "\r\n", "unauthorized", 401},
		"a token as name": {"Authorization: " + callerToken + "\r\n", "unauthorized", 401},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.sendRaw("GET "+root+"/v1/a HTTP/1.1\r\nHost: localhost\r\n"+test.headers+"Connection: close\r\n\r\n", testTimeout)
			assert.Contains(t, got, fmt.Sprintf("HTTP/1.1 %d ", test.status))
			assert.Contains(t, got, "Paycorcred-Error: "+test.code)
		})
	}
	assert.Empty(t, upstream.requests())

	s.source.err = &paycor.Error{Kind: paycor.KindConflict, Code: verdicts.CodeRefreshUsed, Message: message.Text("Activate it again.")}
	response, body := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 409, response.StatusCode)
	assert.Equal(t, "refresh_token_used", response.Header.Get(proxy.ErrorHeader))
	assert.Contains(t, body, "Activate it again.")
	assert.Empty(t, response.Header["Via"], "that is no answer of Paycor's")

	s.source.err = paycor.Errorf(paycor.KindNotFound, "It may have been deleted.")
	response, body = s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 404, response.StatusCode)
	assert.Contains(t, body, locale.English.Text("call.not-found"))
}

// The line of a call says through which credential it went and what was said,
// and nothing that was sent in the place of an id.
func TestLogNamesCredentialAndCode(t *testing.T) {
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL())
	id := "cred_0123456789abcdefghijklmnop"
	s.send("GET", "/api/v1/credentials/"+id+"/paycor/v1/a", "")
	s.send("OPTIONS", "/api/v1/credentials/"+id+"/paycor/v1/a", "")
	secret := "0123456789abcdef0123456789abcdef"
	s.send("GET", "/api/v1/credentials/"+secret+"/paycor/v1/a", "")
	s.send("GET", "/api/v1/credentials/cred_"+secret[:25]+"z/paycor/v1/a", "")
	log := s.log.String()
	assert.Regexp(t, `msg=request .*method=GET .*status=200 .*credential=`+id+"\n", log)
	assert.Regexp(t, `msg=request .*method=OPTIONS .*status=400 .*credential=`+id+" code=call_method\n", log)
	assert.Contains(t, log, "code=not_found")
	assert.NotContains(t, log, secret[:25])
}
