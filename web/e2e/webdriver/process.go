package webdriver

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/testkit"
)

// process is a browser, or a driver that starts one, with a home directory of its own.
type process struct {
	command *exec.Cmd
	output  *testkit.Output
	home    string
	ended   chan struct{}
}

// run starts a program that prints to output, without what this environment says of a
// session of the desktop.
func run(t testing.TB, home string, environment []string, name string, arguments ...string) *process {
	t.Helper()
	p := &process{output: &testkit.Output{}, home: home, ended: make(chan struct{})}
	p.command = exec.Command(name, arguments...)
	for _, entry := range os.Environ() {
		if variable, _, _ := strings.Cut(entry, "="); variable != "DISPLAY" && variable != "WAYLAND_DISPLAY" && !strings.HasSuffix(strings.ToLower(variable), "_proxy") {
			p.command.Env = append(p.command.Env, entry)
		}
	}
	p.command.Env = append(p.command.Env, "HOME="+home, "TMPDIR="+home, "XDG_RUNTIME_DIR="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home,
		"DBUS_SESSION_BUS_ADDRESS=disabled:", "NO_AT_BRIDGE=1", "LANG=C.UTF-8")
	p.command.Env = append(p.command.Env, environment...)
	p.command.Stdout, p.command.Stderr = p.output, p.output
	p.command.WaitDelay = time.Second // children may keep the output open
	require.NoError(t, p.command.Start())
	go func() {
		_ = p.command.Wait() // it is killed
		close(p.ended)
	}()
	return p
}

// stop kills the program and waits for its end.
func (p *process) stop() {
	_ = p.command.Process.Kill() // it may have ended already
	<-p.ended
}

// installed skips the test if a program is missing.
func installed(t testing.TB, browser string, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip(browser + " is not installed (" + name + " is missing): run make tools")
		}
	}
}

// temporary returns a directory that is removed at the end, also if a browser that is just
// ending still writes into it.
func temporary(t testing.TB) string {
	t.Helper()
	directory, err := os.MkdirTemp("", "browser-")
	require.NoError(t, err)
	t.Cleanup(func() {
		for range 50 {
			if os.RemoveAll(directory) == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
	return directory
}

// open wraps a transport as a session, which ends with the test.
func open(t testing.TB, output *testkit.Output, transport transport, err error) *Session {
	t.Helper()
	if err != nil {
		t.Fatalf("starting the browser: %v\n%s", err, output)
	}
	t.Cleanup(transport.end)
	_, err = transport.send(setTimeouts, map[string]any{"script": commandTimeout.Milliseconds(), "pageLoad": commandTimeout.Milliseconds()})
	require.NoError(t, err)
	return &Session{transport: transport, output: output}
}
