package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
)

// Listen listens on an address. "unix:PATH" is a Unix socket; see SocketPath.
// "localhost" means both 127.0.0.1 and [::1],
// because browsers may try either first. Listen takes all of them that this
// machine has, or none: on a free one, another user of the machine could listen
// on the same port and receive sign-in links and sessions. Port 0 chooses one
// free port for both.
func Listen(ctx context.Context, address string) ([]net.Listener, error) {
	if path, is := SocketPath(address); is {
		listener, err := listenUnix(ctx, path)
		return []net.Listener{listener}, err
	}
	host, port, err := SplitAddress(address)
	if err != nil {
		return nil, fmt.Errorf("reading the address: %w", err)
	}
	hosts := []string{host}
	if host == "localhost" {
		hosts = loopbacks()
	}
	for tries := 10; ; tries-- {
		listeners, err := listenAll(ctx, hosts, port)
		if err == nil || port != "0" || tries == 1 {
			return listeners, err
		}
	}
}

// SplitAddress returns the host and the port of an address to listen on. The port is a
// number, or the name of one that the system knows, such as https.
func SplitAddress(address string) (host, port string, err error) {
	if host, port, err = net.SplitHostPort(address); err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	return host, port, err
}

func listenAll(ctx context.Context, hosts []string, port string) ([]net.Listener, error) {
	var listeners []net.Listener
	for _, host := range hosts {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, port))
		if err != nil {
			for _, other := range listeners {
				err = errors.Join(err, other.Close())
			}
			return nil, err
		}
		listeners = append(listeners, listener)
		_, port, _ = net.SplitHostPort(listener.Addr().String())
	}
	return listeners, nil
}

// loopbacks returns this machine's addresses of "localhost".
func loopbacks() []string {
	both := []string{"127.0.0.1", "::1"}
	found, err := net.InterfaceAddrs()
	if err != nil {
		return both
	}
	has := func(host string) bool {
		return slices.ContainsFunc(found, func(address net.Addr) bool {
			prefix, err := netip.ParsePrefix(address.String())
			return err == nil && prefix.Addr() == netip.MustParseAddr(host)
		})
	}
	return slices.DeleteFunc(both, func(host string) bool { return !has(host) })
}
