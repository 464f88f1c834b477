package web_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/web"
)

// A proxy in front may send a whole address as the target, below a path, too.
func TestTargetsThatAreAddresses(t *testing.T) {
	t.Parallel()
	passed := &calls{}
	h := newTestServer(t, func(c *web.Config) { c.Calls, c.Base = passed, "/creds" })
	status := func(target string) int {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
		require.NoError(t, err)
		defer conn.Close()
		_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", target, validToken)
		require.NoError(t, err)
		got, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		defer got.Body.Close()
		return got.StatusCode
	}
	for target, want := range map[string]int{
		"http://localhost/creds/healthz": 200, "HTTP://localhost/healthz": 200, "http://localhost/creds": 308, "http://localhost": 303, "http://localhost?a=b": 303,
		"http://localhost/creds/api/v1/environments": 200, "http://localhost/creds/nothing": 404,
		"http://other.example.com/creds/api/v1/environments": 421,
	} {
		assert.Equal(t, want, status(target), target)
	}
	assert.Equal(t, http.StatusNoContent, status("http://localhost/creds/api/v1/credentials/cred_1/paycor/v1/a%2Fb?c=d"))
	assert.Len(t, passed.from, 1, "a call to Paycor is one")
}
