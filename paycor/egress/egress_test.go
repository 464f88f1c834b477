package egress_test

import (
	"bytes"
	"encoding/pem"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/egress"
)

// environment is os.Getenv of an invented environment.
func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestProxyVariables(t *testing.T) {
	t.Parallel()
	const paycor = "https://apis.paycor.com/v1"
	tests := map[string]struct {
		variables map[string]string
		address   string
		want      string // through the proxy; empty for a direct connection
		key       string // of the mistake
	}{
		"none":                   {nil, paycor, "", ""},
		"HTTP":                   {map[string]string{"HTTPS_PROXY": "http://proxy.example:3128/"}, paycor, "http://proxy.example:3128/", ""},
		"without scheme":         {map[string]string{"https_proxy": " proxy.example:3128"}, paycor, "http://proxy.example:3128", ""},
		"lowercase counts first": {map[string]string{"https_proxy": "http://a.example", "HTTPS_PROXY": "http://b.example"}, paycor, "http://a.example", ""},
		"SOCKS5":                 {map[string]string{"HTTPS_PROXY": "socks5://ann:p%23@[2001:db8::1]:1080"}, paycor, "socks5://ann:p%23@[2001:db8::1]:1080", ""},
		"SOCKS5H for all":        {map[string]string{"ALL_PROXY": "socks5h://proxy.example"}, paycor, "socks5h://proxy.example", ""},
		"HTTPS for HTTP":         {map[string]string{"HTTP_PROXY": "https://proxy.example"}, "http://keys.example", "https://proxy.example", ""},
		"only for HTTP":          {map[string]string{"HTTP_PROXY": "https://proxy.example"}, paycor, "", ""},
		"an exception":           {map[string]string{"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": "example.org, .paycor.com"}, paycor, "", ""},
		"a network":              {map[string]string{"HTTPS_PROXY": "http://proxy.example", "no_proxy": "10.0.0.0/8"}, "https://10.1.2.3", "", ""},
		"loopback":               {map[string]string{"HTTP_PROXY": "http://proxy.example"}, "http://localhost:8080", "", ""},
		"an @ in the password":   {map[string]string{"HTTPS_PROXY": "http://ann:p@ss@proxy.example:3128"}, paycor, "http://ann:p%40ss@proxy.example:3128", ""},

		"a # in the password":        {map[string]string{"HTTPS_PROXY": "http://ann:canary#1@proxy.example:3128"}, paycor, "", "cli.proxy-malformed"},
		"a # after digits":           {map[string]string{"HTTPS_PROXY": "http://ann:12#canary@proxy.example:3128"}, paycor, "", "cli.proxy-malformed"},
		"a % in the password":        {map[string]string{"HTTPS_PROXY": "http://ann:canary%@proxy.example:3128"}, paycor, "", "cli.proxy-malformed"},
		"a / in the password":        {map[string]string{"HTTPS_PROXY": "http://ann:12/canary@proxy.example:3128"}, paycor, "", "cli.proxy-malformed"},
		"a ? in the password":        {map[string]string{"HTTPS_PROXY": "http://ann:12?canary@proxy.example:3128"}, paycor, "", "cli.proxy-malformed"},
		"quotes":                     {map[string]string{"HTTPS_PROXY": `"http://canary.example:3128"`}, paycor, "", "cli.proxy-malformed"},
		"quotes without scheme":      {map[string]string{"HTTPS_PROXY": `'canary.example'`}, paycor, "", "cli.proxy-malformed"},
		"a port that is none":        {map[string]string{"HTTPS_PROXY": "http://canary.example:99999"}, paycor, "", "cli.proxy-malformed"},
		"no host":                    {map[string]string{"HTTPS_PROXY": "http://:3128"}, paycor, "", "cli.proxy-malformed"},
		"SOCKS4":                     {map[string]string{"HTTPS_PROXY": "socks4://canary.example:1080"}, paycor, "", "cli.proxy-scheme"},
		"quotes around an exception": {map[string]string{"NO_PROXY": `"canary.example"`}, paycor, "", "cli.no-proxy-malformed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rule, mistakes := egress.Options{}.Rule(environment(test.variables))
			if test.key != "" {
				require.Len(t, mistakes, 1)
				assert.Equal(t, test.key, mistakes[0].Key)
				for variable := range test.variables {
					assert.Equal(t, []any{variable}, mistakes[0].Args, "names the variable and nothing else")
				}
				return
			}
			require.Empty(t, mistakes)
			address, err := url.Parse(test.address)
			require.NoError(t, err)
			if proxy := rule.ProxyFor(address); test.want == "" {
				assert.Nil(t, proxy)
			} else {
				assert.Equal(t, test.want, proxy.String())
			}
		})
	}
}

