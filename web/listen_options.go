package web

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/message"
)

// ListenOptions are the flags for how clients reach the server.
type ListenOptions struct {
	Listen       string   `help:"cli.help.listen" default:"localhost:8080" placeholder:"ADDR"`
	PublicURL    string   `name:"public-url" help:"cli.help.public-url" placeholder:"URL"`
	TLSCert      string   `name:"tls-cert" help:"cli.help.tls-cert" placeholder:"FILE"`
	TLSKey       string   `name:"tls-key" help:"cli.help.tls-key" placeholder:"FILE"`
	TrustedProxy []string `name:"trusted-proxy" help:"cli.help.trusted-proxy" placeholder:"CIDR"`
}

// ListenSettings are validated ListenOptions.
type ListenSettings struct {
	Hosts          []string       // for Config
	Secure         bool           // for Config
	TrustedProxies []netip.Prefix // for Config
	Certificates   *Certificates  // nil without TLS of our own
	Origin         string         // of --public-url; empty without it
	Base           string         // path of --public-url, without a slash at its end
}

// Check validates the options and returns a message for each mistake. signIn
// reports whether people can sign in other than by a one-time link.
func (o ListenOptions) Check(signIn bool) (settings ListenSettings, mistakes []message.Message) {
	report := func(key string, args ...any) {
		mistakes = append(mistakes, message.New(key, args...))
	}
	reason := message.Message{} // why other machines can reach the server; empty if they cannot
	if path, is := SocketPath(o.Listen); is {
		o.checkSocket(path, report)
	} else if host, _, err := SplitAddress(o.Listen); err != nil {
		report("cli.listen-malformed", o.Listen)
	} else if !paycor.Loopback(host) {
		reason = message.New("cli.listen-open", o.Listen)
	}
	isPublic := o.checkPublicURL(&settings, report)
	if isPublic && reason.IsZero() {
		reason = message.New("cli.public-url-open", o.PublicURL)
	}
	o.checkProxies(&settings, report)
	o.checkTLS(&settings, report)
	if reason.IsZero() {
		return settings, mistakes
	}
	if !signIn {
		report("cli.open-without-sign-in", reason)
	}
	if settings.Certificates == nil && len(o.TrustedProxy) == 0 && o.TLSCert == "" {
		report("cli.open-without-tls", reason)
	}
	if o.PublicURL == "" {
		report("cli.open-without-url", reason)
	}
	return settings, mistakes
}

// checkSocket validates the Unix socket of --listen. Only its owner and its group can
// connect, so it is not open to other machines by itself.
func (o ListenOptions) checkSocket(path string, report func(string, ...any)) {
	if !filepath.IsAbs(path) {
		report("cli.listen-socket-path", o.Listen)
	}
	if o.PublicURL == "" {
		report("cli.listen-socket-url", o.Listen)
	}
}

// checkProxies validates --trusted-proxy.
func (o ListenOptions) checkProxies(settings *ListenSettings, report func(string, ...any)) {
	for _, text := range o.TrustedProxy {
		prefix, ok := parseProxy(text)
		switch {
		case !ok:
			report("cli.trusted-proxy-malformed", text)
		case prefix.Bits() == 0:
			report("cli.trusted-proxy-all", text)
		default:
			settings.TrustedProxies = append(settings.TrustedProxies, prefix.Masked())
		}
	}
}

// parseProxy parses an address or a range as requests are compared with it: an IPv6
// notation of IPv4 addresses as those, without a zone.
func parseProxy(text string) (netip.Prefix, bool) {
	text, bits, isRange := strings.Cut(strings.TrimSpace(text), "/")
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		return netip.Prefix{}, false
	}
	if !isRange {
		bits = strconv.Itoa(address.BitLen())
	}
	prefix, err := netip.ParsePrefix(address.WithZone("").String() + "/" + bits)
	if mapped := prefix.Bits() - 96; err == nil && address.Is4In6() && mapped >= 0 {
		prefix = netip.PrefixFrom(address.Unmap(), mapped)
	}
	return prefix, err == nil
}

