package command_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/command"
)

func TestDebugHandler(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdef0123"
	for name, test := range map[string]struct {
		token, host, authorization string
		status                     int
	}{
		"loopback":                   {"", "localhost:6060", "", 200},
		"loopback by address":        {"", "[::1]:6060", "", 200},
		"another name for this host": {"", "rebound.example:6060", "", 421},
		"no token":                   {secret, "localhost:6060", "", 401},
		"a wrong token":              {secret, "creds.example.com", "Bearer " + secret + "x", 401},
		"an empty token":             {secret, "creds.example.com", "Bearer ", 401},
		"the token":                  {secret, "creds.example.com", "Bearer " + secret, 200},
	} {
		for _, path := range []string{"/debug/", "/debug/pprof/", "/debug/pprof/goroutine?debug=1", "/debug/vars", "/debug/pprof/cmdline"} {
			request := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
			request.Host = test.host
			request.Header.Set("Authorization", test.authorization)
			recorder := httptest.NewRecorder()
			command.DebugHandler(test.token).ServeHTTP(recorder, request)
			want := test.status
			if path == "/debug/pprof/cmdline" && want == 200 {
				want = 404 // it would repeat the command line
			}
			assert.Equal(t, want, recorder.Code, "%s: %s", name, path)
			if path == "/debug/vars" && want == 200 {
				var figures map[string]any
				require.NoError(t, json.Unmarshal(recorder.Body.Bytes(), &figures))
				assert.Contains(t, figures, "memstats")
				assert.NotContains(t, figures, "cmdline")
			}
		}
	}
}

func TestDebugListener(t *testing.T) {
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--debug-listen", "127.0.0.1:0")
	at := regexp.MustCompile(`runtime figures are served" address=(http://127\.0\.0\.1:\d+/debug/)`).FindStringSubmatch(p.output.String())
	require.NotNil(t, at, "%s", p.output)
	answer, err := http.Get(at[1] + "pprof/goroutine?debug=1")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, 200, answer.StatusCode)
	p.ask(404, "GET", "/debug/pprof/", nil)
	p.stop()
	_, err = http.Get(at[1])
	require.Error(t, err, "it ends with the server")
}

func TestDebugListenerReportsProblems(t *testing.T) {
	short, long := filepath.Join(t.TempDir(), "short"), filepath.Join(t.TempDir(), "long")
	require.NoError(t, os.WriteFile(short, []byte("secret\n"), 0o600))
	require.NoError(t, os.WriteFile(long, []byte("0123456789abcdef0123\n"), 0o600))
	for says, flags := range map[string][]string{
		"no token protects it":           {"--debug-listen", "0.0.0.0:6060"},
		"without TLS":                    {"--debug-listen", ":6060", "--debug-token-file", long},
		"at least 20 characters":         {"--debug-listen", "localhost:6060", "--debug-token-file", short},
		"can’t be read: no such file":    {"--debug-listen", "localhost:6060", "--debug-token-file", short + "x"},
		`"6060" isn’t an address; write`: {"--debug-listen", "6060"},
	} {
		out, code := run(t, append([]string{"config", "check", "--data", t.TempDir()}, flags...)...)
		assert.Equal(t, 2, code, "%q: %s", flags, out)
		assert.Contains(t, out, says)
		assert.NotContains(t, out, "0123456789abcdef0123")
	}
}
