package web_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/testkit"
	"paycorcred/web"
)

func TestListenOptions(t *testing.T) {
	t.Parallel()
	cert, key := testkit.WriteCertificate(t, t.TempDir(), "first")
	const noSignIn, noTLS, noName = "cli.open-without-sign-in", "cli.open-without-tls", "cli.open-without-url"
	tests := map[string]struct {
		options web.ListenOptions
		signIn  bool
		wrong   []string // the key of each sentence; empty if the options are valid
		host    string
		secure  bool
	}{
		"loopback alone":                      {options: web.ListenOptions{Listen: "localhost:8080"}},
		"loopback with a sign-in":             {options: web.ListenOptions{Listen: "127.0.0.1:8080"}, signIn: true},
		"everywhere and nothing else":         {options: web.ListenOptions{Listen: "0.0.0.0:8080"}, wrong: []string{noSignIn, noTLS, noName}},
		"an empty host is everywhere":         {options: web.ListenOptions{Listen: ":8080"}, wrong: []string{noSignIn, noTLS, noName}},
		"everywhere with TLS, no sign-in":     {options: web.ListenOptions{Listen: ":443", TLSCert: cert, TLSKey: key, PublicURL: "https://creds.example.com"}, wrong: []string{noSignIn}},
		"everywhere with a sign-in, no TLS":   {options: web.ListenOptions{Listen: ":80", PublicURL: "https://creds.example.com"}, signIn: true, wrong: []string{"cli.public-url-no-tls", noTLS}},
		"everywhere with both":                {options: web.ListenOptions{Listen: ":443", TLSCert: cert, TLSKey: key, PublicURL: "https://Creds.example.com/"}, signIn: true, host: "creds.example.com", secure: true},
		"another port":                        {options: web.ListenOptions{Listen: ":8443", TLSCert: cert, TLSKey: key, PublicURL: "https://creds.example.com:8443"}, signIn: true, host: "creds.example.com:8443", secure: true},
		"the usual port, written out":         {options: web.ListenOptions{Listen: ":443", TLSCert: cert, TLSKey: key, PublicURL: "https://creds.example.com:443"}, signIn: true, host: "creds.example.com", secure: true},
		"behind a proxy":                      {options: web.ListenOptions{Listen: "10.0.0.9:8080", TrustedProxy: []string{"10.0.0.5"}, PublicURL: "https://creds.example.com"}, signIn: true, host: "creds.example.com", secure: true},
		"a proxy on this machine":             {options: web.ListenOptions{Listen: "localhost:8080", TrustedProxy: []string{"127.0.0.1", "::1"}, PublicURL: "https://creds.example.com"}, signIn: true, host: "creds.example.com", secure: true},
		"a proxy on this machine, no sign-in": {options: web.ListenOptions{Listen: "localhost:8080", TrustedProxy: []string{"127.0.0.1"}, PublicURL: "https://creds.example.com"}, wrong: []string{noSignIn}},
		"a public name without anything":      {options: web.ListenOptions{Listen: "localhost:8080", PublicURL: "http://creds.example.com"}, signIn: true, wrong: []string{"cli.public-url-secrets", noTLS}},
		"a proxy that is everybody":           {options: web.ListenOptions{Listen: "localhost:8080", TrustedProxy: []string{"0.0.0.0/0"}}, wrong: []string{"cli.trusted-proxy-all"}},
		"a proxy that is no address":          {options: web.ListenOptions{Listen: "localhost:8080", TrustedProxy: []string{"proxy.example"}}, wrong: []string{"cli.trusted-proxy-malformed"}},
		"a proxy with every IPv4 address":     {options: web.ListenOptions{Listen: "localhost:8080", TrustedProxy: []string{"::ffff:0:0/96"}}, wrong: []string{"cli.trusted-proxy-all"}},
		"a proxy with a netmask":              {options: web.ListenOptions{Listen: "localhost:8080", TrustedProxy: []string{"10.0.0.0/255.0.0.0"}}, wrong: []string{"cli.trusted-proxy-malformed"}},
		"a public IPv6 address":               {options: web.ListenOptions{Listen: "[::]:443", TLSCert: cert, TLSKey: key, PublicURL: "https://[2001:DB8:0::1]:443"}, signIn: true, host: "[2001:db8::1]", secure: true},
		"loopback by IPv6":                    {options: web.ListenOptions{Listen: "[0:0::1]:8080"}},
		"loopback as IPv4 in IPv6":            {options: web.ListenOptions{Listen: "[::ffff:127.0.0.1]:8080"}},
		"an IPv6 address with a zone":         {options: web.ListenOptions{Listen: "[fe80::1%eth0]:8080"}, wrong: []string{noSignIn, noTLS, noName}},
		"below a path":                        {options: web.ListenOptions{Listen: "localhost:8080", TrustedProxy: []string{"127.0.0.1"}, PublicURL: "https://apps.example.com/creds/"}, signIn: true, host: "apps.example.com", secure: true},
		"below a path with markup":            {options: web.ListenOptions{Listen: "localhost:8080", PublicURL: `https://creds.example.com/a"b`}, wrong: []string{"cli.public-url-malformed"}},
		"below a path with dots":              {options: web.ListenOptions{Listen: "localhost:8080", PublicURL: "https://creds.example.com/a/../b"}, wrong: []string{"cli.public-url-malformed"}},
		"below a path with two slashes":       {options: web.ListenOptions{Listen: "localhost:8080", PublicURL: "https://creds.example.com//b"}, wrong: []string{"cli.public-url-malformed"}},
		"a name alone":                        {options: web.ListenOptions{Listen: "localhost:8080", PublicURL: "creds.example.com"}, wrong: []string{"cli.public-url-malformed"}},
		"a certificate without key":           {options: web.ListenOptions{Listen: "localhost:8080", TLSCert: cert}, wrong: []string{"cli.tls-cert-alone"}},
		"a key without certificate":           {options: web.ListenOptions{Listen: "localhost:8080", TLSKey: key}, wrong: []string{"cli.tls-key-alone"}},
		"a certificate that is not there":     {options: web.ListenOptions{Listen: "localhost:8080", TLSCert: cert + "x", TLSKey: key}, wrong: []string{"cli.tls-unusable"}},
		"a key in the certificate's place":    {options: web.ListenOptions{Listen: "localhost:8080", TLSCert: key, TLSKey: cert}, wrong: []string{"cli.tls-unusable"}},
		"TLS on loopback":                     {options: web.ListenOptions{Listen: "localhost:8443", TLSCert: cert, TLSKey: key}, secure: true},
		"TLS and a public name without it":    {options: web.ListenOptions{Listen: "localhost:8443", TLSCert: cert, TLSKey: key, PublicURL: "http://localhost:8443"}, wrong: []string{"cli.public-url-http"}},
		"a Unix socket":                       {options: web.ListenOptions{Listen: "unix:/run/x.sock", TrustedProxy: []string{"127.0.0.1"}, PublicURL: "https://creds.example.com"}, signIn: true, host: "creds.example.com", secure: true},
		"a Unix socket without a public name": {options: web.ListenOptions{Listen: "unix:/run/x.sock"}, wrong: []string{"cli.listen-socket-url"}},
		"a Unix socket that is relative":      {options: web.ListenOptions{Listen: "unix:x.sock", PublicURL: "http://localhost"}, wrong: []string{"cli.listen-socket-path"}, host: "localhost"},
		"no port that there is":               {options: web.ListenOptions{Listen: "localhost:99999"}, wrong: []string{"cli.listen-malformed"}},
		"no address to listen on":             {options: web.ListenOptions{Listen: "8080"}, wrong: []string{"cli.listen-malformed"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			exposed, wrong := test.options.Check(test.signIn)
			require.Len(t, wrong, len(test.wrong), "%q", wrong)
			for i, key := range test.wrong {
				assert.Equal(t, key, wrong[i].Key)
			}
			if test.wrong == nil {
				assert.Equal(t, test.host, strings.Join(exposed.Hosts, " "))
				assert.Equal(t, test.secure, exposed.Secure)
			}
		})
	}
}

