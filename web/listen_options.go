package web

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"paycorcred/paycor"
)

// ListenOptions are the flags for how clients reach the server.
type ListenOptions struct {
	Listen       string   `help:"Address to listen on. One beyond this machine needs a sign-in (--oidc-issuer), --public-url, and either TLS or a proxy that ends it." default:"localhost:8080" placeholder:"ADDR"`
	PublicURL    string   `name:"public-url" help:"The address under which people open this server, such as https://creds.example.com. Requests for another name are refused." placeholder:"URL"`
	TLSCert      string   `name:"tls-cert" help:"File with the TLS certificate and its chain, in PEM. A renewed file is taken without a restart." placeholder:"FILE"`
	TLSKey       string   `name:"tls-key" help:"File with the key of the TLS certificate, in PEM." placeholder:"FILE"`
	TrustedProxy []string `name:"trusted-proxy" help:"Address, or network in CIDR form, of a proxy that ends TLS before this server. Repeatable. X-Forwarded-For and X-Forwarded-Proto are believed from there alone." placeholder:"CIDR"`
}

// ListenSettings are validated ListenOptions.
type ListenSettings struct {
	Hosts          []string       // for Config
	Secure         bool           // for Config
	TrustedProxies []netip.Prefix // for Config
	Certificates   *Certificates  // nil without TLS of our own
	Origin         string         // of --public-url; empty without it
}

// Check validates the options and returns a sentence for each mistake. signIn
// tells whether people can sign in other than by a one-time link.
func (o ListenOptions) Check(signIn bool) (settings ListenSettings, mistakes []string) {
	report := func(format string, arguments ...any) {
		mistakes = append(mistakes, fmt.Sprintf(format, arguments...))
	}
	exposure := "" // why other machines can reach the server; empty if they cannot
	if host, _, err := net.SplitHostPort(o.Listen); err != nil {
		report("--listen %q is no address; write HOST:PORT, such as localhost:8080", o.Listen)
	} else if !paycor.Loopback(host) {
		exposure = fmt.Sprintf("--listen %q is open to other machines", o.Listen)
	}
	isPublic := o.checkPublicURL(&settings, report)
	if isPublic && exposure == "" {
		exposure = fmt.Sprintf("--public-url %q lets other machines in", o.PublicURL)
	}
	o.checkProxies(&settings, report)
	o.checkTLS(&settings, report)
	if exposure == "" {
		return settings, mistakes
	}
	if !signIn {
		report("%s, and no sign-in is configured; name a provider with --oidc-issuer, or use localhost or 127.0.0.1 as the host", exposure)
	}
	if settings.Certificates == nil && len(o.TrustedProxy) == 0 && o.TLSCert == "" {
		report("%s without TLS; name a certificate with --tls-cert and --tls-key, or the proxy that ends TLS with --trusted-proxy", exposure)
	}
	if o.PublicURL == "" {
		report("%s, and nobody said under which name; write the address people open with --public-url https://…", exposure)
	}
	return settings, mistakes
}

// checkProxies validates --trusted-proxy.
func (o ListenOptions) checkProxies(settings *ListenSettings, report func(string, ...any)) {
	for _, text := range o.TrustedProxy {
		prefix, err := netip.ParsePrefix(text)
		if address, addressErr := netip.ParseAddr(text); err != nil && addressErr == nil {
			prefix, err = address.Prefix(address.BitLen())
		}
		switch {
		case err != nil:
			report("--trusted-proxy %q is no address; write the proxy's, such as 10.0.0.5, or its network, such as 10.0.0.0/24", text)
		case prefix.Bits() == 0:
			report("--trusted-proxy %q trusts everybody; name the proxy's own address", text)
		default:
			settings.TrustedProxies = append(settings.TrustedProxies, prefix.Masked())
		}
	}
}

// checkPublicURL validates --public-url and reports whether other machines can
// use it.
func (o ListenOptions) checkPublicURL(settings *ListenSettings, report func(string, ...any)) bool {
	if o.PublicURL == "" {
		return false
	}
	address, err := url.Parse(o.PublicURL)
	if err != nil || address.Host == "" || address.Hostname() == "" || strings.Trim(address.Path, "/") != "" || address.RawQuery != "" || address.Fragment != "" || address.User != nil {
		report("--public-url %q is no address of a server; write only scheme and name, such as https://creds.example.com", o.PublicURL)
		return false
	}
	isPublic := !paycor.Loopback(address.Hostname())
	switch {
	case address.Scheme != "https" && address.Scheme != "http":
		report("--public-url %q has to begin with https://", o.PublicURL)
	case address.Scheme == "http" && isPublic:
		report("--public-url %q has to begin with https://, because secrets are entered there", o.PublicURL)
	}
	host := strings.ToLower(address.Host)
	if port := address.Port(); port == "443" && address.Scheme == "https" || port == "80" && address.Scheme == "http" {
		host = strings.TrimSuffix(host, ":"+port) // browsers leave it out
	}
	settings.Hosts, settings.Secure, settings.Origin = []string{host}, address.Scheme == "https", address.Scheme+"://"+host
	return isPublic
}

// checkTLS validates --tls-cert and --tls-key.
func (o ListenOptions) checkTLS(settings *ListenSettings, report func(string, ...any)) {
	switch {
	case o.TLSCert == "" && o.TLSKey == "":
		if settings.Secure && len(o.TrustedProxy) == 0 {
			report("--public-url %q begins with https://, and nothing ends TLS; name a certificate with --tls-cert and --tls-key, or the proxy that ends TLS with --trusted-proxy", o.PublicURL)
		}
		return
	case o.TLSCert == "":
		report("--tls-key is given without --tls-cert; name the file with the certificate too")
		return
	case o.TLSKey == "":
		report("--tls-cert is given without --tls-key; name the file with its key too")
		return
	}
	certificates, err := OpenCertificates(o.TLSCert, o.TLSKey)
	if err != nil {
		report("--tls-cert and --tls-key: %v", err)
		return
	}
	if o.PublicURL != "" && !settings.Secure {
		report("--public-url %q begins with http://, and the server speaks TLS; write https://", o.PublicURL)
	}
	settings.Certificates, settings.Secure = certificates, true
}

// URL returns the address to open in a browser. Without --public-url it has the
// host that the operator wrote and the port of the listener.
func (s ListenSettings) URL(listen string, listener net.Listener) string {
	if s.Origin != "" {
		return s.Origin
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
func PrintSignIn(out io.Writer, address string, provider Provider) {
	fmt.Fprintf(out, "People sign in with %s at\n\n  %s\n\nRegister these addresses for this server's client there:\n\n"+
		"  redirect URI                 %s%s\n  post-logout redirect URI     %s%s\n  back-channel logout URI      %s%s\n\n",
		provider.Name(), address, address, SignInCallback, address, SignInPath, address, BackChannelLogout)
}
