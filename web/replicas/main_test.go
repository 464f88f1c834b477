package replicas_test

import (
	"os"
	"testing"

	"paycorcred/paycor/command"
)

// runVariable makes the test binary run as paycorcred: each server has a process of its own.
const runVariable = "PAYCORCRED_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(runVariable) != "" {
		os.Exit(command.Run("test", os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}
