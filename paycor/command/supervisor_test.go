package command_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/command"
	"paycorcred/paycor/testkit"
)

// listenAsSupervisor opens a socket such as systemd's, and returns a function that waits
// for a message with a text.
func listenAsSupervisor(t *testing.T) (await func(text string) string) {
	t.Helper()
	path := filepath.Join(shortDir(t), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, socket.Close()) })
	t.Setenv("NOTIFY_SOCKET", path)
	return func(text string) string {
		t.Helper()
		require.NoError(t, socket.SetReadDeadline(time.Now().Add(time.Minute)))
		for buffer := make([]byte, 4096); ; {
			n, err := socket.Read(buffer)
			require.NoError(t, err, "no message with %q", text)
			if message := string(buffer[:n]); strings.Contains(message, text) {
				return message
			}
		}
	}
}

func TestSupervisorIsTold(t *testing.T) {
	await := listenAsSupervisor(t)
	t.Setenv("WATCHDOG_USEC", "200000")
	p := serve(t, filepath.Join(t.TempDir(), "data"))
	assert.Equal(t, "READY=1\nSTATUS=Serving "+p.address, await("READY=1"))
	await("WATCHDOG=1")
	await("WATCHDOG=1")
	p.stop()
	await("STOPPING=1")
}

// A server that does not answer itself says nothing, so that its supervisor restarts it.
func TestWatchdogOfAServerThatHangs(t *testing.T) {
	await := listenAsSupervisor(t)
	t.Setenv("WATCHDOG_USEC", "20000")
	var log testkit.Output
	ctx, cancel := context.WithCancel(t.Context())
	hangs, asked := false, 0
	command.Watchdog(ctx, slog.New(slog.NewTextHandler(&log, nil)), func(asking context.Context) error {
		_, limited := asking.Deadline()
		assert.True(t, limited)
		switch asked++; {
		case asked == 3:
			hangs = true
		case asked > 6:
			cancel()
		}
		if hangs {
			return errors.New("hangs")
		}
		return nil
	})
	await("WATCHDOG=1")
	await("WATCHDOG=1")
	conn, err := net.Dial("unixgram", os.Getenv("NOTIFY_SOCKET"))
	require.NoError(t, err)
	_, err = conn.Write([]byte("END"))
	require.NoError(t, errors.Join(err, conn.Close()))
	assert.Equal(t, "END", await(""), "nothing was said after the server began to hang")
	assert.Contains(t, log.String(), "does not answer itself")
}

// serveOn starts a server in a process of its own with a socket that its supervisor opened.
func serveOn(t *testing.T, listener interface{ File() (*os.File, error) }, flags ...string) (out *testkit.Output, wait func() error, stop func()) {
	t.Helper()
	file, err := listener.File()
	require.NoError(t, err)
	defer file.Close()
	arguments := append([]string{"serve", "--data", filepath.Join(t.TempDir(), "data"), "--listen", "localhost:1"}, flags...)
	program := process(t, arguments...)
	// LISTEN_PID names the process, which only the process itself knows beforehand.
	shell := process(t)
	shell.Path, shell.Args = "/bin/sh", append([]string{"sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"`}, program.Args...)
	shell.ExtraFiles = []*os.File{file}
	out = &testkit.Output{}
	shell.Stdout, shell.Stderr = out, out
	require.NoError(t, shell.Start())
	return out, shell.Wait, func() { require.NoError(t, shell.Process.Signal(os.Interrupt)) }
}

func TestSocketActivation(t *testing.T) {
	ready := func(t *testing.T, client *http.Client, address string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), "GET", address+"/readyz", nil)
		require.NoError(t, err)
		answer, err := client.Do(request) // waits in the backlog until the server accepts
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, 200, answer.StatusCode)
	}
	t.Run("TCP", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close()
		out, wait, stop := serveOn(t, listener.(*net.TCPListener))
		ready(t, http.DefaultClient, "http://"+listener.Addr().String())
		stop()
		require.NoError(t, wait(), "%s", out)
	})
	t.Run("Unix", func(t *testing.T) {
		path := filepath.Join(shortDir(t), "s")
		listener, err := net.Listen("unix", path)
		require.NoError(t, err)
		defer listener.Close()
		out, wait, stop := serveOn(t, listener.(*net.UnixListener), "--public-url", "http://localhost:1")
		ready(t, &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}}}, "http://localhost")
		stop()
		require.NoError(t, wait(), "%s", out)
		assert.FileExists(t, path, "the socket is the supervisor's")
	})
	t.Run("open to other machines", func(t *testing.T) {
		listener, err := net.Listen("tcp", "0.0.0.0:0")
		require.NoError(t, err)
		defer listener.Close()
		out, wait, _ := serveOn(t, listener.(*net.TCPListener))
		require.Error(t, wait())
		assert.Contains(t, out.String(), "no sign-in is configured", "the same rules as for --listen")
	})
	t.Run("no listener", func(t *testing.T) {
		conn, err := net.ListenPacket("udp", "127.0.0.1:0")
		require.NoError(t, err)
		defer conn.Close()
		out, wait, _ := serveOn(t, conn.(*net.UDPConn))
		require.Error(t, wait())
		assert.Contains(t, out.String(), "use ListenStream=")
	})
}
