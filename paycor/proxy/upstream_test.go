package proxy_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// completeResponses are responses whose end is marked in their framing.
var completeResponses = map[string]string{
	"with length": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n" + `{"records":[1,2,34]}`,
	"chunked":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"rec\r\nf\r\nords\":[1,2,34]}\r\n0\r\n\r\n",
	"trailers":    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n14\r\n{\"records\":[1,2,34]}\r\n0\r\nX-Sum: 20\r\n\r\n",
}

// reset closes a connection with a TCP reset.
func reset(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// receivedRequest is a request as it arrived.
type receivedRequest struct {
	head string // request line and headers
	body string
}

// rawUpstream is an upstream that records requests byte for byte.
type rawUpstream struct {
	net.Listener
	mu          sync.Mutex
	received    []receivedRequest
	connections int // accepted so far
}

// newRawUpstream starts an upstream. respond gets the number of the request, from
// 1 on, and the request; an empty response closes the connection.
func newRawUpstream(t testing.TB, respond func(n int, got receivedRequest) string) *rawUpstream {
	t.Helper()
	w := &rawUpstream{}
	w.serve(t, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		for {
			got, err := readRequest(r)
			if err != nil {
				return
			}
			w.mu.Lock()
			w.received = append(w.received, got)
			n := len(w.received)
			w.mu.Unlock()
			response := respond(n, got)
			if response == "" {
				return
			}
			if _, err := io.WriteString(conn, response); err != nil || !strings.Contains(response, "\r\n\r\n") {
				return // the response ends in its headers
			}
		}
	})
	return w
}

// serve calls handle for each connection, and closes the connection afterwards.
func (w *rawUpstream) serve(t testing.TB, handle func(net.Conn)) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w.Listener = listener
	var open sync.Map
	var handling sync.WaitGroup
	handling.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			w.mu.Lock()
			w.connections++
			w.mu.Unlock()
			open.Store(conn, nil)
			handling.Go(func() {
				defer open.Delete(conn)
				defer conn.Close()
				handle(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		open.Range(func(conn, _ any) bool { _ = conn.(net.Conn).Close(); return true })
		handling.Wait()
	})
}

func (w *rawUpstream) URL() string { return "http://" + w.Addr().String() }

func (w *rawUpstream) requests() []receivedRequest {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]receivedRequest(nil), w.received...)
}

// readRequest reads a request by its framing, without interpreting the rest.
func readRequest(r *bufio.Reader) (receivedRequest, error) {
	var got receivedRequest
	length, chunked := 0, false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return got, err
		}
		got.head += line
		if line == "\r\n" {
			break
		}
		name, value, _ := strings.Cut(line, ":")
		switch strings.ToLower(name) {
		case "content-length":
			length, _ = strconv.Atoi(strings.TrimSpace(value))
		case "transfer-encoding":
			chunked = true
		}
	}
	if !chunked {
		body := make([]byte, length)
		_, err := io.ReadFull(r, body)
		got.body = string(body)
		return got, err
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return got, err
		}
		got.body += line
		if line == "\r\n" {
			return got, nil
		}
	}
}

// okResponse is a small complete response.
const okResponse = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// newEarlyUpstream responds as soon as it has the headers of a request.
func newEarlyUpstream(t testing.TB, response string) *rawUpstream {
	t.Helper()
	w := &rawUpstream{}
	w.serve(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096)) // only the headers
		_, _ = io.WriteString(conn, response)
		_, _ = io.Copy(io.Discard, conn)
	})
	return w
}

// httpResponse returns a response with a status, headers and a body.
func httpResponse(status string, body string, headers ...string) string {
	head := "HTTP/1.1 " + status + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n"
	for _, header := range headers {
		head += header + "\r\n"
	}
	return head + "\r\n" + body
}

// Responses of Paycor's. hangUp closes the connection instead.
const (
	empty401   = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
	chunk401   = "HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	gateway401 = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 35\r\n\r\n{\"statusCode\":401,\"message\":\"No.\"}\n"
	broken500  = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\n{}"
	bad502     = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\n{}"
	limit429   = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\n{}"
	long429    = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 600\r\nContent-Length: 2\r\n\r\n{}"
	hangUp     = ""
)