// A proxy that is trusted in one notation is trusted in all of them.
func TestTrustedProxyNotations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10.0.0.5": "10.0.0.5/32", " 10.1.2.3/8": "10.0.0.0/8", "::ffff:10.0.0.5": "10.0.0.5/32", "::ffff:a00:5": "10.0.0.5/32",
		"::ffff:10.0.0.0/104": "10.0.0.0/8", "[2001:DB8::5]": "2001:db8::5/128", "2001:db8:0:0::/64": "2001:db8::/64",
		"fe80::1%eth0": "fe80::1/128", "fe80::%eth0/64": "fe80::/64",
	} {
		settings, wrong := web.ListenOptions{Listen: "localhost:8080", TrustedProxy: []string{text}}.Check(true)
		assert.Empty(t, wrong, text)
		assert.Equal(t, []netip.Prefix{netip.MustParsePrefix(want)}, settings.TrustedProxies, text)
	}
}

func TestRenewedCertificateIsLoaded(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	cert, key := testkit.WriteCertificate(t, directory, "first")
	certificates, err := web.OpenCertificates(cert, key)
	require.NoError(t, err)
	clock := time.Now()
	web.SetCertificateClock(certificates, func() time.Time { return clock })
	server := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Second, TLSConfig: certificates.TLS()}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.ServeTLS(listener, "", "") }()
	t.Cleanup(func() { _ = server.Close() })
	served := func() string {
		connection, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}) //nolint:gosec // the test checks the certificate
		require.NoError(t, err)
		defer connection.Close()
		assert.Equal(t, "h2", connection.ConnectionState().NegotiatedProtocol)
		return connection.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	assert.Equal(t, "first", served())
	testkit.WriteCertificate(t, directory, "second")
	assert.Equal(t, "first", served(), "the files are not checked for every connection")
	clock = clock.Add(time.Minute)
	assert.Equal(t, "second", served())
	require.NoError(t, os.WriteFile(cert, []byte("half a file"), 0o600))
	clock = clock.Add(time.Minute)
	assert.Equal(t, "second", served(), "an unreadable one leaves the old one in use")
	testkit.WriteCertificate(t, directory, "third")
	clock = clock.Add(time.Minute)
	assert.Equal(t, "third", served())

	_, err = tls.Dial("tcp", listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}) //nolint:gosec // must be rejected
	assert.Error(t, err)
}

