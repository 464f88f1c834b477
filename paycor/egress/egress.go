// Package egress is the one rule by which this server connects to others: to Paycor, to an
// OpenID Connect provider and to the keys of embedding sites. It says through which proxy,
// and whose certificates are trusted.
package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/http/httpproxy"

	"paycorcred/paycor/message"
)

// Options are the flags for connections to other servers.
type Options struct {
	CAFile []string `name:"ca-file" help:"cli.help.ca-file" placeholder:"FILE"`
}

// Rule says how to connect to other servers. A nil Rule connects directly and trusts the
// certificates of the system.
type Rule struct {
	proxy func(*url.URL) (*url.URL, error)
	roots *x509.CertPool // nil for those of the system
	log   []slog.Attr
}

// Rule reads the proxy variables and the certificates. getenv is os.Getenv. It returns a
// message for each mistake; none has the value of a variable, which may have a password.
func (o Options) Rule(getenv func(string) string) (*Rule, []message.Message) {
	proxies, mistakes := readProxies(getenv)
	rule := &Rule{proxy: proxies.config().ProxyFunc(), log: proxies.attributes()}
	var more []message.Message
	if rule.roots, more = readRoots(o.CAFile, getenv("SSL_CERT_FILE")); len(o.CAFile) > 0 {
		rule.log = append(rule.log, slog.Any("ca_file", o.CAFile))
	}
	return rule, append(mistakes, more...)
}

// Log writes what the rule is, without passwords, if there is anything to say.
func (r *Rule) Log(ctx context.Context, logger *slog.Logger) {
	if len(r.log) > 0 {
		logger.LogAttrs(ctx, slog.LevelInfo, "outgoing connections", r.log...)
	}
}

// ProxyFor returns the proxy to reach an address through, or nil for a direct connection.
func (r *Rule) ProxyFor(address *url.URL) *url.URL {
	if r == nil {
		return nil
	}
	proxy, err := r.proxy(address)
	if err != nil { // only in a CGI program, which this is not
		return nil
	}
	return proxy
}

// TLS returns a configuration for TLS connections, which the caller may change.
func (r *Rule) TLS() *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if r != nil {
		config.RootCAs = r.roots
	}
	return config
}

// NoRedirects is the CheckRedirect of a client that follows none: its caller gets the
// redirect as the response.
func NoRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Transport returns a transport that follows the rule, which the caller may change.
func (r *Rule) Transport() *http.Transport {
	return &http.Transport{
		Proxy:               func(request *http.Request) (*url.URL, error) { return r.ProxyFor(request.URL), nil },
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:     r.TLS(),
		TLSHandshakeTimeout: 10 * time.Second,
		IdleConnTimeout:     90 * time.Second,
		ForceAttemptHTTP2:   true,
	}
}

// proxies are the proxy variables.
type proxies struct {
	http, https *url.URL // nil without one
	except      string   // the value of NO_PROXY
}

func (p proxies) config() *httpproxy.Config {
	config := &httpproxy.Config{NoProxy: p.except}
	if p.http != nil {
		config.HTTPProxy = p.http.String()
	}
	if p.https != nil {
		config.HTTPSProxy = p.https.String()
	}
	return config
}

// attributes returns the variables for the log.
func (p proxies) attributes() (attributes []slog.Attr) {
	for name, proxy := range map[string]*url.URL{"http_proxy": p.http, "https_proxy": p.https} {
		if proxy != nil {
			shown := url.URL{Scheme: proxy.Scheme, Host: proxy.Host}
			attributes = append(attributes, slog.String(name, shown.String()))
		}
	}
	if attributes != nil && p.except != "" {
		attributes = append(attributes, slog.String("no_proxy", p.except))
	}
	return attributes
}
