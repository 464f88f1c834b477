package command_test

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"paycorcred/paycor/command"
)

// runVariable makes the test binary run as paycorcred, for tests that need a process of
// its own.
const runVariable = "PAYCORCRED_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(runVariable) != "" {
		os.Exit(command.Run("test", os.Args[1:], os.Stdout, os.Stderr))
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // which tests under nohup would ignore
	os.Exit(m.Run())
}

// process returns a command that runs paycorcred in a process of its own. It is killed at
// the end of the test.
func process(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	made := exec.CommandContext(t.Context(), os.Args[0], arguments...)
	made.Env = append(os.Environ(), runVariable+"=1")
	return made
}
