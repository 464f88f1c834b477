package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var content = strings.Repeat("body { color: black }\n", 200)

// testDirectory returns a directory with a few static files.
func testDirectory(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	for name, text := range map[string]string{"app.css": content, "app.wasm": "\x00asm" + content, "icons/key.svg": "<svg>" + content, "photo.png": content} {
		writeFile(t, filepath.Join(directory, name), text)
	}
	return directory
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func runPack(t *testing.T, arguments ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(arguments, &out, &errs)
	return code, out.String(), errs.String()
}

func unpacked(t *testing.T, directory, name string) []string {
	t.Helper()
	br, err := os.ReadFile(filepath.Join(directory, "packed", name+".br"))
	require.NoError(t, err)
	gz, err := os.ReadFile(filepath.Join(directory, "packed", name+".gz"))
	require.NoError(t, err)
	fromBrotli, err := io.ReadAll(brotli.NewReader(bytes.NewReader(br)))
	require.NoError(t, err)
	reader, err := gzip.NewReader(bytes.NewReader(gz))
	require.NoError(t, err)
	fromGzip, err := io.ReadAll(reader)
	require.NoError(t, err)
	return []string{string(fromBrotli), string(fromGzip)}
}

func TestPack(t *testing.T) {
	t.Parallel()
	directory := testDirectory(t)
	code, stdout, stderr := runPack(t, directory)
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "app.css: 4400 bytes, brotli ")
	assert.Equal(t, []string{content, content}, unpacked(t, directory, "app.css"))
	assert.Equal(t, []string{"<svg>" + content, "<svg>" + content}, unpacked(t, directory, "icons/key.svg"))
	assert.NoFileExists(t, filepath.Join(directory, "packed/photo.png.br"), "PNG is compressed already")

	code, stdout, _ = runPack(t, directory)
	require.Zero(t, code)
	assert.Empty(t, stdout, "unchanged files are skipped")

	writeFile(t, filepath.Join(directory, "app.css"), "new "+content)
	require.NoError(t, os.Remove(filepath.Join(directory, "packed/app.wasm.gz")))
	code, stdout, _ = runPack(t, directory)
	require.Zero(t, code)
	assert.Contains(t, stdout, "app.css: ")
	assert.Contains(t, stdout, "app.wasm: ")
	assert.NotContains(t, stdout, "key.svg")
	assert.Equal(t, []string{"new " + content, "new " + content}, unpacked(t, directory, "app.css"))

	require.NoError(t, os.Remove(filepath.Join(directory, "icons/key.svg")))
	code, _, _ = runPack(t, directory)
	require.Zero(t, code)
	assert.NoFileExists(t, filepath.Join(directory, "packed/icons/key.svg.br"), "forms of a deleted file are deleted")
}

func TestInvalidManifestIsReplaced(t *testing.T) {
	t.Parallel()
	directory := testDirectory(t)
	writeFile(t, filepath.Join(directory, "packed/packed.json"), `{"app.css": 7}`)
	code, stdout, stderr := runPack(t, directory)
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "app.css: ")
}

func TestBudget(t *testing.T) {
	t.Parallel()
	directory := testDirectory(t)
	code, stdout, _ := runPack(t, "-budget", "100000", directory)
	assert.Zero(t, code)
	assert.Contains(t, stdout, "bytes in brotli, budget 100000")
	code, _, stderr := runPack(t, "-budget", "10", directory)
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "over its budget")
	require.NoError(t, os.Remove(filepath.Join(directory, "app.wasm")))
	code, _, stderr = runPack(t, "-budget", "100000", directory)
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "build it first")
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{{}, {"a", "b"}, {"-what"}} {
		code, _, stderr := runPack(t, arguments...)
		assert.Equal(t, 2, code)
		assert.Contains(t, stderr, "Usage: pack")
	}
	code, _, stderr := runPack(t, filepath.Join(t.TempDir(), "nowhere"))
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "pack: ")
}
