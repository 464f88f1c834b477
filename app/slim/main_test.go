package main

import (
	"os"
	"path/filepath"
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
		own, err := standins.ReadFile("_standin/" + entry.Name())
		if err == nil {
			assert.Equal(t, own, copied, entry.Name())
			assert.Contains(t, left, entry.Name(), "each stand-in replaces something")
			continue
		}
		assert.NotContains(t, left, entry.Name())
		theirs, err := os.ReadFile(filepath.Join(original, inside, entry.Name()))
		require.NoError(t, err)
		assert.Equal(t, theirs, copied, entry.Name())
	}
}

func copyFile(from, into string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(into, content, 0o600)
}
