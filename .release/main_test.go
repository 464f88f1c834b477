package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tested is the release that the tests look at: what a person would make, for one
// platform only.
var tested = release{
	source: "..", version: "1.2.3-test", time: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC),
	platforms: []platform{{"linux", "amd64"}},
}

var made = sync.OnceValue(func() error { return tested.make() })

func TestMain(m *testing.M) {
	directory, err := os.MkdirTemp("", "release-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	tested.out = filepath.Join(directory, "out")
	code := m.Run()
	_ = os.RemoveAll(directory)
	os.Exit(code)
}

// releaseOf returns the release, made once for all tests.
func releaseOf(t *testing.T) release {
	t.Helper()
	_, err := os.Stat("../web/static/credentials.wasm")
	require.NoError(t, err, "build the page first: make page")
	require.NoError(t, made())
	return tested
}

// output runs a tool and returns what it prints.
func output(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	printed, err := exec.Command(name, arguments...).CombinedOutput()
	require.NoError(t, err, "%s %v\n%s", name, arguments, printed)
	return string(printed)
}

// requireTool fails the test if a tool of the system is missing.
func requireTool(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		_, err := exec.LookPath(name)
		require.NoError(t, err, "%s is missing; install it with: make tools", name)
	}
}
