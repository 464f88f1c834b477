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

// Exposure are the flags that say where the server is reached, and how.
type Exposure struct {
	Listen       string   `help:"Address to listen on. One beyond this machine needs a sign-in (--oidc-issuer), --public-url, and either TLS or a proxy that ends it." default:"localhost:8080" placeholder:"ADDR"`
	PublicURL    string   `name:"public-url" help:"The address under which people open this server, such as https://creds.example.com. Requests for another name are refused." placeholder:"URL"`
	TLSCert      string   `name:"tls-cert" help:"File with the TLS certificate and its chain, in PEM. A renewed file is taken without a restart." placeholder:"FILE"`
	TLSKey       string   `name:"tls-key" help:"File with the key of the TLS certificate, in PEM." placeholder:"FILE"`
	TrustedProxy []string `name:"trusted-proxy" help:"Address, or network in CIDR form, of a proxy that ends TLS before this server. Repeatable. X-Forwarded-For and X-Forwarded-Proto are believed from there alone." placeholder:"CIDR"`
}

// Exposed is a checked Exposure.
type Exposed struct {
	Hosts        []string       // for Config; nil is this machine's own names
	Secure       bool           // for Config
	Proxies      []netip.Prefix // for Config
	Certificates *Certificates  // nil without TLS of our own
	Origin       string         // of --public-url; empty without one
}

// Check says of everything that is wrong how to mend it. signIn tells whether
// people can sign in other than by a one-time link.
func (e Exposure) Check(signIn bool) (x Exposed, wrong []string) {
	say := func(format string, arguments ...any) { wrong = append(wrong, fmt.Sprintf(format, arguments...)) }
	beyond := ""
	if host, _, err := net.SplitHostPort(e.Listen); err != nil {
		say("--listen %q is no address; write HOST:PORT, such as localhost:8080", e.Listen)
	} else if !paycor.Loopback(host) {
		beyond = fmt.Sprintf("--listen %q is open to other machines", e.Listen)
	}
	public := e.public(&x, say)
	if public && beyond == "" {
		beyond = fmt.Sprintf("--public-url %q lets other machines in", e.PublicURL)
	}
	for _, text := range e.TrustedProxy {
		prefix, err := netip.ParsePrefix(text)
		if address, single := netip.ParseAddr(text); err != nil && single == nil {
			prefix, err = address.Prefix(address.BitLen())
		}
		switch {
		case err != nil:
			say("--trusted-proxy %q is no address; write the proxy's, such as 10.0.0.5, or its network, such as 10.0.0.0/24", text)
		case prefix.Bits() == 0:
			say("--trusted-proxy %q trusts everybody; name the proxy's own address", text)
		default:
			x.Proxies = append(x.Proxies, prefix.Masked())
		}
	}
	e.tls(&x, say)
	if beyond == "" {
		return x, wrong
	}
	if !signIn {
		say("%s, and no sign-in is configured; name a provider with --oidc-issuer, or use localhost or 127.0.0.1 as the host", beyond)
	}
	if x.Certificates == nil && len(e.TrustedProxy) == 0 && e.TLSCert == "" {
		say("%s without TLS; name a certificate with --tls-cert and --tls-key, or the proxy that ends TLS with --trusted-proxy", beyond)
	}
	if e.PublicURL == "" {
		say("%s, and nobody said under which name; write the address people open with --public-url https://…", beyond)
	}
	return x, wrong
}

// public checks --public-url and reports whether it leads beyond this machine.
func (e Exposure) public(x *Exposed, say func(string, ...any)) bool {
	if e.PublicURL == "" {
		return false
	}
	address, err := url.Parse(e.PublicURL)
	if err != nil || address.Host == "" || address.Hostname() == "" || strings.Trim(address.Path, "/") != "" || address.RawQuery != "" || address.Fragment != "" || address.User != nil {
		say("--public-url %q is no address of a server; write only scheme and name, such as https://creds.example.com", e.PublicURL)
		return false
	}
	beyond := !paycor.Loopback(address.Hostname())
	switch {
	case address.Scheme != "https" && address.Scheme != "http":
		say("--public-url %q has to begin with https://", e.PublicURL)
	case address.Scheme == "http" && beyond:
		say("--public-url %q has to begin with https://, because secrets are entered there", e.PublicURL)
	}
	host := strings.ToLower(address.Host)
	if port := address.Port(); port == "443" && address.Scheme == "https" || port == "80" && address.Scheme == "http" {
		host = strings.TrimSuffix(host, ":"+port) // browsers leave it out
	}
	x.Hosts, x.Secure, x.Origin = []string{host}, address.Scheme == "https", address.Scheme+"://"+host
	return beyond
}

// tls checks certificate and key.
func (e Exposure) tls(x *Exposed, say func(string, ...any)) {
	switch {
	case e.TLSCert == "" && e.TLSKey == "":
		if x.Secure && len(e.TrustedProxy) == 0 {
			say("--public-url %q begins with https://, and nothing ends TLS; name a certificate with --tls-cert and --tls-key, or the proxy that ends TLS with --trusted-proxy", e.PublicURL)
		}
		return
	case e.TLSCert == "":
		say("--tls-key is given without --tls-cert; name the file with the certificate too")
		return
	case e.TLSKey == "":
		say("--tls-cert is given without --tls-key; name the file with its key too")
		return
	}
	certificates, err := OpenCertificates(e.TLSCert, e.TLSKey)
	if err != nil {
		say("--tls-cert and --tls-key: %v", err)
		return
	}
	if e.PublicURL != "" && !x.Secure {
		say("--public-url %q begins with http://, and the server speaks TLS; write https://", e.PublicURL)
	}
	x.Certificates, x.Secure = certificates, true
}

// Address returns the URL to open in a browser. Without --public-url the host
// is the one the operator wrote, and the port the one that was free.
func (x Exposed) Address(listen string, listener net.Listener) string {
	if x.Origin != "" {
		return x.Origin
	}
	host, _, _ := net.SplitHostPort(listen) // checked before it was listened on
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	scheme := "http"
	if x.Secure {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// Serve serves a listener, with TLS where a certificate is configured.
func (x Exposed) Serve(server *http.Server, listener net.Listener) error {
	if x.Certificates == nil {
		return server.Serve(listener)
	}
	return server.ServeTLS(listener, "", "")
}

// Prepare gives a server its TLS settings, before the first listener is served.
func (x Exposed) Prepare(server *http.Server, log *slog.Logger) {
	if x.Certificates != nil {
		x.Certificates.Logger = log
		server.TLSConfig = x.Certificates.TLS()
	}
}

// Welcome says where people sign in, and what has to be registered for that at
// the provider.
func Welcome(out io.Writer, address string, provider Provider) {
	fmt.Fprintf(out, "People sign in with %s at\n\n  %s\n\nRegister these addresses for this server's client there:\n\n"+
		"  redirect URI                 %s%s\n  post-logout redirect URI     %s%s\n  back-channel logout URI      %s%s\n\n",
		provider.Name(), address, address, SignInCallback, address, AfterSignOut, address, BackChannel)
}
