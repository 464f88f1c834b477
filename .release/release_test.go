package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAReleaseHasEveryFileAndItsChecksum(t *testing.T) {
	r := releaseOf(t)
	found := map[string]string{}
	files, err := os.ReadDir(r.out)
	require.NoError(t, err)
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(r.out, file.Name()))
		require.NoError(t, err)
		found[file.Name()] = fmt.Sprintf("%x", sha256.Sum256(content))
	}
	sums, err := os.ReadFile(filepath.Join(r.out, "SHA256SUMS"))
	require.NoError(t, err)
	listed := map[string]string{"SHA256SUMS": found["SHA256SUMS"]}
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		listed[name] = sum
	}
	assert.Equal(t, found, listed)
	for _, name := range []string{
		"paycorcred-1.2.3-test-linux-amd64.tar.gz", "paycorcred-1.2.3-test-image-amd64.tar", "paycorcred-1.2.3-test-image.tar",
		"paycorcred-1.2.3-test.cdx.json", "paycorcred-chart-1.2.3-test.tgz", "paycorcred-embed-1.2.3-test.tgz", "paycorcred.service", "paycorcred.socket",
	} {
		assert.Contains(t, found, name)
	}
}

func TestAnArchiveHasTheProgramAndWhatItsOperatorNeeds(t *testing.T) {
	r := releaseOf(t)
	files := readTarGzip(t, r.path("-linux-amd64.tar.gz"))
	for _, name := range []string{"paycorcred", "paycorcred-kms", "CHANGELOG.md", "operating.md", "paycorcred.service", "paycorcred.socket", "paycorcred.yaml"} {
		assert.NotEmpty(t, files["paycorcred-1.2.3-test/"+name], name)
	}
	program := programOf(t)
	assert.Equal(t, "1.2.3-test\n", output(t, program, "--version"))

	// For Windows it is a zip file, which needs no compiler to be tested.
	r.out = t.TempDir()
	require.NoError(t, r.archive(platform{"windows", "amd64"}, []string{program}))
	archive, err := zip.OpenReader(r.path("-windows-amd64.zip"))
	require.NoError(t, err)
	defer archive.Close()
	names := make([]string, len(archive.File))
	for i, file := range archive.File {
		names[i] = file.Name
	}
	assert.Equal(t, []string{"paycorcred-1.2.3-test/paycorcred", "paycorcred-1.2.3-test/CHANGELOG.md", "paycorcred-1.2.3-test/operating.md"}, names)
}

// Another directory, with the files in it written at another time, gives the same bytes:
// the page's program too, which is built before.
func TestAReleaseIsReproducible(t *testing.T) {
	first := releaseOf(t)
	second := first
	second.source, second.out = t.TempDir(), t.TempDir()
	copySource(t, second.source)
	require.NoError(t, second.make())
	one, err := os.ReadFile(filepath.Join(first.out, "SHA256SUMS"))
	require.NoError(t, err)
	other, err := os.ReadFile(filepath.Join(second.out, "SHA256SUMS"))
	require.NoError(t, err)
	assert.Equal(t, string(one), string(other))

	for _, program := range []string{"credentials", "administration"} {
		page := filepath.Join(t.TempDir(), program+".wasm")
		output(t, "go", "-C", second.source, "run", "./app/slim", "-o", page, "./app/wasm/"+program)
		built, err := os.ReadFile("../web/static/" + program + ".wasm")
		require.NoError(t, err)
		again, err := os.ReadFile(page)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(built, again), "%s.wasm differs; if it is older than the source, run: make page", program)
	}
}

// copySource copies the files of the repository and the built page.
func copySource(t *testing.T, to string) {
	t.Helper()
	listed := output(t, "git", "-C", "..", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	names := strings.Split(strings.TrimSuffix(listed, "\x00"), "\x00")
	page, err := filepath.Glob("../web/static/*")
	require.NoError(t, err)
	for _, path := range page {
		require.NoError(t, filepath.WalkDir(path, func(path string, _ os.DirEntry, err error) error {
			names = append(names, strings.TrimPrefix(filepath.ToSlash(path), "../"))
			return err
		}))
	}
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			continue // a directory, or a file deleted since the last commit
		}
		path := filepath.Join(to, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, content, 0o644))
	}
}

// readTarGzip returns the files of an archive by name.
func readTarGzip(t *testing.T, path string) map[string][]byte {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	compressed, err := gzip.NewReader(file)
	require.NoError(t, err)
	return readTar(t, compressed)
}

// programOf returns the path of the released program, unpacked.
func programOf(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "paycorcred")
	require.NoError(t, os.WriteFile(path, readTarGzip(t, releaseOf(t).path("-linux-amd64.tar.gz"))["paycorcred-1.2.3-test/paycorcred"], 0o755))
	return path
}

func readTar(t *testing.T, from io.Reader) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for archive := tar.NewReader(from); ; {
		header, err := archive.Next()
		if err == io.EOF {
			return files
		}
		require.NoError(t, err)
		files[header.Name], err = io.ReadAll(archive)
		require.NoError(t, err)
	}
}
