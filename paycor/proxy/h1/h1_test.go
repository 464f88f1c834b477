package h1_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy/h1"
)

// testTimeout only decides how long a failing test takes.
const testTimeout = 20 * time.Second

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

func TestKeepsConnections(t *testing.T) {
	t.Parallel()
	pool := h1.NewPool(h1.Config{Address: serve(t, respond(func(int, *http.Request) string { return okResponse }))})
	for range 3 {
		status, text, err := exchange(t.Context(), pool, get("/"))
		require.NoError(t, err)
		assert.Equal(t, "ok", text)
		assert.Equal(t, 200, status)
		assert.Equal(t, 1, pool.Open())
	}
	conn, err := pool.Get(t.Context(), time.Now(), true)
	require.NoError(t, err)
	assert.Equal(t, 2, pool.Open(), "a fresh connection was asked for")
	conn.Discard()
	pool.Close()
	assert.Zero(t, pool.Open())
	_, _, err = exchange(t.Context(), pool, get("/"))
	require.NoError(t, err)
	assert.Zero(t, pool.Open(), "a closed pool keeps nothing")
}

// Idle connections are closed after a minute without a request.
func TestIdleConnectionsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := h1.NewPool(h1.Config{Dial: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go respond(func(int, *http.Request) string { return okResponse })(server)
			return client, nil
		}})
		defer pool.Close()
		for range 2 {
			conn, err := pool.Get(t.Context(), time.Now(), true)
			require.NoError(t, err)
			response, err := conn.Do(get("/"), time.Now())
			require.NoError(t, err)
			_, err = io.ReadAll(response)
			require.NoError(t, err)
			response.Release(time.Now(), true)
			time.Sleep(40 * time.Second)
			synctest.Wait()
		}
		assert.Equal(t, 1, pool.Open(), "the first one has expired")
		time.Sleep(30 * time.Second)
		synctest.Wait()
		assert.Zero(t, pool.Open())
	})
}

