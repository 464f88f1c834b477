package h1_test

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy/h1"
)

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