// checkPublicURL validates --public-url and reports whether other machines can
// use it.
func (o ListenOptions) checkPublicURL(settings *ListenSettings, report func(string, ...any)) bool {
	if o.PublicURL == "" {
		return false
	}
	address, err := url.Parse(o.PublicURL)
	if err != nil || address.Host == "" || address.Hostname() == "" || address.RawQuery != "" || address.Fragment != "" || address.User != nil {
		report("cli.public-url-malformed", o.PublicURL)
		return false
	}
	isPublic := !paycor.Loopback(address.Hostname())
	switch {
	case address.Scheme != "https" && address.Scheme != "http":
		report("cli.public-url-scheme", o.PublicURL)
	case address.Scheme == "http" && isPublic:
		report("cli.public-url-secrets", o.PublicURL)
	}
	host, ok := canonicalHost(address.Host, address.Scheme == "https")
	if !ok {
		report("cli.public-url-malformed", o.PublicURL)
		return false
	}
	if settings.Base = strings.TrimRight(address.Path, "/"); settings.Base != "" && !basePath.MatchString(settings.Base) {
		report("cli.public-url-malformed", o.PublicURL)
		return false
	}
	settings.Hosts, settings.Secure, settings.Origin = []string{host}, address.Scheme == "https", address.Scheme+"://"+host
	return isPublic
}

// basePath is a path that needs no encoding, in a URL or in HTML. No segment starts with a
// dot.
var basePath = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$`)

// checkTLS validates --tls-cert and --tls-key.
func (o ListenOptions) checkTLS(settings *ListenSettings, report func(string, ...any)) {
	switch {
	case o.TLSCert == "" && o.TLSKey == "":
		if settings.Secure && len(o.TrustedProxy) == 0 {
			report("cli.public-url-no-tls", o.PublicURL)
		}
		return
	case o.TLSCert == "":
		report("cli.tls-key-alone")
		return
	case o.TLSKey == "":
		report("cli.tls-cert-alone")
		return
	}
	certificates, err := OpenCertificates(o.TLSCert, o.TLSKey)
	if err != nil {
		report("cli.tls-unusable", message.Of(err))
		return
	}
	if o.PublicURL != "" && !settings.Secure {
		report("cli.public-url-http", o.PublicURL)
	}
	certificates.Name = o.CertificateName()
	settings.Certificates, settings.Secure = certificates, true
}

// CertificateName returns the host that the server's own certificate must be for, or "" if a
// proxy in front has the certificate that clients see.
func (o ListenOptions) CertificateName() string {
	address, err := url.Parse(o.PublicURL)
	if err != nil || len(o.TrustedProxy) > 0 {
		return ""
	}
	return address.Hostname()
}

// URL returns the address to open in a browser. Without --public-url it has the
// host that the operator wrote and the port of the listener.
func (s ListenSettings) URL(listen string, listener net.Listener) string {
	if s.Origin != "" {
		return s.Origin + s.Base
	}
	host, _, _ := net.SplitHostPort(listen) // valid: Listen succeeded
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return scheme(s.Secure) + "://" + net.JoinHostPort(host, port)
}

// Serve serves a listener, with TLS if a certificate is configured.
func (s ListenSettings) Serve(server *http.Server, listener net.Listener) error {
	if s.Certificates == nil {
		return server.Serve(listener)
	}
	return server.ServeTLS(listener, "", "")
}

// ConfigureTLS sets a server's TLS configuration. Call it before Serve.
func (s ListenSettings) ConfigureTLS(server *http.Server, logger *slog.Logger) {
	if s.Certificates != nil {
		s.Certificates.Logger = logger
		server.TLSConfig = s.Certificates.TLS()
	}
}

// PrintSignIn prints where people sign in and which URIs the operator has to
// register at the provider.
func PrintSignIn(out io.Writer, c *locale.Catalogue, address string, provider Provider) {
	fmt.Fprintf(out, "%s\n\n  %s\n\n%s\n\n"+
		"  redirect URI                 %s%s\n  post-logout redirect URI     %s%s\n  back-channel logout URI      %s%s\n\n",
		c.Text("cli.people-sign-in", provider.Name()), address, c.Text("cli.register-addresses"), address, SignInCallback, address, SignInPath, address, BackChannelLogout)
}