// Whether a connection is kept after a response depends on what may still come
// on it.
func TestConnectionsThatAreNotKept(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		response string
		request  *h1.Request
	}{
		"closed by the upstream":  {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", get("/")},
		"HTTP/1.0":                {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", get("/")},
		"bytes after the body":    {okResponse + "HTTP/1.1 200 OK\r\n", get("/")},
		"expectation without 100": {okResponse, &h1.Request{Method: "POST", Target: "/", Headers: headers{}, Body: body{strings.NewReader("x")}, ContentLength: 1, ExpectContinue: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := h1.NewPool(h1.Config{Address: serve(t, func(conn net.Conn) {
				reader := bufio.NewReader(conn)
				for {
					line, err := reader.ReadString('\n')
					if err != nil {
						return
					}
					if line == "\r\n" {
						_, _ = io.WriteString(conn, test.response)
					}
				}
			})})
			_, text, err := exchange(t.Context(), pool, test.request)
			require.NoError(t, err)
			assert.Equal(t, "ok", text)
			assert.Zero(t, pool.Open())
		})
	}
}

// An unwanted response that is short is read so that its connection can be kept.
func TestDrain(t *testing.T) {
	t.Parallel()
	for _, size := range []int{10, 1 << 20} {
		pool := h1.NewPool(h1.Config{Address: serve(t, respond(func(int, *http.Request) string {
			return "HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(strings.Repeat("x", size), 4<<10)
		}))})
		conn, err := pool.Get(t.Context(), time.Now(), false)
		require.NoError(t, err)
		response, err := conn.Do(get("/"), time.Now())
		require.NoError(t, err)
		assert.False(t, response.Empty())
		drained := response.Drain()
		response.Release(time.Now(), drained)
		assert.Equal(t, size < 100, pool.Open() == 1, size)
		pool.Close()
	}
}

// Empty reads ahead, and Read returns what it has read.
func TestEmpty(t *testing.T) {
	t.Parallel()
	for text, empty := range map[string]bool{"": true, "short": false, strings.Repeat("long", 1000): false} {
		pool := h1.NewPool(h1.Config{Address: serve(t, respond(func(int, *http.Request) string {
			return "HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(text, 700)
		}))})
		conn, err := pool.Get(t.Context(), time.Now(), false)
		require.NoError(t, err)
		response, err := conn.Do(get("/"), time.Now())
		require.NoError(t, err)
		for range 2 {
			assert.Equal(t, empty, response.Empty())
		}
		content, err := io.ReadAll(response)
		require.NoError(t, err)
		assert.Equal(t, text, string(content))
		assert.Equal(t, empty, response.Empty(), "reading does not change it")
		response.Release(time.Now(), true)
		assert.Equal(t, 1, pool.Open())
		pool.Close()
	}
}

// chunks encodes a text in chunks of a size.
func chunks(text string, size int) string {
	var b strings.Builder
	for len(text) > 0 {
		n := min(size, len(text))
		b.WriteString(strconv.FormatInt(int64(n), 16) + "\r\n" + text[:n] + "\r\n")
		text = text[n:]
	}
	return b.String() + "0\r\n\r\n"
}

// A request body that cannot be read to its end closes the connection, so that
// the upstream does not take half of it for the whole.
func TestBodyError(t *testing.T) {
	t.Parallel()
	complete := make(chan bool, 1)
	pool := h1.NewPool(h1.Config{Address: serve(t, func(conn net.Conn) {
		request, err := http.ReadRequest(bufio.NewReader(conn))
		if err == nil {
			_, err = io.Copy(io.Discard, request.Body)
		}
		complete <- err == nil
	})})
	request := post("half")
	request.ContentLength = -1
	request.Body = body{io.MultiReader(strings.NewReader("half"), failingReader{})}
	_, _, err := exchange(t.Context(), pool, request)
	require.Error(t, err)
	assert.False(t, <-complete)
	assert.Zero(t, pool.Open())
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("the caller has left") }

// pipeBody is a body that Stop ends.
type pipeBody struct{ *io.PipeReader }

func (b pipeBody) Stop() { _ = b.CloseWithError(io.ErrClosedPipe) }

// An early response is not lost, and nothing reads the body once the exchange
// has ended.
func TestEarlyResponse(t *testing.T) {
	t.Parallel()
	pool := h1.NewPool(h1.Config{Address: serve(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4<<10))
		_, _ = io.WriteString(conn, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
		_, _ = io.Copy(io.Discard, conn)
	})})
	reader, writer := io.Pipe()
	go func() { _, _ = writer.Write([]byte("first")) }()
	request := post("")
	request.Body, request.ContentLength = pipeBody{reader}, -1
	status, text, err := exchange(t.Context(), pool, request)
	require.NoError(t, err)
	assert.Equal(t, 413, status)
	assert.Equal(t, "big", text)
	assert.Zero(t, pool.Open())
	_, err = writer.Write([]byte("x"))
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

// Abort ends an exchange that waits for its response.
func TestAbort(t *testing.T) {
	t.Parallel()
	received := make(chan struct{})
	pool := h1.NewPool(h1.Config{Address: serve(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4<<10))
		close(received)
		_, _ = io.Copy(io.Discard, conn)
	})})
	conn, err := pool.Get(t.Context(), time.Now(), false)
	require.NoError(t, err)
	go func() {
		<-received
		conn.Abort()
	}()
	_, err = conn.Do(get("/"), time.Now())
	require.ErrorIs(t, err, net.ErrClosed)
	conn.Discard()
	assert.Zero(t, pool.Open())
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	address := serve(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	pool := h1.NewPool(h1.Config{Address: address, ResponseTimeout: 20 * time.Millisecond})
	_, _, err := exchange(t.Context(), pool, get("/"))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)

	pool = h1.NewPool(h1.Config{ConnectTimeout: 20 * time.Millisecond, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	_, _, err = exchange(t.Context(), pool, get("/"))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
