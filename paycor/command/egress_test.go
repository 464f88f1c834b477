package command_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
)

// elsewhere is an address of this machine that is not taken for one: no proxy is used for
// loopback addresses.
const elsewhere = "0.0.0.0"

// Verifications and calls reach Paycor through the proxies that companies have, and only
// through them.
func TestEgress(t *testing.T) {
	authority, corporate := testkit.NewAuthority(t), testkit.NewAuthority(t)
	simulator := paycortest.New(paycortest.Config{RatePerMinute: -1})
	defer simulator.Close()
	target := httptest.NewUnstartedServer(simulator)
	target.TLS = &tls.Config{Certificates: []tls.Certificate{authority.Certificate(elsewhere)}}
	target.StartTLS()
	defer target.Close()
	_, port, _ := net.SplitHostPort(target.Listener.Addr().String())
	environment := "test=https://" + net.JoinHostPort(elsewhere, port)

	basic, withPassword := startTinyproxy(t, "", ""), startTinyproxy(t, "ann", "canary-1")
	socks, socksWithPassword := startMicrosocks(t, "", ""), startMicrosocks(t, "ann", "canary#2")
	tests := map[string]struct {
		proxy     string // with %s for the address
		behind    string // the proxy's address
		exception string
		ca        *testkit.Authority
		blocked   bool
	}{
		"HTTP":                          {proxy: "http://%s", behind: basic},
		"HTTP, without scheme":          {proxy: "%s", behind: basic},
		"HTTP with a password":          {proxy: "http://ann:canary-1@%s", behind: withPassword},
		"HTTP with another password":    {proxy: "http://ann:wrong@%s", behind: withPassword, blocked: true},
		"SOCKS5":                        {proxy: "socks5://%s", behind: socks},
		"SOCKS5H":                       {proxy: "socks5h://%s", behind: socks},
		"SOCKS5 with a password":        {proxy: "socks5://ann:canary%%232@%s", behind: socksWithPassword},
		"SOCKS5H without the password":  {proxy: "socks5h://%s", behind: socksWithPassword, blocked: true},
		"one that inspects TLS":         {proxy: "http://%s", behind: startInspector(t, corporate, authority), ca: corporate},
		"an exception, a dead proxy":    {proxy: "http://%s", behind: "127.0.0.1:1", exception: "example.com," + elsewhere},
		"an exception, a dead SOCKS5":   {proxy: "socks5://%s", behind: "127.0.0.1:1", exception: "0.0.0.0/32"},
		"one that is not there":         {proxy: "http://%s", behind: "127.0.0.1:1", blocked: true},
		"a SOCKS5 one that isn't there": {proxy: "socks5h://%s", behind: "127.0.0.1:1", blocked: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			relay, opened := testkit.NewRelay(t, test.behind)
			t.Setenv("HTTPS_PROXY", fmt.Sprintf(test.proxy, relay))
			t.Setenv("NO_PROXY", test.exception)
			ca := authority
			if test.ca != nil {
				ca = test.ca
			}
			p := serve(t, filepath.Join(t.TempDir(), "data"), "--environment", environment, "--ca-file", ca.File())
			defer p.stop()
			assert.Contains(t, p.output.String(), relay)
			assert.NotContains(t, p.output.String(), "canary")
			bakery := simulator.Lookup(paycortest.SunriseBakery).Details()
			id := p.create(bakery)
			state := p.ask(200, "GET", "/api/v1/credentials/"+id, nil)
			call := fmt.Sprintf("/api/v1/credentials/%s/paycor/v1/legalentities/%d", id, bakery.Entities[0].ID)
			if test.blocked {
				assert.Contains(t, state, `"outcome":"unreachable"`)
				assert.Contains(t, p.ask(502, "GET", call, nil), `"code":`)
				return
			}
			assert.Contains(t, state, `"outcome":"verified"`)
			before := opened.Load()
			assert.Contains(t, p.ask(200, "GET", call, nil), strconv.Itoa(bakery.Entities[0].ID))
			if test.exception != "" {
				assert.Zero(t, opened.Load(), "nothing goes through the proxy")
				return
			}
			assert.NotZero(t, before, "the verification goes through the proxy")
			assert.Greater(t, opened.Load(), before, "and the call")
		})
	}
}

// A proxy variable that cannot be read stops the server, which would go out directly
// otherwise.
func TestUnreadableProxyVariable(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://ann:canary#1@proxy.example:3128")
	t.Setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
	out, code := run(t, "serve", "--data", filepath.Join(t.TempDir(), "data"))
	assert.NotZero(t, code)
	assert.Contains(t, out, "HTTPS_PROXY")
	assert.Contains(t, out, "SSL_CERT_FILE")
	assert.NotContains(t, out, "canary")
}

// installed returns the path of a program that make tools installs.
func installed(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	require.NoError(t, err, "%s is missing: run make tools", name)
	return path
}

// freePort returns a loopback address that was free a moment ago.
func freePort(t *testing.T) (address, port string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	_, port, err = net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return listener.Addr().String(), port
}

// start runs a program in the foreground until the test ends, and waits until it listens.
func start(t *testing.T, address, name string, arguments ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, installed(t, name), arguments...)
	log := &testkit.Output{}
	command.Stdout, command.Stderr = log, log
	require.NoError(t, command.Start())
	t.Cleanup(func() { cancel(); _ = command.Wait() })
	require.Eventually(t, func() bool {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, time.Minute, 20*time.Millisecond, "%s: %s", name, log)
}

// startTinyproxy starts Debian's HTTP proxy and returns its address.
func startTinyproxy(t *testing.T, user, password string) string {
	t.Helper()
	address, port := freePort(t)
	text := "Port " + port + "\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\n"
	if user != "" {
		text += "BasicAuth " + user + " " + password + "\n"
	}
	path := filepath.Join(t.TempDir(), "tinyproxy.conf")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	start(t, address, "tinyproxy", "-d", "-c", path)
	return address
}

// startMicrosocks starts Debian's SOCKS5 proxy and returns its address.
func startMicrosocks(t *testing.T, user, password string) string {
	t.Helper()
	address, port := freePort(t)
	arguments := []string{"-i", "127.0.0.1", "-p", port}
	if user != "" {
		arguments = append(arguments, "-u", user, "-P", password)
	}
	start(t, address, "microsocks", arguments...)
	return address
}

// startInspector starts an HTTP proxy that opens TLS connections with certificates of its
// own authority, as those of companies do.
func startInspector(t *testing.T, own, trusted *testkit.Authority) string {
	t.Helper()
	certificate := own.Certificate(elsewhere)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		there, err := tls.Dial("tcp", r.Host, &tls.Config{RootCAs: trusted.Pool(), ServerName: strings.Split(r.Host, ":")[0]})
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusOK)
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		inspected := tls.Server(here, &tls.Config{Certificates: []tls.Certificate{certificate}})
		go func() { _, _ = io.Copy(inspected, there); _ = inspected.Close() }()
		_, _ = io.Copy(there, inspected)
		_ = there.Close()
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}
