package testkit

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// NewTunnelProxy starts an HTTP proxy that leads every CONNECT to one address, whatever
// name it is for. opened counts them.
func NewTunnelProxy(t testing.TB, to string) (address string, opened *atomic.Int32) {
	t.Helper()
	opened = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		there, err := new(net.Dialer).DialContext(r.Context(), "tcp", to)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		opened.Add(1)
		w.WriteHeader(http.StatusOK)
		here, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			Join(here, there)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, opened
}

// NewRelay starts a TCP server that passes everything on to an address. opened counts its
// connections.
func NewRelay(t testing.TB, to string) (address string, opened *atomic.Int32) {
	t.Helper()
	opened = &atomic.Int32{}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			here, err := listener.Accept()
			if err != nil {
				return
			}
			opened.Add(1)
			there, err := new(net.Dialer).Dial("tcp", to) //nolint:noctx // ends with the listener
			if err != nil {
				_ = here.Close()
				continue
			}
			go Join(here, there)
		}
	}()
	return listener.Addr().String(), opened
}

// Join copies between two connections until one ends, and closes both.
func Join(a, b net.Conn) {
	go func() { _, _ = io.Copy(a, b); _ = a.Close() }()
	_, _ = io.Copy(b, a)
	_ = b.Close()
}