func TestLogHasNoPassword(t *testing.T) {
	t.Parallel()
	rule, mistakes := egress.Options{}.Rule(environment(map[string]string{"HTTPS_PROXY": "http://ann:canary@proxy.example:3128", "NO_PROXY": "paycor.example"}))
	require.Empty(t, mistakes)
	var log bytes.Buffer
	rule.Log(t.Context(), slog.New(slog.NewTextHandler(&log, nil)))
	assert.Contains(t, log.String(), "https_proxy=http://proxy.example:3128 no_proxy=paycor.example")
	assert.NotContains(t, log.String(), "canary")
	rule, _ = egress.Options{}.Rule(environment(nil))
	log.Reset()
	rule.Log(t.Context(), slog.New(slog.NewTextHandler(&log, nil)))
	assert.Empty(t, log.String())
}

func TestCAFile(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	der := server.Certificate().Raw
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	file := func(content []byte) string {
		path := filepath.Join(t.TempDir(), "ca")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	for name, content := range map[string][]byte{"PEM": text, "PEM with a mark": append([]byte("\xef\xbb\xbf"), text...), "PEM after words": append([]byte("Corporate CA\n"), text...), "DER": der} {
		rule, mistakes := egress.Options{CAFile: []string{file(content)}}.Rule(environment(nil))
		require.Empty(t, mistakes, name)
		transport := rule.Transport()
		transport.DisableKeepAlives = true
		request := httptest.NewRequest("GET", server.URL, nil)
		response, err := transport.RoundTrip(request)
		require.NoError(t, err, name)
		require.NoError(t, response.Body.Close())
	}
	_, err := (*egress.Rule)(nil).Transport().RoundTrip(httptest.NewRequest("GET", server.URL, nil))
	require.ErrorContains(t, err, "unknown authority")

	for name, test := range map[string]struct {
		files    []string
		replaced string
		key      string
	}{
		"missing":        {[]string{"/nowhere/ca"}, "", "cli.ca-unreadable"},
		"a directory":    {[]string{t.TempDir()}, "", "cli.ca-unreadable"},
		"no certificate": {[]string{file([]byte("-----BEGIN PRIVATE KEY-----"))}, "", "cli.ca-empty"},
		"SSL_CERT_FILE":  {nil, "/nowhere/ca", "cli.ca-unreadable"},
	} {
		_, mistakes := egress.Options{CAFile: test.files}.Rule(environment(map[string]string{"SSL_CERT_FILE": test.replaced}))
		require.Len(t, mistakes, 1, name)
		assert.Equal(t, test.key, mistakes[0].Key, name)
	}
}

func FuzzProxyVariable(f *testing.F) {
	for _, value := range []string{"http://ann:b@c:1", "socks5h://[::1]:1", "a", `"`, "http://a%"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		rule, mistakes := egress.Options{}.Rule(environment(map[string]string{"HTTPS_PROXY": value}))
		proxy := rule.ProxyFor(&url.URL{Scheme: "https", Host: "apis.paycor.com"})
		assert.True(t, proxy == nil || proxy.Hostname() != "", "%q", value)
		if len(mistakes) > 0 {
			assert.Nil(t, proxy, "an unreadable proxy is not used: %q", value)
		}
	})
}
