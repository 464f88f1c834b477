package h1_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy/h1"
)

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

// A kept connection that the upstream has closed is not used.
func TestClosedConnectionIsNotUsed(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	pool := h1.NewPool(h1.Config{Address: serve(t, func(conn net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		_, _ = io.WriteString(conn, okResponse)
		_ = conn.Close()
		closed <- struct{}{}
	})})
	for range 10 {
		_, text, err := exchange(t.Context(), pool, post(""))
		require.NoError(t, err)
		assert.Equal(t, "ok", text)
		<-closed
		time.Sleep(time.Millisecond) // for the close to arrive
	}
}

// All pools together keep a bounded number of idle connections: those used last.
func TestPoolsShareABoundOfIdleConnections(t *testing.T) {
	t.Parallel()
	address := serve(t, respond(func(int, *http.Request) string { return okResponse }))
	idle := h1.NewIdle(3)
	pools := make([]*h1.Pool, 5)
	for i := range pools {
		pools[i] = h1.NewPool(h1.Config{Address: address, Idle: idle})
		_, _, err := exchange(t.Context(), pools[i], get("/"))
		require.NoError(t, err)
	}
	open := []int{}
	for _, pool := range pools {
		open = append(open, pool.Open())
	}
	assert.Equal(t, []int{0, 0, 1, 1, 1}, open)
	assert.Equal(t, 3, idle.Len())
	for _, pool := range pools {
		pool.Close()
	}
	assert.Zero(t, idle.Len())
}

// Without descriptors left, idle connections make room.
func TestIdleConnectionsMakeRoomWhenDescriptorsRunOut(t *testing.T) {
	t.Parallel()
	address := serve(t, respond(func(int, *http.Request) string { return okResponse }))
	idle, left := h1.NewIdle(0), 2
	config := h1.Config{Idle: idle, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		if idle.Len() >= left {
			return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("socket", syscall.EMFILE)}
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	pools := []*h1.Pool{h1.NewPool(config), h1.NewPool(config), h1.NewPool(config)}
	for _, pool := range pools {
		_, _, err := exchange(t.Context(), pool, get("/"))
		require.NoError(t, err)
	}
	assert.Zero(t, pools[0].Open(), "the one idle longest was closed")
	assert.Equal(t, 2, idle.Len())
	left = 0
	_, err := pools[0].Get(t.Context(), time.Now(), true)
	assert.ErrorIs(t, err, syscall.EMFILE, "there is still none")
	for _, pool := range pools {
		pool.Close()
	}
}