// A certificate that clients refuse does not replace one that they accept, whichever way it
// gets in.
func TestWorseCertificateIsNotTakenOver(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	cert, key := testkit.WriteCertificate(t, directory, "first")
	now := time.Now()
	check := func(o web.ListenOptions) *web.Certificates {
		o.Listen, o.TLSCert, o.TLSKey = "localhost:8080", cert, key
		settings, wrong := o.Check(true)
		require.Empty(t, wrong)
		web.SetCertificateClock(settings.Certificates, func() time.Time { return now })
		return settings.Certificates
	}
	certificates := check(web.ListenOptions{PublicURL: "https://localhost:8443"})
	assert.Zero(t, certificates.Unusable())
	testkit.WriteCertificate(t, directory, "second")
	now = now.Add(2 * time.Hour)
	require.NoError(t, certificates.Reload(), "neither is valid at this time")
	assert.Equal(t, "second", certificates.Leaf().Subject.CommonName)
	assert.Equal(t, "health.certificate-expired", certificates.Unusable().Key)
	now = now.Add(-2 * time.Hour)
	for offset, key := range map[time.Duration]string{2 * time.Hour: "health.certificate-expired", -2 * time.Hour: "health.certificate-early"} {
		testkit.WriteCertificateAt(t, directory, "other", now.Add(-offset))
		require.ErrorContains(t, certificates.Reload(), key)
		assert.Equal(t, "second", certificates.Leaf().Subject.CommonName)
	}

	testkit.WriteCertificate(t, directory, "third")
	other := check(web.ListenOptions{PublicURL: "https://creds.example.com"})
	assert.Equal(t, "health.certificate-name", other.Unusable().Key)
	behind := check(web.ListenOptions{PublicURL: "https://creds.example.com", TrustedProxy: []string{"10.0.0.1"}})
	assert.Zero(t, behind.Unusable(), "clients see the proxy's certificate")
}

