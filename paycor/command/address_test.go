package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A sign-in link created beside a server points to it, whatever its port, unless a
// flag names another address. Without a known address, the command says so.
func TestSignInLinkPointsToTheServer(t *testing.T) {
	p := serve(t, filepath.Join(t.TempDir(), "data"))
	leads := func(to string, flags ...string) (said string) {
		t.Helper()
		out, code := run(t, append([]string{"sign-in", "--data", p.data}, flags...)...)
		require.Zero(t, code, out)
		assert.Contains(t, out, "  "+to+"/sign-in?code=")
		return out
	}
	assert.NotContains(t, leads(p.address), "assumes")
	leads("http://localhost:1234", "--listen", "localhost:1234")
	leads("https://creds.example.com", "--public-url", "https://creds.example.com/", "--listen", "localhost:1234")
	noted := filepath.Join(p.data, "paycorcred.address")
	info, err := os.Stat(noted)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	p.stop()
	leads(p.address)

	for _, spoiled := range []string{"", "javascript:alert(1)", strings.Repeat("x", 100)} {
		require.NoError(t, os.WriteFile(noted, []byte(spoiled), 0o600))
		assert.Contains(t, leads("http://localhost:8080"), "the link assumes http://localhost:8080. Name another address with --listen or --public-url.")
	}
	require.NoError(t, os.Remove(noted))
	assert.Contains(t, leads("http://localhost:8080"), "assumes")
}
