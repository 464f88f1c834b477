package e2e_test

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// A wrong configuration is reported completely before anything starts.
func TestConfigurationErrorsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a-file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	cases := []struct {
		name      string
		variables []string
		arguments []string
		says      []string
	}{
		{"everything wrong", nil,
			[]string{"serve", "--listen", "0.0.0.0:0", "--data", file, "--environment", "Nonsense", "--environment", "plain=http://example.com"},
			[]string{"open to other machines", "is a file", `"Nonsense" isn’t an environment`, "plain http"}},
		{"by variables", []string{"PAYCORCRED_LISTEN=192.0.2.1:80", "PAYCORCRED_ENVIRONMENT=Nonsense"},
			[]string{"serve", "--data", t.TempDir()}, []string{"192.0.2.1:80", `"Nonsense" isn’t an environment`}},
		{"all interfaces", nil, []string{"serve", "--listen", ":0", "--data", t.TempDir()}, []string{"open to other machines"}},
		{"no port", nil, []string{"serve", "--listen", "localhost", "--data", t.TempDir()}, []string{"write HOST:PORT"}},
		{"token", nil, []string{"token", "create", "--data", t.TempDir(), "--name", " ", "--rights", "everything", "--lifetime=-1h"},
			[]string{"--name is missing", "--rights:", "--lifetime is negative"}},
		{"unknown flag", nil, []string{"serve", "--port", "80"}, []string{"--port", "--help"}},
		{"no command", nil, nil, []string{"serve"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := command(t, c.variables, c.arguments...)
			assert.Equal(t, 2, got.code)
			for _, words := range c.says {
				assert.Contains(t, got.out+got.err, words)
			}
			assert.NotContains(t, got.out, "sign-in")
		})
	}
}

func TestAPortInUseIsSaid(t *testing.T) {
	t.Parallel()
	p := start(t)
	host := strings.TrimPrefix(p.address, "http://")
	got := command(t, nil, "serve", "--listen", host, "--data", t.TempDir())
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, "another program uses this port")
	assert.Contains(t, got.err, "--listen")
}

// A token created while the server runs works at once. Nothing else goes to
// stdout.
func TestATokenIsMadeWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	p := start(t)
	made := command(t, nil, "token", "create", "--data", p.data, "--name", "reader")
	require.Zero(t, made.code, made.err)
	token := strings.TrimSpace(made.out)
	assert.Equal(t, token+"\n", made.out, "nothing but the token is printed")
	assert.Len(t, strings.Fields(made.out), 1)
	reader := map[string]string{"Authorization": "Bearer " + token}
	assert.Equal(t, http.StatusOK, p.do(ask{Method: "GET", Path: "/api/v1/credentials", Header: reader}).Status)
	refused := p.do(ask{Method: "POST", Path: "/api/v1/credentials", Header: reader, Body: sample(t, paycortest.SunriseBakery).body(t)})
	assert.Equal(t, http.StatusForbidden, refused.Status, "a token without the right to edit")
	assert.Empty(t, p.names())

	short := p.newToken("--rights", "view", "--lifetime", "5s")
	assert.Eventually(t, func() bool {
		return p.do(ask{Method: "GET", Path: "/api/v1/credentials", Header: map[string]string{"Authorization": "Bearer " + short}}).Status == http.StatusUnauthorized
	}, timeout, 100*time.Millisecond, "an expired token")
}

// A sign-in link works once. The command creates another one.
func TestASignInLinkWorksOnce(t *testing.T) {
	t.Parallel()
	p := start(t)
	path := strings.TrimPrefix(p.link, p.address)
	assert.Equal(t, http.StatusOK, p.do(ask{Method: "HEAD", Path: path}).Status, "a look ahead does not use it up")
	first := p.do(ask{Method: "GET", Path: path})
	assert.Equal(t, http.StatusSeeOther, first.Status)
	cookie := first.Header.Get("Set-Cookie")
	for _, part := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		assert.Contains(t, cookie, part)
	}
	assert.Equal(t, "no-store", first.Header.Get("Cache-Control"))
	again := p.do(ask{Method: "GET", Path: path})
	assert.Equal(t, http.StatusForbidden, again.Status)
	assert.Empty(t, again.Header.Get("Set-Cookie"))
	assert.Contains(t, string(again.Body), "already used")

	link := newLink(t, p)
	assert.Equal(t, http.StatusSeeOther, p.do(ask{Method: "GET", Path: strings.TrimPrefix(link, p.address)}).Status)
}

