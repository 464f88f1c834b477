package command_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHostKey(t *testing.T) {
	t.Parallel()
	path, data := filepath.Join(t.TempDir(), "console.key"), t.TempDir()
	out, code := run(t, "host", "key", path)
	require.Zero(t, code, out)
	assert.Contains(t, out, "-----BEGIN PUBLIC KEY-----")
	assert.NotContains(t, out, "PRIVATE")
	assert.Contains(t, out, "--key "+path+".pub")
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.EqualValues(t, 0o600, info.Mode().Perm())
	private, err := os.ReadFile(path)
	require.NoError(t, err)

	out, code = run(t, "host", "key", path)
	assert.NotZero(t, code)
	assert.Contains(t, out, "exists already")
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, private, again)

	out, code = run(t, "host", "add", "--data", data, "--name", "Console", "--origin", "http://console.localhost:3000", "--key", path)
	assert.NotZero(t, code)
	assert.Contains(t, out, "private")
	out, code = run(t, "host", "add", "--data", data, "--id", "console", "--name", "Console", "--origin", "http://console.localhost:3000", "--key", path+".pub")
	require.Zero(t, code, out)
	out, code = run(t, "host", "token", "console", "--key", path, "--origin", "http://console.localhost:3000")
	require.Zero(t, code, out)
	assert.Regexp(t, `^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$`, out)
	out, code = run(t, "host", "token", "console", "--key", path+".pub", "--origin", "http://console.localhost:3000")
	assert.NotZero(t, code)
	assert.Contains(t, out, "isn’t a private key")
}
