package authz_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/testkit"
	"paycorcred/paycor/testkit/env"
)

// Every test of this package passes with PostgreSQL, too: in a process of its own, because
// what an environment is over is the same for all tests of one.
func TestOnPostgres(t *testing.T) {
	if os.Getenv(env.PostgresVariable) != "" {
		t.Skip("this is the process with PostgreSQL")
	}
	if testing.Short() {
		t.Skip("it takes as long as all other tests of this package")
	}
	testkit.Postgres(t) // or it is not installed
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.timeout=1h")
	again.Env = append(os.Environ(), env.PostgresVariable+"=1")
	output, err := again.CombinedOutput()
	require.NoError(t, err, "%s", output)
}
