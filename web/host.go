package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"

	"paycorcred/paycor"
)

// hostPolicy knows under which names clients reach this server, and which
// proxies it trusts.
type hostPolicy struct {
	public  string          // first configured name, for the error message
	names   map[string]bool // canonical; empty accepts loopback names
	proxies []netip.Prefix
	secure  bool
	last    atomic.Pointer[acceptedHost] // clients usually send the same one
}

// acceptedHost is a Host header that was accepted, and its canonical form.
type acceptedHost struct{ header, canonical string }

func newHostPolicy(names []string, proxies []netip.Prefix, secure bool) *hostPolicy {
	policy := &hostPolicy{names: map[string]bool{}, proxies: proxies, secure: secure}
	for _, name := range names {
		canonical, _ := canonicalHost(name, secure)
		policy.names[canonical] = true
	}
	if len(names) > 0 {
		policy.public = names[0]
	}
	return policy
}

// check returns the canonical form of a request's Host header. It rejects one that is
// not ours and, on a secure server, requests that did not come over TLS.
func (p *hostPolicy) check(r *http.Request) (string, error) {
	host, ok := p.accept(r.Host)
	if !ok {
		return "", p.wrongHost(r)
	}
	if !p.isTLS(r) {
		return "", p.notTLS(r)
	}
	return host, nil
}

func (p *hostPolicy) accept(header string) (string, bool) {
	if last := p.last.Load(); last != nil && last.header == header {
		return last.canonical, true
	}
	host, ok := canonicalHost(header, p.secure)
	if !ok || !p.isOurs(host) {
		return "", false
	}
	p.last.Store(&acceptedHost{strings.Clone(header), host}) // header shares memory with all headers of its request
	return host, true
}

// isOurs accepts the configured names. Without any it accepts loopback names on
// every port, because no other site can take those over.
func (p *hostPolicy) isOurs(host string) bool {
	if len(p.names) > 0 {
		return p.names[host]
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	return paycor.Loopback(name)
}

// canonicalHost returns a host and port in the one form that browsers use for it in an
// origin: in lowercase, without the port that its scheme has anyway, an IPv6 address
// shortened and without a zone, which has a meaning for the client only.
func canonicalHost(host string, secure bool) (canonical string, ok bool) {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), ""
	}
	if address, err := netip.ParseAddr(name); err == nil && address.Is6() {
		name = "[" + shortAddress(address) + "]"
	} else if name == "" || strings.ContainsAny(name, ":[]/@") {
		return "", false
	}
	name = strings.ToLower(name)
	if port == "" || port == defaultPort(secure) {
		return name, true
	}
	number, err := strconv.ParseUint(port, 10, 16)
	return name + ":" + strconv.FormatUint(number, 10), err == nil
}

// shortAddress returns an IPv6 address as browsers write it: one that contains an IPv4
// address in hexadecimal too.
func shortAddress(address netip.Addr) string {
	if address.Is4In6() {
		bytes := address.As16()
		return fmt.Sprintf("::ffff:%x:%x", uint16(bytes[12])<<8|uint16(bytes[13]), uint16(bytes[14])<<8|uint16(bytes[15]))
	}
	return address.WithZone("").String()
}

func defaultPort(secure bool) string {
	if secure {
		return "443"
	}
	return "80"
}

// wrongHost is the error for a request with another name. Behind a proxy people may have
// used the right one: nginx replaces it, unless it is told not to. The log has what came.
func (p *hostPolicy) wrongHost(r *http.Request) error {
	if p.public != "" && p.trusts(remoteIP(r)) {
		public := paycor.Errorf(kindHost, "error.host-proxy", scheme(p.secure)+"://"+p.public)
		public.Err = fmt.Errorf("the request came from the proxy %s with the Host %.200q", remoteIP(r), r.Host)
		return &denial{public: public}
	}
	if p.public != "" {
		return deny(kindHost, "error.host-public", scheme(p.secure)+"://"+p.public)
	}
	return deny(kindHost, "error.host-local")
}

// notTLS is the error for a request that did not come over TLS. The log has what the
// proxies in front said.
func (p *hostPolicy) notTLS(r *http.Request) error {
	key := "error.https-only"
	if p.trusts(remoteIP(r)) {
		key = "error.https-only-proxy"
	}
	public := paycor.Errorf(kindNotTLS, key)
	public.Err = fmt.Errorf("the request came from %s, --trusted-proxy: %t, with X-Forwarded-Proto %.100q and Forwarded %.200q",
		remoteIP(r), p.trusts(remoteIP(r)), r.Header.Values("X-Forwarded-Proto"), r.Header.Values("Forwarded"))
	return &denial{public: public}
}

// originOf returns this server's origin as the browser knows it. checkHost has
// validated the Host header.
func originOf(r *http.Request, secure bool) string { return scheme(secure) + "://" + r.Host }

// addressOf returns the address of this server's first page, without a slash at its end.
func addressOf(r *http.Request, secure bool) string { return originOf(r, secure) + infoOf(r).base }

func scheme(secure bool) string {
	if secure {
		return "https"
	}
	return "http"
}
