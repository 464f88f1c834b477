package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"

	"paycorcred/paycor"
)

// hostPolicy knows under which names clients reach this server, and which
// proxies it trusts.
type hostPolicy struct {
	public  string          // first configured name, for the error message
	names   map[string]bool // lowercase; empty accepts loopback names
	proxies []netip.Prefix
	secure  bool
	last    atomic.Pointer[string] // the last accepted Host header: clients usually send the same one
}

func newHostPolicy(names []string, proxies []netip.Prefix, secure bool) *hostPolicy {
	policy := &hostPolicy{names: map[string]bool{}, proxies: proxies, secure: secure}
	for _, name := range names {
		policy.names[strings.ToLower(name)] = true
	}
	if len(names) > 0 {
		policy.public = names[0]
	}
	return policy
}

// check rejects a Host header that is not ours and, on a secure server,
// requests that did not come over TLS.
func (p *hostPolicy) check(r *http.Request) error {
	if !p.allows(r.Host) {
		return p.wrongHost()
	}
	if !p.isTLS(r) {
		return deny(kindHost, "error.https-only")
	}
	return nil
}

func (p *hostPolicy) allows(host string) bool {
	if last := p.last.Load(); last != nil && *last == host {
		return true
	}
	allowed := p.lookup(host)
	if allowed {
		last := strings.Clone(host) // host shares memory with all headers of its request
		p.last.Store(&last)
	}
	return allowed
}

// lookup accepts the configured names. Without any it accepts loopback names on
// every port, because no other site can take those over.
func (p *hostPolicy) lookup(host string) bool {
	if len(p.names) > 0 {
		return p.names[strings.ToLower(host)]
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	return paycor.Loopback(strings.ToLower(name))
}

func (p *hostPolicy) wrongHost() error {
	if p.public != "" {
		return deny(kindHost, "error.host-public", scheme(p.secure)+"://"+p.public)
	}
	return deny(kindHost, "error.host-local")
}

// isTLS reports whether a request came over TLS: on our own TLS listener, or
// through a trusted proxy that says so. It is true for a server without TLS.
func (p *hostPolicy) isTLS(r *http.Request) bool {
	if !p.secure || r.TLS != nil || len(p.proxies) == 0 { // without proxies the only listener is the one with TLS
		return true
	}
	forwarded := r.Header.Values("X-Forwarded-Proto")
	return p.trusts(remoteIP(r)) && len(forwarded) == 1 && strings.EqualFold(forwarded[0], "https")
}

// trusts reports whether an address belongs to a trusted proxy.
func (p *hostPolicy) trusts(address string) bool {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	for _, proxy := range p.proxies {
		if proxy.Contains(ip) {
			return true
		}
	}
	return false
}

// clientIP returns the peer's address, or the one a trusted proxy forwards.
// Proxies append to X-Forwarded-For, so the rightmost untrusted address is the
// one our own proxy saw. Clients can forge everything left of it.
func (p *hostPolicy) clientIP(r *http.Request) string {
	client := remoteIP(r)
	if !p.trusts(client) {
		return client
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		ip, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return client
		}
		if client = ip.Unmap().String(); !p.trusts(client) {
			return client
		}
	}
	return client
}

// originOf returns this server's origin as the browser knows it. checkHost has
// validated the Host header.
func originOf(r *http.Request, secure bool) string { return scheme(secure) + "://" + r.Host }

func scheme(secure bool) string {
	if secure {
		return "https"
	}
	return "http"
}
