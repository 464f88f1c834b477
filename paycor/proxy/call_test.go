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

// When a caller disconnects, the call to Paycor ends too.
func TestDisconnectCancelsTheCall(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{"before the response", "during the response", "during the body"} {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			started, ended := make(chan struct{}, 1), make(chan struct{}, 1)
			s := newTestServerFor(t, func(w http.ResponseWriter, r *http.Request) {
				if moment == "during the response" {
					_, _ = io.WriteString(w, "start")
					_ = http.NewResponseController(w).Flush()
				}
				started <- struct{}{}
				if moment == "during the body" {
					_, _ = io.Copy(io.Discard, r.Body)
				}
				<-r.Context().Done()
				ended <- struct{}{}
			})
			ctx, disconnect := context.WithCancel(t.Context())
			defer disconnect()
			var body io.Reader
			stopBody := func() {}
			if moment == "during the body" {
				reader, writer := io.Pipe()
				stopBody = func() { _ = writer.CloseWithError(io.ErrClosedPipe) }
				go func() { _, _ = writer.Write([]byte("start")) }()
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
			<-started
			disconnect()
			stopBody() // or the client would wait for it
			<-done
			select {
			case <-ended:
			case <-time.After(testTimeout):
				t.Fatal("the call to Paycor went on")
			}
			call := s.lastCall(1)
			assert.Equal(t, 1, call.Tries)
			assert.Contains(t, []verdicts.Code{usage.CodeCallDisconnected, usage.CodeCallBody}, call.Code)
		})
	}
}

// A call that is rejected for its path is still reported with its environment.
func TestRejectedCallHasItsEnvironment(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL())
	tests := map[string]struct {
		headers, code string
		status        int
	}{
		"no credentials":         {"", "unauthorized", 401},
		"a session cookie":       {"Cookie: paycorcred=x\r\n", "unauthorized", 401},
		"an unknown token":       {"Authorization: Bearer pcc_x\r\n", "unauthorized", 401},
		"two tokens":             {"Authorization: Bearer " + callerToken + "\r\nAuthorization: Bearer " + callerToken + "\r\n", "unauthorized", 401},
		"a token without scheme": {"Authorization: " + callerToken + "\r\n", "unauthorized", 401},
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
	assert.Empty(t, response.Header["Via"], "it is not a response of Paycor's")

	s.source.err = paycor.Errorf(paycor.KindNotFound, "It may have been deleted.")
	response, body = s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 404, response.StatusCode)
	assert.Contains(t, body, locale.English.Text("call.not-found"))
}

// A call's log line has the credential and the code. It has nothing that was sent
// in place of a credential's id, because that may be a secret.
func TestLogNamesCredentialAndCode(t *testing.T) {
	t.Parallel()
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
