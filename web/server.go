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
	"sync/atomic"
	"time"

	"paycorcred/paycor"
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

// cutTime is how long a stopping server waits for what it has cut off, once
// for the answers and once for the handlers.
const cutTime = 400 * time.Millisecond

// draining returns a channel that is closed when the server begins to shut
// down, or nil, which never is.
func draining(ctx context.Context) <-chan struct{} {
	channel, _ := ctx.Value(drainKey{}).(chan struct{})
	return channel
}

// underWay is what Stop knows of a server: how many handlers are at work, and
// how to end the contexts of their requests.
type underWay struct {
	handlers atomic.Int64
	cut      context.CancelCauseFunc
}

type underWayKey struct{}

// Server returns an http.Server with the door's bounds. When it is shut down,
// event streams end at once, so that they do not hold the others up. Stop ends
// it.
func Server(handler http.Handler, logger *slog.Logger) *http.Server {
	drain, work := make(chan struct{}), &underWay{}
	base := context.WithValue(context.WithValue(context.Background(), drainKey{}, drain), underWayKey{}, work)
	base, work.cut = context.WithCancelCause(base)
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			work.handlers.Add(1)
			defer work.handlers.Add(-1)
			handler.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: HeaderTimeout, ReadTimeout: ReadTimeout, WriteTimeout: WriteTimeout, IdleTimeout: IdleTimeout,
		MaxHeaderBytes: MaxHeaderBytes,
		BaseContext:    func(net.Listener) context.Context { return base },

		DisableGeneralOptionsHandler: true, // OPTIONS * passes the door like everything else
	}
	if logger != nil {
		server.ErrorLog = slog.NewLogLogger(logger.Handler(), slog.LevelWarn)
	}
	server.RegisterOnShutdown(sync.OnceFunc(func() { close(drain) }))
	return server
}

// Stop shuts a server of Server's down. Requests under way may end until ctx
// does; then they are cut off with the cause paycor.ErrStopped, which those who
// are there still can be told. It returns when no handler is at work any more,
// or an error a moment later.
func Stop(ctx context.Context, server *http.Server, logger *slog.Logger) error {
	work := server.BaseContext(nil).Value(underWayKey{}).(*underWay)
	defer work.cut(paycor.ErrStopped)
	logger.InfoContext(ctx, "stopping: waiting for requests under way", "requests", work.handlers.Load())
	err := server.Shutdown(ctx)
	if err == nil {
		return nil
	}
	logger.WarnContext(ctx, "stopping: cutting off what did not end in time", "requests", work.handlers.Load(), "error", err)
	work.cut(paycor.ErrStopped)
	answering, cancel := context.WithTimeout(context.WithoutCancel(ctx), cutTime)
	defer cancel()
	if server.Shutdown(answering) == nil {
		return nil
	}
	_ = server.Close()
	for range cutTime / (10 * time.Millisecond) {
		if work.handlers.Load() == 0 {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("%d requests have not ended", work.handlers.Load())
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
