package web

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"paycorcred/paycor"
)

// Limits of a connection. WriteTimeout must cover a verification, which makes
// several requests to Paycor, each of which can take half a minute. Streams
// renew it with every line.
const (
	HeaderTimeout  = 10 * time.Second
	ReadTimeout    = 30 * time.Second
	WriteTimeout   = 3 * time.Minute
	IdleTimeout    = 2 * time.Minute
	MaxHeaderBytes = 16 << 10
)

const (
	// cancelTimeout is how long Shutdown waits at least after it has canceled the
	// remaining requests: once for their responses and once for their handlers.
	cancelTimeout = 400 * time.Millisecond

	// stopTimeout is how long it waits for their responses if they had little time before,
	// counted from its beginning: many supervisors kill a process after 10 s.
	stopTimeout = 9 * time.Second
)

// draining returns a channel that is closed when the server starts to shut down,
// or nil outside of a server.
func draining(ctx context.Context) <-chan struct{} {
	if active, ok := ctx.Value(activeRequestsKey{}).(*activeRequests); ok {
		return active.drain
	}
	return nil
}

// NewHTTPServer returns an http.Server with this package's limits. End it with
// Shutdown; its event streams then end at once, so that they do not delay the
// shutdown. A nil logger uses the standard logger for connection errors.
func NewHTTPServer(handler http.Handler, logger *slog.Logger) *http.Server {
	active := &activeRequests{drain: make(chan struct{})}
	base, cancel := context.WithCancelCause(context.WithValue(context.Background(), activeRequestsKey{}, active))
	active.cancel = cancel
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			active.begin()
			defer active.end()
			handler.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: HeaderTimeout, ReadTimeout: ReadTimeout, WriteTimeout: WriteTimeout, IdleTimeout: IdleTimeout,
		MaxHeaderBytes: MaxHeaderBytes,
		BaseContext:    func(net.Listener) context.Context { return base },

		DisableGeneralOptionsHandler: true, // OPTIONS * passes our middleware like everything else
	}
	if logger != nil {
		server.ErrorLog = slog.NewLogLogger(logger.Handler(), slog.LevelWarn)
	}
	server.RegisterOnShutdown(sync.OnceFunc(func() { close(active.drain) }))
	return server
}

// Shutdown stops a server of NewHTTPServer. Active requests may finish until ctx
// ends. Then their contexts are canceled with the cause paycor.ErrStopped, which
// becomes the response to clients that still wait. Shutdown returns when no
// handler runs anymore, or an error if some do not react.
func Shutdown(ctx context.Context, server *http.Server, logger *slog.Logger) error {
	active := server.BaseContext(nil).Value(activeRequestsKey{}).(*activeRequests)
	defer active.cancel(paycor.ErrStopped)
	began := time.Now()
	logger.InfoContext(ctx, "stopping: waiting for active requests", "requests", active.number())
	err := server.Shutdown(ctx)
	if err == nil {
		return nil
	}
	logger.WarnContext(ctx, "stopping: canceling requests that did not finish in time", "requests", active.number(), "error", err)
	active.cancel(paycor.ErrStopped)
	responding, cancel := context.WithTimeout(context.WithoutCancel(ctx), max(cancelTimeout, stopTimeout-time.Since(began)))
	defer cancel()
	if server.Shutdown(responding) == nil {
		return nil
	}
	_ = server.Close()
	select {
	case <-active.idle():
		return nil
	case <-time.After(cancelTimeout):
		return fmt.Errorf("%d requests have not ended", active.number())
	}
}

// activeRequests lets Shutdown count, await and cancel the requests of a server.
type activeRequests struct {
	drain  chan struct{} // closed when the shutdown starts
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	count   int
	waiters []chan struct{} // closed when count becomes 0
}

type activeRequestsKey struct{}

func (a *activeRequests) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count++
}

func (a *activeRequests) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count--; a.count > 0 {
		return
	}
	for _, waiter := range a.waiters {
		close(waiter)
	}
	a.waiters = nil
}

func (a *activeRequests) number() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count
}

// idle returns a channel that is closed when no request is active.
func (a *activeRequests) idle() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	waiter := make(chan struct{})
	if a.count == 0 {
		close(waiter)
		return waiter
	}
	a.waiters = append(a.waiters, waiter)
	return waiter
}