// The server shuts down in order, even with an open page and a pending request
// to Paycor.
func TestTheServerStopsWhileItIsUsed(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	p.addFault(fault{Kind: paycortest.Hang})

	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", p.address+"/api/v1/events", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", p.bearer()["Authorization"])
	events, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	defer events.Body.Close()
	line, err := bufio.NewReader(events.Body).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "retry")

	before := p.counts()
	verified := make(chan struct{})
	go func() {
		defer close(verified)
		_, _ = p.try(ctx, ask{Method: "POST", Path: "/api/v1/credentials/" + saved.ID + "/verify", Header: p.bearer()})
	}()
	for same(before, p.counts()) { // until the verification has reached Paycor
		require.NoError(t, ctx.Err())
	}

	begin := time.Now()
	require.NoError(t, p.command.Process.Signal(syscall.SIGTERM))
	p.wait()
	<-verified
	assert.Less(t, time.Since(begin), 12*time.Second, "it drains for ten seconds at most")
	assert.Zero(t, p.command.ProcessState.ExitCode())
}

func same(a, b map[string]any) bool { return assert.ObjectsAreEqual(a, b) }

// A restart on the same data keeps everything, secrets included.
func TestASecondStartKeepsTheCredentials(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "")
	token := p.token
	p.stop()
	p.restart()
	p.token = token
	assert.Equal(t, []string{"Sunrise Bakery"}, p.names(), "with a token of the first run")
	got := p.api("POST", "/credentials/"+saved.ID+"/verify", nil)
	assert.Contains(t, string(got.Body), `"verified"`, "the stored secrets still open")
	for _, name := range []string{"paycorcred.db", "paycorcred.key"} {
		info, err := os.Stat(filepath.Join(p.data, name))
		require.NoError(t, err)
		assert.Zero(t, info.Mode().Perm()&0o077, "%s is for its owner alone", name)
	}
}

// The server does not start with a wrong or missing key file, and the error
// names the file.
func TestAWrongKeyFileStopsTheStart(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(t *testing.T, path string){
		"missing": func(t *testing.T, path string) { require.NoError(t, os.Remove(path)) },
		"another's": func(t *testing.T, path string) {
			other := start(t)
			key, err := os.ReadFile(filepath.Join(other.data, "paycorcred.key"))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, key, 0o600))
		},
		"damaged": func(t *testing.T, path string) { require.NoError(t, os.WriteFile(path, []byte("not a key"), 0o600)) },
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t)
			p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
			p.stop()
			path := filepath.Join(p.data, "paycorcred.key")
			harm(t, path)
			got := command(t, nil, "serve", "--listen", "localhost:0", "--data", p.data)
			assert.Equal(t, 1, got.code)
			assert.Contains(t, got.err, path)
			assert.NotContains(t, got.out, "sign-in")
		})
	}
}

func TestVersionAndHelp(t *testing.T) {
	t.Parallel()
	help := command(t, nil, "--help")
	assert.Zero(t, help.code)
	for _, word := range []string{"serve", "sign-in", "token", "simulator"} {
		assert.Contains(t, help.out, word)
	}
	assert.Zero(t, command(t, nil, "--version").code)
	variables := command(t, nil, "serve", "--help")
	for _, name := range []string{"PAYCORCRED_LISTEN", "PAYCORCRED_DATA", "PAYCORCRED_SIMULATOR", "PAYCORCRED_ENVIRONMENT",
		"Default: paycorcred-data", "Default: localhost:8080", "Default: 1h", "Default: 12h", "Default: 1000"} {
		assert.Contains(t, variables.out, name)
	}
}
