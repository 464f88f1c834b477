package main

import (
	"bytes"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A new version of go-app must be reviewed before the page is built against it.
func TestGoAppIsTheOneTheStandInsWereWrittenFor(t *testing.T) {
	original, err := locate()
	require.NoError(t, err)
	require.NoError(t, check(original))
}

func TestAChangedFileIsNoticed(t *testing.T) {
	original, err := locate()
	require.NoError(t, err)
	changed := t.TempDir()
	require.NoError(t, copyPackage(original, changed))
	for name := range left {
		require.NoError(t, copyFile(filepath.Join(original, inside, name), filepath.Join(changed, inside, name)))
	}
	require.NoError(t, check(changed))
	require.NoError(t, os.WriteFile(filepath.Join(changed, inside, "route.go"), []byte("package app\n"), 0o600))
	assert.ErrorContains(t, check(changed), "route.go has changed")
}

func TestTheCopyIsGoAppWithoutWhatIsLeftOut(t *testing.T) {
	original, err := locate()
	require.NoError(t, err)
	into := t.TempDir()
	require.NoError(t, copyPackage(original, into))
	entries, err := os.ReadDir(filepath.Join(into, inside))
	require.NoError(t, err)
	for _, entry := range entries {
		copied, err := os.ReadFile(filepath.Join(into, inside, entry.Name()))
		require.NoError(t, err)
		own, err := standins.ReadFile("_standin/app/" + entry.Name())
		if err == nil {
			assert.Equal(t, own, copied, entry.Name())
			assert.Contains(t, left, entry.Name(), "each stand-in replaces something")
			continue
		}
		assert.NotContains(t, left, entry.Name())
		theirs, err := os.ReadFile(filepath.Join(original, inside, entry.Name()))
		require.NoError(t, err)
		theirs, err = format.Source([]byte(imports.Replace(string(theirs)))) // it sorts the imports
		require.NoError(t, err)
		assert.Equal(t, string(theirs), string(copied), entry.Name())
	}
}

func TestTheStandInsAreImported(t *testing.T) {
	original, err := locate()
	require.NoError(t, err)
	into := t.TempDir()
	require.NoError(t, copyPackage(original, into))
	command := exec.Command("go", "list", "-f", "{{join .Imports \" \"}}", "./"+inside)
	command.Dir, command.Env = into, append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=-mod=mod")
	imported, err := command.Output()
	require.NoError(t, err)
	packages := strings.Fields(string(imported))
	assert.Subset(t, packages, []string{module + "/pkg/html", module + "/pkg/uuid"})
	assert.NotContains(t, packages, "html")
	assert.NotContains(t, packages, "github.com/google/uuid")
}

// Go does not build again what is up to date, and a program must not be shrunk twice.
func TestAProgramIsBuiltAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program of the page")
	}
	t.Chdir(filepath.Join("..", ".."))
	work, output := filepath.Join("bin", "slim"), filepath.Join(t.TempDir(), "again.wasm")
	t.Cleanup(func() { _ = os.Remove(filepath.Join(work, "again.wasm")) })
	require.NoError(t, build(work, output, "./app/wasm/credentials"))
	first, err := os.ReadFile(output)
	require.NoError(t, err)
	require.NoError(t, build(work, output, "./app/wasm/credentials"))
	again, err := os.ReadFile(output)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(first, again))
}

func copyFile(from, into string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(into, content, 0o600)
}