func TestOnlyTrustedProxiesForward(t *testing.T) {
	t.Parallel()
	behind := func(proxy string) func(*web.Config) {
		return func(c *web.Config) {
			c.Secure, c.Hosts = true, []string{"creds.example.com"}
			c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(proxy), netip.MustParsePrefix("10.0.0.0/8")}
		}
	}
	host := header{"Host", "creds.example.com"}
	https := header{"X-Forwarded-Proto", "https"}
	tests := map[string]struct {
		proxy   string
		headers []header
		status  int
		from    string
	}{
		"through the proxy":                {"127.0.0.1/32", []header{https, {"X-Forwarded-For", "203.0.113.7"}}, 401, "203.0.113.7"},
		"a generated-up address before it": {"127.0.0.1/32", []header{https, {"X-Forwarded-For", "198.51.100.1, 203.0.113.7"}}, 401, "203.0.113.7"},
		"in two headers":                   {"127.0.0.1/32", []header{https, {"X-Forwarded-For", "198.51.100.1"}, {"X-Forwarded-For", "203.0.113.7"}}, 401, "203.0.113.7"},
		"through two proxies":              {"127.0.0.1/32", []header{https, {"X-Forwarded-For", "203.0.113.7, 10.1.2.3"}}, 401, "203.0.113.7"},
		"an address that is none":          {"127.0.0.1/32", []header{https, {"X-Forwarded-For", "203.0.113.7, unknown"}}, 401, "127.0.0.1"},
		"the proxy names nobody":           {"127.0.0.1/32", []header{https}, 401, "127.0.0.1"},
		"the proxy was asked without TLS":  {"127.0.0.1/32", []header{{"X-Forwarded-Proto", "http"}}, 421, "127.0.0.1"},
		"the proxy does not say":           {"127.0.0.1/32", nil, 421, "127.0.0.1"},
		"two answers":                      {"127.0.0.1/32", []header{https, {"X-Forwarded-Proto", "http"}}, 421, "127.0.0.1"},
		"two proxies, both with TLS":       {"127.0.0.1/32", []header{{"X-Forwarded-Proto", "https, HTTPS"}, {"X-Forwarded-Proto", "https"}}, 401, "127.0.0.1"},
		"two proxies, one without TLS":     {"127.0.0.1/32", []header{{"X-Forwarded-Proto", "https,http"}}, 421, "127.0.0.1"},
		"an empty scheme":                  {"127.0.0.1/32", []header{{"X-Forwarded-Proto", ", ,"}}, 421, "127.0.0.1"},
		"with a port":                      {"127.0.0.1/32", []header{https, {"X-Forwarded-For", "203.0.113.7:51234"}}, 401, "203.0.113.7"},
		"IPv6":                             {"127.0.0.1/32", []header{https, {"X-Forwarded-For", "2001:DB8:0::7"}}, 401, "2001:db8::7"},
		"IPv6 with a port":                 {"127.0.0.1/32", []header{https, {"X-Forwarded-For", "[2001:db8::7]:443"}}, 401, "2001:db8::7"},
		"IPv6 in brackets, with a zone":    {"127.0.0.1/32", []header{https, {"X-Forwarded-For", "[fe80::7%eth0]"}}, 401, "fe80::7"},
		"IPv4 in IPv6":                     {"127.0.0.1/32", []header{https, {"X-Forwarded-For", "::ffff:203.0.113.7, [::ffff:10.1.2.3]:80"}}, 401, "203.0.113.7"},
		"RFC 7239":                         {"127.0.0.1/32", []header{{"Forwarded", `for=198.51.100.1, for="[2001:db8::7]:443";proto=https, For=10.1.2.3;Proto=HTTPS;by=_x`}}, 401, "2001:db8::7"},
		"RFC 7239 without TLS":             {"127.0.0.1/32", []header{{"Forwarded", "for=203.0.113.7;proto=https, for=10.1.2.3;proto=http"}}, 421, "203.0.113.7"},
		"RFC 7239, the client's scheme":    {"127.0.0.1/32", []header{{"Forwarded", "proto=https"}, {"Forwarded", "for=203.0.113.7"}}, 421, "203.0.113.7"},
		"RFC 7239, a hidden client":        {"127.0.0.1/32", []header{{"Forwarded", "for=203.0.113.7, for=_hidden;proto=https"}}, 401, "127.0.0.1"},
		"RFC 7239, malformed":              {"127.0.0.1/32", []header{https, {"Forwarded", `for=203.0.113.7, for="203.0.113.9`}}, 401, "127.0.0.1"},
		"both headers agree":               {"127.0.0.1/32", []header{https, {"X-Forwarded-For", "203.0.113.7"}, {"Forwarded", "for=203.0.113.7"}}, 401, "203.0.113.7"},
		"both headers differ":              {"127.0.0.1/32", []header{https, {"X-Forwarded-For", "203.0.113.7"}, {"Forwarded", "for=198.51.100.1"}}, 401, "127.0.0.1"},
		"both headers differ about TLS":    {"127.0.0.1/32", []header{https, {"Forwarded", "proto=http"}}, 421, "127.0.0.1"},
		"past the proxy":                   {"192.0.2.1/32", []header{https, {"X-Forwarded-For", "203.0.113.7"}}, 421, "127.0.0.1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newTestServer(t, behind(test.proxy))
			got := h.send("GET", "/api/v1/environments", "", append(test.headers, host)...)
			assert.Equal(t, test.status, got.StatusCode, got.body)
			require.Len(t, h.access.denied, 1)
			assert.Equal(t, test.from, h.access.denied[0].From)
			if got.StatusCode == http.StatusMisdirectedRequest {
				assert.Equal(t, []string{"not_https"}, h.access.denials())
				assert.Regexp(t, "request refused.*X-Forwarded-Proto .*Forwarded", h.log.String())
			}
			assert.Equal(t, http.StatusOK, h.send("GET", "/healthz", "").StatusCode, "probes need no TLS")
		})
	}
	h := newTestServer(t)
	h.send("GET", "/api/v1/environments", "", header{"X-Forwarded-For", "203.0.113.7"})
	assert.Equal(t, "127.0.0.1", h.access.denied[0].From, "without trusted proxies the header is ignored")
}
