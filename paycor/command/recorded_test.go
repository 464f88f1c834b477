package command_test

import (
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

// serveTo runs a server that writes to a file or a pipe until it has printed something
// about signing in, and returns its output.
func serveTo(t *testing.T, out *os.File, read func() string, flags ...string) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "da'ta x")
	ended := make(chan int, 1)
	go func() {
		ended <- command.Run("test", append([]string{"serve", "--listen", "localhost:0", "--data", data, "--verify-every", "0"}, flags...), out, &testkit.Output{})
	}()
	require.Eventually(t, func() bool { return strings.Contains(read(), "sign-in") }, time.Minute, 10*time.Millisecond)
	(&program{t: t, ended: ended, output: &testkit.Output{}}).stop()
	return read()
}

// The one-time link is not written where it would be kept, unless it is asked for.
func TestSignInLinkIsNotRecorded(t *testing.T) {
	for name, test := range map[string]struct {
		flags []string
		shown bool
	}{"a file": {nil, false}, "asked for": {[]string{"--show-sign-in-link"}, true}} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal")
			file, err := os.Create(path)
			require.NoError(t, err)
			defer file.Close()
			said := serveTo(t, file, func() string { text, _ := os.ReadFile(path); return string(text) }, test.flags...)
			assert.Equal(t, test.shown, strings.Contains(said, "sign-in?code="), said)
			assert.Equal(t, !test.shown, strings.Contains(said, os.Args[0]+" sign-in --data '/"), said)
		})
	}
}
