package h1_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy/h1"
)

// What goes out is exactly what the request says.
func TestRequestBytes(t *testing.T) {
	t.Parallel()
	trailer := http.Header{"X-Sum": {"7"}, "X-Bad": {"a\r\nX-Injected: b"}, "X-Unannounced": {"8"}}
	for name, test := range map[string]struct {
		request h1.Request
		want    string
	}{
		"GET":                {h1.Request{Method: "GET", Target: "/v1/a?b=%2F"}, "GET /v1/a?b=%2F HTTP/1.1\r\nHost: upstream\r\n\r\n"},
		"base path":          {h1.Request{Method: "GET", BasePath: "/gw", Target: "/v1/a"}, "GET /gw/v1/a HTTP/1.1\r\nHost: upstream\r\n\r\n"},
		"headers":            {h1.Request{Method: "GET", Target: "/", Headers: headers{"X-A", "b", "X-A", "c"}}, "GET / HTTP/1.1\r\nHost: upstream\r\nX-A: b\r\nX-A: c\r\n\r\n"},
		"POST":               {h1.Request{Method: "POST", Target: "/", Body: body{strings.NewReader("abc")}, ContentLength: 3}, "POST / HTTP/1.1\r\nHost: upstream\r\nContent-Length: 3\r\n\r\nabc"},
		"POST without body":  {h1.Request{Method: "POST", Target: "/"}, "POST / HTTP/1.1\r\nHost: upstream\r\nContent-Length: 0\r\n\r\n"},
		"DELETE":             {h1.Request{Method: "DELETE", Target: "/"}, "DELETE / HTTP/1.1\r\nHost: upstream\r\n\r\n"},
		"GET with a body":    {h1.Request{Method: "GET", Target: "/", Body: body{strings.NewReader("abc")}, ContentLength: 3}, "GET / HTTP/1.1\r\nHost: upstream\r\nContent-Length: 3\r\n\r\nabc"},
		"chunked":            {h1.Request{Method: "PUT", Target: "/", Body: body{strings.NewReader("abc")}, ContentLength: -1}, "PUT / HTTP/1.1\r\nHost: upstream\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
		"announced trailers": {h1.Request{Method: "PUT", Target: "/", Body: body{strings.NewReader("abc")}, ContentLength: -1, TrailerNames: []string{"X-Sum", "X-Bad"}, Trailer: trailer}, "PUT / HTTP/1.1\r\nHost: upstream\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, X-Bad\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			received := make(chan string, 1)
			pool := h1.NewPool(h1.Config{Address: serve(t, func(conn net.Conn) {
				buffer := make([]byte, len(test.want))
				n, _ := io.ReadFull(conn, buffer)
				_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
				_ = conn.(*net.TCPConn).CloseWrite()
				rest, _ := io.ReadAll(conn)
				received <- string(buffer[:n]) + string(rest)
			})})
			request := test.request
			request.Host = "upstream"
			if request.Headers == nil {
				request.Headers = headers{}
			}
			status, _, err := exchange(t.Context(), pool, &request)
			require.NoError(t, err)
			assert.Equal(t, 204, status)
			pool.Close()
			assert.Equal(t, test.want, <-received)
		})
	}
}

// The body of a request with Expect: 100-continue is sent when the upstream asks
// for it, or after a moment without an answer. It is not sent if the upstream
// responds otherwise.
func TestExpectContinue(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer   string // to the headers
		received string
		status   int
	}{
		"continue":  {"HTTP/1.1 100 Continue\r\n\r\n", "body", 200},
		"hint":      {"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n", "body", 200},
		"no answer": {"", "body", 200},
		"rejection": {"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "", 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			received := make(chan string, 1)
			pool := h1.NewPool(h1.Config{Address: serve(t, func(conn net.Conn) {
				reader := bufio.NewReader(conn)
				request, err := http.ReadRequest(reader)
				if err != nil || request.Header.Get("Expect") != "100-continue" {
					return
				}
				_, _ = io.WriteString(conn, test.answer)
				if test.status != 200 {
					content, _ := io.ReadAll(reader)
					received <- string(content)
					return
				}
				content, _ := io.ReadAll(request.Body)
				received <- string(content)
				_, _ = io.WriteString(conn, okResponse)
			})})
			request := post("body")
			request.ExpectContinue = true
			conn, err := pool.Get(t.Context(), time.Now(), false)
			require.NoError(t, err)
			response, err := conn.Do(request, time.Now())
			require.NoError(t, err)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.received != "", response.BodyStarted())
			_, err = io.ReadAll(response)
			require.NoError(t, err)
			response.Release(time.Now(), true)
			assert.Equal(t, test.received, <-received)
			if test.received == "" {
				assert.Zero(t, pool.Open(), "the upstream may still wait for the body")
			}
		})
	}
}
