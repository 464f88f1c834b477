package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// isTLS reports whether a request came over TLS: on our own TLS listener, or
// through a trusted proxy that says so. It is true for a server without TLS.
func (p *hostPolicy) isTLS(r *http.Request) bool {
	if !p.secure || r.TLS != nil || len(p.proxies) == 0 { // without proxies the only listener is the one with TLS
		return true
	}
	if !p.trusts(remoteIP(r)) {
		return false
	}
	schemes, hops := listed(r.Header["X-Forwarded-Proto"]), forwardedHops(r.Header)
	if len(schemes) == 0 && (len(hops) == 0 || hops[len(hops)-1].proto == "") {
		return false // our own proxy said nothing; what comes before it may be the client's
	}
	for _, hop := range hops {
		if hop.proto != "" {
			schemes = append(schemes, hop.proto)
		}
	}
	return !slices.ContainsFunc(schemes, func(scheme string) bool { return !strings.EqualFold(scheme, "https") })
}

// trusts reports whether an address belongs to a trusted proxy.
func (p *hostPolicy) trusts(address string) bool {
	ip, ok := nodeAddress(address)
	return ok && slices.ContainsFunc(p.proxies, func(proxy netip.Prefix) bool { return proxy.Contains(ip) })
}

// clientIP returns the peer's address, or the one that trusted proxies forward in
// X-Forwarded-For or in Forwarded. If both are present and differ, one of them may come
// from the client, and nothing tells which, so that neither counts.
func (p *hostPolicy) clientIP(r *http.Request) string {
	peer := remoteIP(r)
	if len(p.proxies) == 0 || !p.trusts(peer) {
		return peer
	}
	var named []string
	for _, hop := range forwardedHops(r.Header) {
		named = append(named, hop.node)
	}
	others := listed(r.Header["X-Forwarded-For"])
	switch standard, common := p.clientOf(peer, named), p.clientOf(peer, others); {
	case len(others) == 0:
		return standard
	case len(named) == 0 || standard == common:
		return common
	}
	return peer
}

// clientOf returns the rightmost address that is not a trusted proxy's. Proxies append,
// so it is the one that our own proxy saw. Clients can forge everything left of it.
func (p *hostPolicy) clientOf(peer string, nodes []string) string {
	client := peer
	for _, node := range slices.Backward(nodes) {
		address, ok := nodeAddress(node)
		if !ok {
			return peer
		}
		if client = address.String(); !p.trusts(client) {
			break
		}
	}
	return client
}

// nodeAddress returns the address in 203.0.113.7, 203.0.113.7:51234, 2001:db8::1,
// [2001:db8::1] or [2001:db8::1]:443, as an IPv4 address if it contains one, and without
// a zone.
func nodeAddress(node string) (netip.Addr, bool) {
	if with, err := netip.ParseAddrPort(node); err == nil {
		return with.Addr().Unmap().WithZone(""), true
	}
	if inner, ok := strings.CutPrefix(node, "["); ok {
		node = strings.TrimSuffix(inner, "]")
	}
	address, err := netip.ParseAddr(node)
	return address.Unmap().WithZone(""), err == nil
}

// listed returns the elements of a header that is a list, without empty ones.
func listed(values []string) []string {
	var elements []string
	for element := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if element = strings.TrimSpace(element); element != "" {
			elements = append(elements, element)
		}
	}
	return elements
}

// forwardedHop is an element of the header Forwarded (RFC 7239): what one proxy says
// about the request that it received.
type forwardedHop struct{ node, proto string }

// forwardedHops parses the header Forwarded.
func forwardedHops(header http.Header) []forwardedHop {
	var hops []forwardedHop
	for _, line := range header["Forwarded"] { // one by one: a quote that a client leaves open ends with its line
		for element := range splitQuoted(line, ',') {
			if element = strings.TrimSpace(element); element != "" {
				hops = append(hops, parseHop(element))
			}
		}
	}
	return hops
}

// parseHop parses an element of the header Forwarded. One that does not parse names
// nobody, so that what comes before it does not count.
func parseHop(element string) forwardedHop {
	pairs := map[string]string{}
	for pair := range splitQuoted(element, ';') {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		name = strings.ToLower(name)
		value, ok := unquote(value)
		if _, again := pairs[name]; again || !ok {
			return forwardedHop{}
		}
		pairs[name] = value
	}
	return forwardedHop{node: pairs["for"], proto: pairs["proto"]}
}

// splitQuoted splits a text at a separator outside of quoted strings.
func splitQuoted(text string, separator byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start, quoted := 0, false
		for i := 0; i < len(text); i++ {
			switch {
			case quoted && text[i] == '\\':
				i++
			case text[i] == '"':
				quoted = !quoted
			case text[i] == separator && !quoted:
				if !yield(text[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(text[start:])
	}
}

// unquote returns the value of a token or of a quoted string.
func unquote(value string) (string, bool) {
	inner, quoted := strings.CutPrefix(value, `"`)
	if !quoted {
		return value, !strings.ContainsAny(value, "\"\\ \t")
	}
	var text []byte
	for i := 0; i < len(inner); i++ {
		if inner[i] == '"' {
			return string(text), i == len(inner)-1
		}
		if inner[i] == '\\' && i+1 < len(inner) {
			i++
		}
		text = append(text, inner[i])
	}
	return "", false
}
