package h1_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy/h1"
)

const okResponse = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// headers is a HeaderSource of names and values in turn.
type headers []string

func (h headers) WriteHeaders(w h1.HeaderWriter) {
	for i := 0; i < len(h); i += 2 {
		w.Write(h[i], h[i+1])
	}
}

// body is a request body that can be stopped only between reads.
type body struct{ io.Reader }

func (body) Stop() {}

func get(path string) *h1.Request {
	return &h1.Request{Method: http.MethodGet, Target: path, Host: "upstream", Headers: headers{}}
}

func post(text string) *h1.Request {
	return &h1.Request{
		Method: http.MethodPost, Target: "/", Host: "upstream", Headers: headers{},
		Body: body{strings.NewReader(text)}, ContentLength: int64(len(text)),
	}
}

// serve calls handle for each connection to a listener on loopback, and closes
// the connection afterwards.
func serve(t testing.TB, handle func(net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var handling sync.WaitGroup
	var conns sync.Map
	handling.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Store(conn, nil)
			handling.Go(func() {
				defer conn.Close()
				handle(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		conns.Range(func(conn, _ any) bool { _ = conn.(net.Conn).Close(); return true })
		handling.Wait()
	})
	return listener.Addr().String()
}

// respond answers each request on a connection, whose body it reads, until
// response returns an empty string.
func respond(response func(n int, request *http.Request) string) func(net.Conn) {
	var mu sync.Mutex
	n := 0
	return func(conn net.Conn) {
		reader := bufio.NewReader(conn)
		for {
			request, err := http.ReadRequest(reader)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, request.Body)
			mu.Lock()
			n++
			text := response(n, request)
			mu.Unlock()
			if text == "" {
				return
			}
			if _, err := io.WriteString(conn, text); err != nil {
				return
			}
		}
	}
}

// exchange sends a request and reads the whole response. It keeps the
// connection if it can.
func exchange(ctx context.Context, pool *h1.Pool, request *h1.Request) (status int, text string, err error) {
	conn, err := pool.Get(ctx, time.Now(), false)
	if err != nil {
		return 0, "", err
	}
	response, err := conn.Do(request, time.Now())
	if err != nil {
		conn.Discard()
		return 0, "", err
	}
	content, err := io.ReadAll(response)
	if err != nil {
		response.Close()
		return response.StatusCode, string(content), err
	}
	response.Release(time.Now(), true)
	return response.StatusCode, string(content), nil
}
