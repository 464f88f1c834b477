package command_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The key may be elsewhere than the database, for every command.
func TestKeyFile(t *testing.T) {
	data, file := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "creds.key")
	serve(t, data).stop()
	require.NoError(t, os.Rename(filepath.Join(data, "paycorcred.key"), file))
	text, code := run(t, "token", "create", "--data", data, "--key-file", file, "--name", "reader", "--rights", "view")
	assert.Zero(t, code, text)
	text, code = run(t, "doctor", "--data", data, "--key-file", file)
	assert.NotContains(t, text, "paycorcred.key", "%d", code)
	text, code = run(t, "migrate", "--data", data, "--key-file", file)
	assert.Zero(t, code, text)
	text, code = run(t, "token", "list", "--data", data)
	assert.NotZero(t, code)
	assert.Contains(t, text, filepath.Join(data, "paycorcred.key"), "the file that was expected")
}
