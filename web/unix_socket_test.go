package web_test

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/web"
)

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "pcc") // t.TempDir is too long for a socket
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	path := filepath.Join(dir, "s")
	listeners, err := web.Listen(t.Context(), "unix:"+path)
	require.NoError(t, err)
	require.Len(t, listeners, 1)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o660), info.Mode().Perm(), "nobody else can connect")

	_, err = web.Listen(t.Context(), "unix:"+path)
	require.ErrorContains(t, err, "address already in use")

	peers := make(chan string, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { peers <- r.RemoteAddr })}
	go func() { _ = server.Serve(listeners[0]) }()
	conn, err := net.Dial("unix", path)
	require.NoError(t, err)
	_, err = conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1:0", <-peers, "so that --trusted-proxy 127.0.0.1 names the proxy")
	require.NoError(t, conn.Close())
	require.NoError(t, server.Close())
	assert.NoFileExists(t, path)

	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"}) // as after a kill
	require.NoError(t, err)
	left.SetUnlinkOnClose(false)
	require.NoError(t, left.Close())
	listeners, err = web.Listen(t.Context(), "unix:"+path)
	require.NoError(t, err, "a socket that a killed server left behind is replaced")
	require.NoError(t, listeners[0].Close())

	require.NoError(t, os.WriteFile(path, []byte("somebody's"), 0o600))
	_, err = web.Listen(t.Context(), "unix:"+path)
	require.ErrorContains(t, err, "cli.listen-socket-taken")
	assert.FileExists(t, path)
}
