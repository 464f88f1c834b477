package h1_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy/h1"
)

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
