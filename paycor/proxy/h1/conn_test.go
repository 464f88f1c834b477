package h1_test

import (
	"context"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy/h1"
)

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
