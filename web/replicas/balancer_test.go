package replicas_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"sync/atomic"
	"testing"
)

// balancer sends each request to the next server, and to another one if that does not
// accept the connection.
type balancer struct {
	addresses []string // of the servers
	next      atomic.Int64
	transport http.RoundTripper
}

// startBalancer starts a balancer and returns its address, localhost:PORT.
func startBalancer(t testing.TB, servers []*server) string {
	t.Helper()
	b := &balancer{transport: &http.Transport{DialContext: dialReported, MaxIdleConnsPerHost: 64, DisableCompression: true}}
	for _, s := range servers {
		b.addresses = append(b.addresses, s.address)
	}
	front := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.Host = "http", r.In.Host },
		Transport:     b,
		FlushInterval: -1,
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(front.CloseClientConnections) // open streams
	t.Cleanup(front.Close)
	_, port, _ := net.SplitHostPort(front.Listener.Addr().String())
	return "localhost:" + port
}

// notConnected means that nothing was sent.
type notConnected struct{ error }

func dialReported(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, notConnected{err}
	}
	return conn, nil
}

// RoundTrip implements http.RoundTripper.
func (b *balancer) RoundTrip(r *http.Request) (response *http.Response, err error) {
	for range b.addresses {
		to := b.addresses[int(b.next.Add(1))%len(b.addresses)]
		r.URL.Host = to
		response, err = b.transport.RoundTrip(r)
		if _, unsent := err.(notConnected); !unsent {
			return response, err
		}
	}
	return nil, err
}
