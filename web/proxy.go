package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// trusted reports whether an address is a declared proxy's.
func (d *door) trusted(address string) bool {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	for _, proxy := range d.Proxies {
		if proxy.Contains(ip) {
			return true
		}
	}
	return false
}

// from returns who asks: the peer, or behind a declared proxy whom that one
// names. The header grows to the right, so the rightmost address that is no
// proxy of ours is the one that a proxy of ours has seen; what stands before
// it, anybody may have written.
func (d *door) from(r *http.Request) string {
	seen := peer(r)
	if !d.trusted(seen) {
		return seen
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		ip, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return seen
		}
		if seen = ip.Unmap().String(); !d.trusted(seen) {
			return seen
		}
	}
	return seen
}

// safe reports whether a request came over TLS, where the server is one that is
// reached over TLS alone: by its own listener, or through a declared proxy that
// says so.
func (d *door) safe(r *http.Request) bool {
	if !d.Secure || r.TLS != nil || len(d.Proxies) == 0 { // without a proxy there is no listener but the one with TLS
		return true
	}
	forwarded := r.Header.Values("X-Forwarded-Proto")
	return d.trusted(peer(r)) && len(forwarded) == 1 && strings.EqualFold(forwarded[0], "https")
}
