package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
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
