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
	for name, text := range map[string]string{"app.css": content, "credentials.wasm": "\x00asm" + content, "icons/key.svg": "<svg>" + content, "photo.png": content} {
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
	require.NoError(t, os.Remove(filepath.Join(directory, "packed/credentials.wasm.gz")))
	code, stdout, _ = runPack(t, directory)
	require.Zero(t, code)
	assert.Contains(t, stdout, "app.css: ")
	assert.Contains(t, stdout, "credentials.wasm: ")
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
	code, stdout, _ := runPack(t, "-budget", "credentials.wasm=100000", directory)
	assert.Zero(t, code)
	assert.Contains(t, stdout, "bytes in brotli, budget 100000")
	code, stdout, stderr := runPack(t, "-budget", "credentials.wasm=10", "-budget", "administration.wasm=100000", directory)
	assert.Equal(t, 1, code)
	assert.Contains(t, stdout, "credentials.wasm: ")
	assert.Contains(t, stderr, "credentials.wasm is ")
	assert.Contains(t, stderr, "over its budget")
	assert.Contains(t, stderr, "there is no administration.wasm; build it first")
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{{}, {"a", "b"}, {"-what"}, {"-budget", "100", "a"}, {"-budget", "app.css=much", "a"}, {"-budget", "=1", "a"}} {
		code, _, stderr := runPack(t, arguments...)
		assert.Equal(t, 2, code)
		assert.Contains(t, stderr, "Usage: pack")
	}
	code, _, stderr := runPack(t, filepath.Join(t.TempDir(), "nowhere"))
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "pack: ")
}

// What stands in the way is named, and the exit status tells the build to stop.
func TestObstacles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arguments []string
		obstacle  string // a directory where a file is to be written, or a file where a directory is
		isFile    bool
	}{
		"the languages are a file":         {nil, "locale", true},
		"a language is a directory":        {nil, "locale/en.json", false},
		"the compressed forms are a file":  {nil, "packed", true},
		"a folder of forms is a file":      {nil, "packed/icons", true},
		"the brotli form is a directory":   {nil, "packed/app.css.br", false},
		"the gzip form is a directory":     {nil, "packed/app.css.gz", false},
		"the manifest is a directory":      {nil, "packed/packed.json", false},
		"the manual's directory is a file": {[]string{"-docs"}, "docs", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory := testDirectory(t)
			path := filepath.Join(directory, c.obstacle)
			if c.isFile {
				writeFile(t, path, "in the way")
			} else {
				require.NoError(t, os.MkdirAll(filepath.Join(path, "in the way"), 0o755))
			}
			code, _, stderr := runPack(t, append(c.arguments, directory)...)
			assert.Equal(t, 1, code)
			assert.Contains(t, stderr, "pack: ")
			assert.Contains(t, stderr, filepath.Dir(path))
		})
	}
}

// A form of a deleted file that cannot be removed would be served for ever.
func TestStaleFormThatCannotBeRemoved(t *testing.T) {
	t.Parallel()
	directory := testDirectory(t)
	code, _, stderr := runPack(t, directory)
	require.Zero(t, code, stderr)
	require.NoError(t, os.Remove(filepath.Join(directory, "app.css")))
	form := filepath.Join(directory, "packed/app.css.br")
	require.NoError(t, os.Remove(form))
	require.NoError(t, os.MkdirAll(filepath.Join(form, "in the way"), 0o755))
	code, _, stderr = runPack(t, directory)
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, form)
}

// A static file that cannot be read is not left out silently.
func TestFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	directory := testDirectory(t)
	require.NoError(t, os.Symlink("nowhere", filepath.Join(directory, "lost.css")))
	code, _, stderr := runPack(t, directory)
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "lost.css")
}

func TestManualIsRendered(t *testing.T) {
	t.Parallel()
	directory := testDirectory(t)
	code, _, stderr := runPack(t, "-docs", directory)
	require.Zero(t, code, stderr)
	rendered, err := os.ReadDir(filepath.Join(directory, "docs"))
	require.NoError(t, err)
	assert.NotEmpty(t, rendered)
	assert.NoDirExists(t, filepath.Join(directory, "packed/docs"), "the server compresses the manual itself")
}
