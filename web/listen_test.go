package web_test

import (
	"net"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/web"
)

// Another process on the free address of localhost would receive our requests.
func TestListenTakesAllOfLocalhost(t *testing.T) {
	probe, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no [::1]")
	}
	require.NoError(t, probe.Close())

	listeners, err := web.Listen(t.Context(), "localhost:0")
	require.NoError(t, err)
	var hosts, ports []string
	for _, listener := range listeners {
		host, port, err := net.SplitHostPort(listener.Addr().String())
		require.NoError(t, err)
		hosts, ports = append(hosts, host), append(ports, port)
	}
	assert.Equal(t, []string{"127.0.0.1", "::1"}, hosts)
	assert.Len(t, slices.Compact(ports), 1, "one link leads to both")

	for _, listener := range listeners {
		require.NoError(t, listener.Close())
	}

	for i, host := range hosts {
		stranger, err := net.Listen("tcp", net.JoinHostPort(host, ports[0]))
		require.NoError(t, err)
		_, err = web.Listen(t.Context(), net.JoinHostPort("localhost", ports[0]))
		assert.Error(t, err, "another process listens on %s", host)
		free, err := net.Listen("tcp", net.JoinHostPort(hosts[1-i], ports[0]))
		require.NoError(t, err, "the other address is free again")
		require.NoError(t, free.Close())
		require.NoError(t, stranger.Close())
	}
}

func TestListenOnOneAddress(t *testing.T) {
	t.Parallel()
	listeners, err := web.Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	require.Len(t, listeners, 1)
	require.NoError(t, listeners[0].Close())
	_, err = web.Listen(t.Context(), "localhost")
	assert.Error(t, err)
}
