package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// run runs a program for the browser in Node, and returns what it writes until it panics.
func run(t *testing.T, program string) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("needs Node")
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	output, err := exec.Command(node, filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec_node.js"), program).CombinedOutput()
	var ended *exec.ExitError
	require.ErrorAs(t, err, &ended, "it ends with a panic: %s", output)
	return string(output)
}

func TestAShrunkProgramDoesTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	built, shrunk := filepath.Join(t.TempDir(), "built.wasm"), filepath.Join(t.TempDir(), "shrunk.wasm")
	command := exec.Command("go", "build", "-o", built, "./testdata/program")
	command.Env = append(command.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.NoError(t, shrink(built, shrunk))

	before, after := run(t, built), run(t, shrunk)
	printed := func(text string) string { line, _, _ := strings.Cut(text, "\n"); return line }
	assert.Equal(t, printed(before), printed(after))
	for _, text := range []string{before, after} {
		assert.Contains(t, text, "recovered: runtime error: integer divide by zero map[word0:")
		assert.Contains(t, text, "invalid memory address or nil pointer dereference")
		assert.Contains(t, text, "main.fail(", "a trace names functions")
		assert.Contains(t, text, "main.main(")
	}
	assert.Contains(t, before, "main.go:")
	assert.NotContains(t, after, "main.go:", "a trace has no lines")
}
