package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Bounds of a connection. A verification asks Paycor several times and some
// of Paycor's answers take half a minute, hence the bound on answers; streams
// renew theirs with every line.
const (
	HeaderTimeout  = 10 * time.Second
	ReadTimeout    = 30 * time.Second
	WriteTimeout   = 3 * time.Minute
	IdleTimeout    = 2 * time.Minute
	MaxHeaderBytes = 16 << 10
)

type drainKey struct{}

// draining returns a channel that is closed when the server begins to shut
// down, or nil, which never is.
func draining(ctx context.Context) <-chan struct{} {
	channel, _ := ctx.Value(drainKey{}).(chan struct{})
	return channel
}

// Server returns an http.Server with the door's bounds. When it is shut down,
// event streams end at once, so that they do not hold the others up.
func Server(handler http.Handler, logger *slog.Logger) *http.Server {
	drain := make(chan struct{})
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: HeaderTimeout, ReadTimeout: ReadTimeout, WriteTimeout: WriteTimeout, IdleTimeout: IdleTimeout,
		MaxHeaderBytes: MaxHeaderBytes,
		BaseContext:    func(net.Listener) context.Context { return context.WithValue(context.Background(), drainKey{}, drain) },

		DisableGeneralOptionsHandler: true, // OPTIONS * passes the door like everything else
	}
	if logger != nil {
		server.ErrorLog = slog.NewLogLogger(logger.Handler(), slog.LevelWarn)
	}
	server.RegisterOnShutdown(sync.OnceFunc(func() { close(drain) }))
	return server
}

// Listen listens on an address. "localhost" stands for two, 127.0.0.1 and
// [::1], and browsers try either first: all that this machine has are taken,
// or none. Were one left free, any other user of the machine could listen
// there on the same port and be given the sign-in link and the session in our
// place. A port 0 becomes the same free port on both.
func Listen(ctx context.Context, address string) ([]net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
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

// loopbacks returns the addresses of "localhost" that this machine has.
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
