package proxy_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy"
	"paycorcred/paycor/usage"
)

// Only trailers that were announced, with valid names, are forwarded.
func TestUnannouncedTrailersAreDropped(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL())
	got := s.sendRaw("POST "+root+"/v1/a"+requestHead+"Connection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nab\r\n0\r\n"+
		"X-Sum: 7\r\nX-Other: canary\r\nAuthorization : canary\r\nX-HTTP-Method-Override : canary\r\n\r\n", testTimeout)
	assert.Contains(t, got, "HTTP/1.1 200 OK")
	requests := upstream.requests()
	require.Len(t, requests, 1)
	assert.NotContains(t, requests[0].head+requests[0].body, "canary")
	assert.Equal(t, []string{"X-Sum"}, proxy.ForwardedTrailers(http.Header{"X-Sum": nil, "": nil, "Authorization": nil, "X Y": nil}))
}

// No header value becomes another header.
func TestHeadersCannotBeInjected(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"a\r\nX-Injected: b", "a\nX-Injected: b", "a%0d%0aX-Injected: b", "a\u010dX", "a\xff\xfe"} {
		t.Run(fmt.Sprintf("%q", value), func(t *testing.T) {
			upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
			s := newTestServer(t, upstream.URL())
			s.sendRaw("GET "+root+"/v1/a"+requestHead+"X-A: "+value+"\r\nConnection: close\r\n\r\n", testTimeout)
			for _, request := range upstream.requests() {
				for line := range strings.SplitSeq(request.head, "\r\n") {
					assert.NotContains(t, line, "\n")
					if strings.HasPrefix(line, "X-Injected") {
						assert.Contains(t, value, "\n", "the caller sent two headers")
					}
				}
			}
		})
	}
	// The same holds for responses.
	upstream := newRawUpstream(t, func(int, receivedRequest) string {
		return "HTTP/1.1 200 OK\r\nX-A: b\rX-Injected: c\r\nContent-Length: 2\r\n\r\nok"
	})
	s := newTestServer(t, upstream.URL())
	got := s.sendRaw("GET "+root+"/v1/a"+requestHead+"Connection: close\r\n\r\n", testTimeout)
	assert.NotContains(t, got, "\r\nX-Injected")
	assert.NotContains(t, got, "\rX-Injected")
}

func TestAddsTokenAndKey(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL())
	response, body := s.send("GET", root+"/v1/legalentities/501123", "", "Accept: application/json", "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "X-Custom: kept", "User-Agent: pipeline/1")
	assert.Equal(t, 200, response.StatusCode)
	assert.Equal(t, "ok", body)
	got := upstream.requests()
	require.Len(t, got, 1)
	assert.True(t, strings.HasPrefix(got[0].head, "GET /v1/legalentities/501123 HTTP/1.1\r\nHost: "+upstream.Addr().String()+"\r\n"), got[0].head)
	for _, line := range []string{
		"Authorization: Bearer " + oldToken, "Ocp-Apim-Subscription-Key: " + subscriptionKey, "Accept: application/json",
		"Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "X-Custom: kept", "User-Agent: pipeline/1",
	} {
		assert.Equal(t, 1, strings.Count(got[0].head, "\r\n"+line+"\r\n"), line)
	}
	call := s.lastCall(1)
	assert.Equal(t, usage.Call{
		Caller: call.Caller, Credential: "cred_1", Environment: "test", At: call.At, Method: "GET", Status: 200,
		RequestID: response.Header.Get("X-Request-Id"), Took: call.Took, Upstream: call.Upstream, Tries: 1,
	}, call)
	assert.Equal(t, "token", call.Caller.ID)
	assert.Positive(t, call.Upstream)
	assert.GreaterOrEqual(t, call.Took, call.Upstream)
}

func TestStrippedHeaders(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		"Cookie: a=canary", "Cookie2: canary", "Forwarded: for=canary", "Via: canary", "X-Forwarded-For: canary", "X-Forwarded-Host: canary",
		"X-Forwarded-Proto: canary", "X-Forwarded: canary", "X-Real-Ip: canary", "True-Client-Ip: canary", "X-Client-Ip: canary", "Keep-Alive: canary",
		"Proxy-Authorization: canary", "Proxy-Connection: canary", "Te: canary", "Http2-Settings: canary",
		"Ocp-Apim-Subscription-Key: canary", "ocp-apim-subscription-key: canary", "OCP-APIM-SUBSCRIPTION-KEY: canary",
		"Ocp_Apim_Subscription_Key: canary", "Subscription-Key: canary", "subscription_key: canary", "X-Subscription-Key: canary",
		"X_Forwarded_For: canary", "X-Http-Method-Override: canary", "X-Method-Override: canary", "X-Original-Url: canary", "X-Rewrite-Url: canary",
		"Ocp-Apim-Trace: canary", "X_Http_Method_Override: canary",
	} {
		t.Run(header, func(t *testing.T) {
			upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
			s := newTestServer(t, upstream.URL())
			response, _ := s.send("GET", root+"/v1/a", "", header, "X-Kept: yes")
			require.Equal(t, 200, response.StatusCode)
			got := upstream.requests()
			require.Len(t, got, 1)
			assert.NotContains(t, got[0].head, "canary")
			assert.NotContains(t, got[0].head, callerToken)
			assert.Contains(t, got[0].head, "X-Kept: yes")
			assert.Equal(t, 1, strings.Count(got[0].head, "Bearer"))
			assert.Equal(t, 1, strings.Count(strings.ToLower(got[0].head), "subscription-key"))
		})
	}
}

// Headers that Connection names belong to the caller's connection.
func TestConnectionHeadersAreStripped(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL())
	got := s.sendRaw("GET "+root+"/v1/a HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "+callerToken+
		"\r\nX-Hop: canary\r\nConnection: close, x-hop\r\nX-Other: canary\r\nConnection: X-Other\r\nX-Kept: yes\r\n\r\n", testTimeout)
	require.Contains(t, got, "HTTP/1.1 200 OK")
	head := upstream.requests()[0].head
	assert.NotContains(t, head, "canary")
	assert.NotContains(t, head, "Connection")
	assert.Contains(t, head, "X-Kept: yes")
}
