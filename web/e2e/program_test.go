package e2e_test

import (
	"cmp"
	"context"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/testkit"
)

// timeout is how long a test waits before it fails. A long timeout only delays
// failures.
const timeout = time.Minute

// program is one run of paycorcred serve.
type program struct {
	t        testing.TB
	binary   string
	data     string
	flags    []string
	address  string // http://localhost:PORT
	link     string // the one-time sign-in link
	output   *testkit.Output
	command  *exec.Cmd
	ended    chan struct{}  // closed when the process has exited
	token    string         // an API token with every right, created on first use
	expected int            // the expected exit code
	ready    *regexp.Regexp // what it prints once people can sign in; nil means the one-time link
}

var linkPattern = regexp.MustCompile(`(http://\S+/sign-in\?code=\S+)\s`)

// start runs the program with the simulator on a new data directory, and shuts
// it down when the test ends.
func start(t testing.TB, flags ...string) *program {
	t.Helper()
	return startOn(t, t.TempDir(), flags...)
}

func startOn(t testing.TB, data string, flags ...string) *program {
	t.Helper()
	return launch(t, raced, data, append([]string{"--simulator"}, flags...)...)
}

func launch(t testing.TB, binary, data string, flags ...string) *program {
	t.Helper()
	placeDatabase(t, data)
	p := &program{t: t, binary: binary, data: data, flags: flags, output: &testkit.Output{}}
	p.run("localhost:0")
	t.Cleanup(p.stop)
	return p
}

// run starts the process and waits until people can sign in.
func (p *program) run(listen string) {
	p.t.Helper()
	p.output, p.ended, p.token, p.expected = &testkit.Output{}, make(chan struct{}), "", 0
	p.command = exec.Command(p.binary, append([]string{"serve", "--show-sign-in-link", "--listen", listen, "--data", p.data}, p.flags...)...)
	p.command.Env = append(os.Environ(), databaseVariables(p.command.Args)...)
	p.command.Stdout, p.command.Stderr = p.output, p.output
	require.NoError(p.t, p.command.Start())
	go func(command *exec.Cmd, ended chan struct{}) {
		_ = command.Wait() // stop checks its state
		close(ended)
	}(p.command, p.ended)
	timer := time.AfterFunc(timeout, func() { _ = p.command.Process.Kill() })
	defer timer.Stop()
	link, found := p.output.Await(cmp.Or(p.ready, linkPattern), p.ended)
	require.True(p.t, found, "no sign-in link was printed:\n%s", p.output)
	parsed, err := url.Parse(link)
	require.NoError(p.t, err)
	p.link, p.address = link, parsed.Scheme+"://"+parsed.Host
}

// origin returns the program's address without the path that it may be below.
func (p *program) origin() string {
	scheme, rest, _ := strings.Cut(p.address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// stop interrupts the program, as an operator does, and checks how it exits.
func (p *program) stop() {
	p.t.Helper()
	select {
	case <-p.ended:
	default:
		require.NoError(p.t, p.command.Process.Signal(syscall.SIGTERM))
		p.wait()
	}
	if p.expected >= 0 {
		assert.Equal(p.t, p.expected, p.command.ProcessState.ExitCode(), "exit code; the program wrote:\n%s", p.output)
	}
	log := p.output.String()
	assert.NotContains(p.t, log, "DATA RACE")
	assert.NotContains(p.t, log, "handler panicked")
	if p.t.Failed() {
		p.t.Logf("the program wrote:\n%s", tail(log, 6000))
	}
}

// kill kills the process.
func (p *program) kill() {
	p.t.Helper()
	p.expected = -1
	require.NoError(p.t, p.command.Process.Kill())
	p.wait()
}

func (p *program) wait() {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(timeout):
		_ = p.command.Process.Kill()
		p.t.Fatalf("the program did not end; it wrote:\n%s", p.output)
	}
}

// restart starts the program again with the same data and address.
func (p *program) restart() {
	p.t.Helper()
	p.run(strings.TrimPrefix(p.address, "http://"))
}

// tail returns the end of a text.
func tail(text string, most int) string {
	if len(text) > most {
		return "…" + text[len(text)-most:]
	}
	return text
}

// commandResult is the output and exit code of a command.
type commandResult struct {
	out, err string
	code     int
}

// command runs one of the program's commands until it exits.
func command(t testing.TB, environment []string, arguments ...string) commandResult {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	run := exec.CommandContext(ctx, raced, arguments...)
	var out, trouble strings.Builder
	run.Stdout, run.Stderr = &out, &trouble
	run.Env = slices.Concat(run.Environ(), databaseVariables(arguments), environment)
	if err := run.Run(); ctx.Err() != nil {
		t.Fatalf("%v did not end: %v\n%s%s", arguments, err, out.String(), trouble.String())
	}
	assert.NotContains(t, trouble.String(), "DATA RACE")
	return commandResult{out.String(), trouble.String(), run.ProcessState.ExitCode()}
}

// newToken creates an API token in the running program's data directory.
func (p *program) newToken(arguments ...string) string {
	p.t.Helper()
	made := command(p.t, nil, append([]string{"token", "create", "--data", p.data, "--name", "e2e"}, arguments...)...)
	require.Zero(p.t, made.code, made.err)
	return strings.TrimSpace(made.out)
}
