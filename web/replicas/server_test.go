package replicas_test

import (
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/testkit"
)

// timeout is how long a test waits before it fails. A long one only delays failures.
const timeout = time.Minute

// server is a process of the program that serves.
type server struct {
	t       testing.TB
	program string // path of the binary
	flags   []string
	address string // localhost:PORT, which it keeps after a kill
	link    string // path of its sign-in link
	output  *testkit.Output
	command *exec.Cmd
	ended   chan struct{} // closed when the process has exited
}

var linkPattern = regexp.MustCompile(`http://(\S+?)(/sign-in\?code=\S+)\s`)

// startServer starts a server, which is shut down with the test.
func startServer(t testing.TB, flags ...string) *server {
	t.Helper()
	s := &server{t: t, program: os.Args[0], flags: flags, address: "localhost:0"}
	s.start()
	t.Cleanup(s.stop)
	return s
}

// start starts the process and waits until it serves.
func (s *server) start() {
	s.t.Helper()
	s.output, s.ended = &testkit.Output{}, make(chan struct{})
	s.command = exec.Command(s.program, append([]string{"serve", "--listen", s.address, "--show-sign-in-link"}, s.flags...)...)
	s.command.Env = append(os.Environ(), runVariable+"=1")
	s.command.Stdout, s.command.Stderr = s.output, s.output
	require.NoError(s.t, s.command.Start())
	go func(command *exec.Cmd, ended chan struct{}) {
		_ = command.Wait() // stop checks its state
		close(ended)
	}(s.command, s.ended)
	expired := time.After(timeout)
	for {
		printed := s.output.Changed()
		if found := linkPattern.FindStringSubmatch(s.output.String()); found != nil {
			s.address, s.link = found[1], found[2]
			return
		}
		select {
		case <-printed:
		case <-s.ended:
			require.FailNow(s.t, "the server ended", "%s", s.output)
		case <-expired:
			require.FailNow(s.t, "the server does not start", "%s", s.output)
		}
	}
}

// stop shuts the server down as an operator does, unless it was killed.
func (s *server) stop() {
	s.t.Helper()
	select {
	case <-s.ended:
	default:
		require.NoError(s.t, s.command.Process.Signal(syscall.SIGTERM))
		s.wait()
		assert.Zero(s.t, s.command.ProcessState.ExitCode(), "%s", s.output)
	}
	s.check()
}

// kill kills the process: no handler runs.
func (s *server) kill() {
	s.t.Helper()
	require.NoError(s.t, s.command.Process.Kill())
	s.wait()
	s.check()
}

func (s *server) wait() {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(timeout):
		_ = s.command.Process.Kill()
		require.FailNow(s.t, "the server does not end", "%s", s.output)
	}
}

// check checks what the server wrote.
func (s *server) check() {
	s.t.Helper()
	log := s.output.String()
	assert.NotContains(s.t, log, "DATA RACE")
	assert.NotContains(s.t, log, "panic")
	if s.t.Failed() {
		s.t.Logf("%s wrote:\n%s", s.address, log[max(0, len(log)-4000):])
	}
}
