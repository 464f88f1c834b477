package proxy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLocationIsRewritten(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ base, location, want string }{
		"whole":                   {"", "http://HOST/v1/b?c=%2F", root + "/v1/b?c=%2F"},
		"host alone":              {"", "http://HOST", root + "/"},
		"host and query":          {"", "http://HOST?a", root + "/?a"},
		"without scheme":          {"", "//HOST/v1/b", root + "/v1/b"},
		"path":                    {"", "/v1/B%2Fc", root + "/v1/B%2Fc"},
		"relative":                {"", "c", root + "/v1/c"},
		"relative up":             {"", "../../../c", root + "/c"},
		"query":                   {"", "?d", root + "/v1/a?d"},
		"elsewhere":               {"", "https://other.example/x", "https://other.example/x"},
		"same name, other port":   {"", "http://127.0.0.1:1/x", "http://127.0.0.1:1/x"},
		"same host, other scheme": {"", "https://HOST/x", "https://HOST/x"},
		"with a password":         {"", "http://a:b@HOST/x", "http://a:b@HOST/x"},
		"not an address":          {"", "http://%zz", "http://%zz"},
		"below the base":          {"/gw", "http://HOST/gw/v1/b", root + "/v1/b"},
		"beside the base":         {"/gw", "/gwx/v1/b", "/gwx/v1/b"},
		"the base itself":         {"/gw", "/gw", root},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := ""
			upstream := newRawUpstream(t, func(int, receivedRequest) string {
				at := strings.ReplaceAll(test.location, "HOST", host)
				return "HTTP/1.1 201 Created\r\nLocation: " + at + "\r\nContent-Location: " + at + "\r\nContent-Length: 0\r\n\r\n"
			})
			host = upstream.Addr().String()
			s := newTestServer(t, upstream.URL()+test.base)
			response, _ := s.send("POST", root+"/v1/a", "x")
			want := strings.ReplaceAll(test.want, "HOST", host)
			assert.Equal(t, want, response.Header.Get("Location"))
			assert.Equal(t, want, response.Header.Get("Content-Location"))
		})
	}
}

// Paycor names the next page by a path. Appended to the credential's URL, it can
// be called as it is.
func TestNextPageURL(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(n int, _ receivedRequest) string {
		body := `{"hasMoreResults":true,"additionalResultsUrl":"/v1/legalentities/501123/employees?continuationToken=a%2Bb%3D","records":[]}`
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	})
	s := newTestServer(t, upstream.URL())
	_, body := s.send("GET", root+"/v1/legalentities/501123/employees", "")
	_, next, _ := strings.Cut(body, `"additionalResultsUrl":"`)
	next, _, _ = strings.Cut(next, `"`)
	response, _ := s.send("GET", root+next, "")
	assert.Equal(t, 200, response.StatusCode)
	assert.True(t, strings.HasPrefix(upstream.requests()[1].head, "GET /v1/legalentities/501123/employees?continuationToken=a%2Bb%3D HTTP/1.1\r\n"))
}
