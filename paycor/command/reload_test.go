package command_test

import (
	"bufio"
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/testkit"
)

// reload sends SIGHUP and waits for a text in what the server logs from then on.
func (p *program) reload(await string) (log string) {
	p.t.Helper()
	before := len(p.output.String())
	require.NoError(p.t, syscall.Kill(os.Getpid(), syscall.SIGHUP))
	require.Eventually(p.t, func() bool {
		log = p.output.String()[before:]
		return strings.Contains(log, await) && strings.HasSuffix(log, "\n")
	}, time.Minute, 5*time.Millisecond, await)
	return log
}

func TestReload(t *testing.T) {
	await := listenAsSupervisor(t)
	directory := t.TempDir()
	cert, key := testkit.WriteCertificate(t, directory, "first")
	path := filepath.Join(directory, "paycorcred.yaml")
	configure := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	configure("drain-time: 8s\n")
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--config", path, "--tls-cert", cert, "--tls-key", key)
	await("READY=1")
	name := func() string {
		conn, err := tls.Dial("tcp", strings.TrimPrefix(p.address, "https://"), &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // only its name is read
		require.NoError(t, err)
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	assert.Equal(t, "first", name())

	testkit.WriteCertificate(t, directory, "second")
	configure("drain-time: 7s\nlog-level: debug\ncall-limit: 5\nbackup-every: 6h\nbackup-to: " + directory + "\n")
	log := p.reload("restart")
	assert.Contains(t, log, `level=INFO msg="configuration reloaded" changed="`)
	for _, change := range []string{"backup-every=6h", "backup-to=" + directory, "log-level=debug", "drain-time=7s"} {
		assert.Contains(t, log, change)
	}
	assert.Contains(t, log, `need a restart" settings=call-limit`)
	assert.Contains(t, await("RELOADING=1"), "MONOTONIC_USEC=")
	await("READY=1")
	assert.Equal(t, "second", name())
	require.Eventually(t, func() bool { return strings.Contains(p.output.String(), "backup made and verified") }, time.Minute, 10*time.Millisecond)

	configure("drain-time: soon\nlog-level: error\n")
	assert.Contains(t, p.reload("reloading failed, and nothing was changed"), "line 1: drain-time must be a duration")
	require.NoError(t, os.WriteFile(key, []byte("no key"), 0o600))
	configure("log-level: error\n")
	assert.Contains(t, p.reload("reloading failed"), "isn’t in PEM format")
	assert.Equal(t, "second", name())

	testkit.WriteCertificate(t, directory, "third")
	configure("drain-time: 7s\nlog-level: debug\nbackup-every: 6h\nbackup-to: " + directory + "\n")
	assert.Contains(t, p.reload("configuration reloaded"), `changed=""`, "the level stayed, and the call limit is again the one in use")
	p.stop()
}

// A terminal that is closed ends its server, which would otherwise keep its port.
func TestAClosedTerminalEndsTheServer(t *testing.T) {
	made := process(t, "serve", "--listen", "localhost:0", "--data", filepath.Join(t.TempDir(), "data"))
	terminal, err := pty.Start(made)
	require.NoError(t, err)
	lines := bufio.NewScanner(terminal)
	for lines.Scan() && !strings.Contains(lines.Text(), "/sign-in?code=") {
	}
	require.NoError(t, lines.Err())
	require.NoError(t, syscall.Kill(made.Process.Pid, syscall.SIGHUP))
	for lines.Scan() && !strings.Contains(lines.Text(), "configuration reloaded") {
	}
	require.NoError(t, lines.Err(), "a signal in an open terminal reloads")
	require.NoError(t, terminal.Close())
	require.NoError(t, made.Wait())
}
