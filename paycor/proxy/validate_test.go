package proxy_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/proxy"
)

func TestInvalidContentLength(t *testing.T) {
	t.Parallel()
	for length, valid := range map[string]bool{"0": true, "00": true, "abc": false, "-1": false, "5": false} {
		request := httptest.NewRequest("POST", "/", nil) // like a request over HTTP/2
		request.Header.Set("Content-Length", length)
		assert.Equal(t, valid, proxy.ValidateRequest(request) == nil, length)
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	for method, allowed := range map[string]bool{
		"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "OPTIONS": false, "TRACE": false, "PROPFIND": false, "get": false,
	} {
		t.Run(method, func(t *testing.T) {
			upstream := newRawUpstream(t, func(_ int, got receivedRequest) string {
				if strings.HasPrefix(got.head, "HEAD") {
					return "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"
				}
				return okResponse
			})
			s := newTestServer(t, upstream.URL())
			response, _ := s.send(method, root+"/v1/a", "")
			if !allowed {
				assert.Equal(t, 400, response.StatusCode)
				assert.Equal(t, "call_method", response.Header.Get(proxy.ErrorHeader))
				assert.Empty(t, upstream.requests())
				return
			}
			assert.Equal(t, 200, response.StatusCode)
			head := upstream.requests()[0].head
			assert.True(t, strings.HasPrefix(head, method+" /v1/a HTTP/1.1\r\n"))
			assert.Equal(t, slices.Contains([]string{"POST", "PUT", "PATCH"}, method), strings.Contains(head, "Content-Length: 0\r\n"), head)
			if method == "HEAD" {
				assert.Equal(t, "1234", response.Header.Get("Content-Length"))
			}
		})
	}
}
