package egress

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// ErrForbidden means that an address was not connected to, because it is not allowed.
var ErrForbidden = errors.New("the address is not allowed")

// lookupTimeout is how long a name is resolved before a proxy is asked.
const lookupTimeout = time.Second

// Restricted returns a client for addresses that people enter. It connects only to allowed
// addresses. They are checked after DNS resolution, so a name cannot lead to an internal
// address. It follows no redirect, and gives up after a timeout.
func Restricted(allowed func(netip.Addr) bool, rule *Rule, timeout time.Duration) *http.Client {
	dialer := &net.Dialer{
		Timeout: timeout,
		Control: func(_, address string, _ syscall.RawConn) error {
			resolved, err := netip.ParseAddrPort(address)
			if err != nil || !allowed(resolved.Addr().Unmap()) {
				return ErrForbidden
			}
			return nil
		},
	}
	bounded := func(transport *http.Transport) *http.Transport {
		transport.TLSHandshakeTimeout, transport.ResponseHeaderTimeout = timeout, timeout
		transport.MaxResponseHeaderBytes, transport.MaxIdleConns, transport.IdleConnTimeout = 16<<10, 10, time.Minute
		return transport
	}
	direct := bounded(rule.Transport())
	direct.Proxy, direct.DialContext = nil, dialer.DialContext
	return &http.Client{
		Transport:     restrictedTransport{direct: direct, proxied: bounded(rule.Transport()), rule: rule, allowed: allowed},
		CheckRedirect: NoRedirects,
		Timeout:       timeout,
	}
}

// restrictedTransport keeps requests away from internal addresses, where a proxy is used
// too: the address of the proxy itself may be internal.
type restrictedTransport struct {
	direct, proxied http.RoundTripper
	rule            *Rule
	allowed         func(netip.Addr) bool
}

// RoundTrip implements http.RoundTripper.
func (t restrictedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if t.rule.ProxyFor(request.URL) == nil {
		return t.direct.RoundTrip(request)
	}
	ctx, cancel := context.WithTimeout(request.Context(), lookupTimeout)
	defer cancel()
	// Where this machine cannot resolve public names, the proxy decides alone.
	addresses, _ := net.DefaultResolver.LookupNetIP(ctx, "ip", request.URL.Hostname())
	for _, address := range addresses {
		if !t.allowed(address.Unmap()) {
			return nil, ErrForbidden
		}
	}
	return t.proxied.RoundTrip(request)
}

// specialRanges are address ranges without public servers that netip does not
// classify as private.
var specialRanges = []netip.Prefix{
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"),
}

// IsPublic reports whether an address is a public one.
func IsPublic(address netip.Addr) bool {
	for _, prefix := range specialRanges {
		if prefix.Contains(address) {
			return false
		}
	}
	return address.IsGlobalUnicast() && !address.IsPrivate()
}
