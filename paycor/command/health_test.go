package command_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/testkit"
)

// shortDir returns a temporary directory whose path is short enough for a Unix socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pcc")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}

func TestHealthFindsTheServer(t *testing.T) {
	cert, key := testkit.WriteCertificate(t, t.TempDir(), "localhost")
	socket := filepath.Join(shortDir(t), "s")
	for name, test := range map[string]struct {
		flags []string
		at    string
	}{
		"TCP":         {nil, "http://127.0.0.1:"},
		"TLS":         {[]string{"--tls-cert", cert, "--tls-key", key}, "https://127.0.0.1:"},
		"Unix socket": {[]string{"--listen", "unix:" + socket, "--public-url", "http://localhost:1"}, "http+unix:" + socket},
	} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, filepath.Join(t.TempDir(), "data"), test.flags...)
			text, err := os.ReadFile(filepath.Join(p.data, "paycorcred.listen"))
			require.NoError(t, err)
			assert.Contains(t, string(text), test.at)
			out, code := run(t, "health", "--data", p.data)
			assert.Zero(t, code, out)
			assert.Equal(t, "The server is ready.\n", out)
			p.stop()
			out, code = run(t, "health", "--data", p.data)
			assert.Equal(t, 1, code, out)
			assert.Contains(t, out, "didn’t answer")
		})
	}
}

func TestHealthOfAServerThatIsNotReady(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/readyz", r.URL.Path)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	out, code := run(t, "health", "--address", server.URL)
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "The server at "+server.URL+" runs and isn’t ready: it answered with 503.")

	out, code = run(t, "health", "--data", t.TempDir())
	assert.Equal(t, 2, code)
	assert.Contains(t, out, "No server has been started")
	for _, address := range []string{"localhost:8080", "unix:", "ftp://localhost", "+unix:/run/x"} {
		out, code = run(t, "health", "--address", address)
		assert.Equal(t, 2, code, address)
		assert.Contains(t, out, "isn’t an address")
	}
}
