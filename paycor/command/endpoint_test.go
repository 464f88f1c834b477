package command

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A server asks itself at localhost, whichever of its addresses it listens on.
func TestLocalhostIsThisMachine(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", "0.0.0.0:0", "[::]:0"} {
		listener, err := net.Listen("tcp", address)
		require.NoError(t, err)
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		require.NoError(t, server.Listener.Close())
		server.Listener = listener
		server.Start()
		t.Cleanup(server.Close)
		at := endpointOf(listener, false)
		_, port, _ := net.SplitHostPort(at.host)
		for _, host := range []string{at.host, "localhost:" + port} {
			at.host = host
			status, err := at.get(t.Context(), at.client(), "/healthz")
			require.NoError(t, err, "%s at %s", address, host)
			assert.Equal(t, http.StatusOK, status)
		}
	}
}
