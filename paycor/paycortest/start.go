package paycortest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// TB is the part of testing.TB that Start needs. The real interface would link
// the testing package into the server.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Server is a listening simulator.
type Server struct {
	*Simulator
	URL string // http://127.0.0.1:port
}

// Start runs a simulator on a free loopback port until the test ends.
func Start(t TB, config Config) *Server {
	t.Helper()
	listener, err := Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatalf("starting the simulator: %v", err)
	}
	sim := New(config)
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with ErrServerClosed
	}()
	t.Cleanup(func() {
		sim.Close()
		_ = server.Close()
		<-done
	})
	return &Server{Simulator: sim, URL: "http://" + listener.Addr().String()}
}

// Listen opens a listening socket for a simulator. It rejects any address that
// other machines can reach: a simulator has no sign-in.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("reading the simulator's address: %w", err)
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("the simulator listens on this machine only: use localhost or 127.0.0.1 instead of %q", host)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening for the simulator: %w", err)
	}
	return listener, nil
}
