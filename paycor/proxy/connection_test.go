package proxy_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy"
)

// Bytes behind a response in the same TLS record are decrypted but not on the
// socket anymore. The next call must not take them for its response.
func TestBufferedTLSBytesAreDiscarded(t *testing.T) {
	t.Parallel()
	certificate := httptest.NewUnstartedServer(nil)
	certificate.StartTLS()
	defer certificate.Close()
	roots := x509.NewCertPool()
	roots.AddCert(certificate.Certificate())
	plain := &rawUpstream{}
	var conns atomic.Int32
	plain.serve(t, func(conn net.Conn) {
		secure := tls.Server(conn, &tls.Config{Certificates: certificate.TLS.Certificates, DynamicRecordSizingDisabled: true})
		buffer := make([]byte, 4096)
		for conns.Add(1); ; {
			n, err := secure.Read(buffer)
			if err != nil {
				return
			}
			response := "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"
			if strings.Contains(string(buffer[:n]), "/v1/first") {
				response = "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + strings.Repeat("x", 9000) + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
			}
			_, _ = io.WriteString(secure, response)
		}
	})
	s := newTestServer(t, "https://"+plain.Addr().String(), func(c *proxy.Config) { c.TLS = &tls.Config{RootCAs: roots} })
	for range 3 {
		response, body := s.send("POST", root+"/v1/a", "")
		assert.Equal(t, "201 ok", response.Status[:4]+body)
	}
	assert.EqualValues(t, 1, conns.Load(), "a clean connection is reused")
	response, _ := s.send("GET", root+"/v1/first", "")
	assert.Equal(t, 200, response.StatusCode)
	for range 2 {
		response, body := s.send("POST", root+"/v1/a", "")
		assert.Equal(t, "201 ok", response.Status[:4]+body)
	}
	assert.EqualValues(t, 2, conns.Load())
}

// Paycor may respond before the proxy has noticed the end of the caller's body.
// The next request on the caller's connection must not be affected.
func TestNextCallOnSameConnection(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL())
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for n := range 1500 {
		method := []string{"POST", "GET"}[n%2]
		var body io.Reader
		if method == "POST" {
			body = strings.NewReader("x")
		}
		request, err := http.NewRequestWithContext(t.Context(), method, s.URL+root+"/v1/a", body)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+callerToken)
		response, err := transport.RoundTrip(request)
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		require.Equal(t, 200, response.StatusCode, "%s %d", method, n)
	}
}

// On a kept connection that Paycor closes after reading the request,
// http.Transport would send some of these requests again by itself.
func TestStaleConnectionIsNotRetried(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		for _, header := range []string{"X-A: b", "Idempotency-Key: k", "X-Idempotency-Key: k"} {
			t.Run(method+" "+header, func(t *testing.T) {
				t.Parallel()
				upstream := newRawUpstream(t, func(n int, _ receivedRequest) string {
					if n == 2 {
						return hangUp // it may have processed the request
					}
					return okResponse
				})
				s := newTestServer(t, upstream.URL())
				response, _ := s.send("GET", root+"/v1/a", "")
				require.Equal(t, 200, response.StatusCode)
				response, _ = s.send(method, root+"/v1/a", "", header)
				assert.Equal(t, "call_unknown", response.Header.Get(proxy.ErrorHeader))
				assert.Len(t, upstream.requests(), 2)
			})
		}
	}
}

// A request does not go out on a kept connection that Paycor has closed.
func TestClosedConnectionIsNotUsed(t *testing.T) {
	t.Parallel()
	var received atomic.Int64
	closed := make(chan struct{}, 20)
	upstream := &rawUpstream{}
	upstream.serve(t, func(conn net.Conn) {
		buffer := make([]byte, 4096)
		if _, err := conn.Read(buffer); err == nil {
			received.Add(1)
			_, _ = io.WriteString(conn, okResponse)
			_ = conn.Close()
			closed <- struct{}{}
		}
	})
	s := newTestServer(t, upstream.URL())
	for n := range 20 {
		response, _ := s.send([]string{"POST", "DELETE", "PUT", "PATCH"}[n%4], root+"/v1/a", "")
		assert.Equal(t, 200, response.StatusCode)
		waitForClose(t, closed)
	}
	assert.EqualValues(t, 20, received.Load())
}

// The same holds behind an HTTP proxy that is called with TLS.
func TestClosedTunnelIsNotUsed(t *testing.T) {
	upstream := &rawUpstream{}
	upstream.serve(t, func(conn net.Conn) {
		if _, err := conn.Read(make([]byte, 4096)); err == nil {
			_, _ = io.WriteString(conn, okResponse)
		}
	})
	closed := make(chan struct{}, 10)
	network := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			return
		}
		defer there.Close()
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = here.Close(); closed <- struct{}{} }()
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, here) }()
		_, _ = io.Copy(here, there)
	}))
	defer network.Close()
	trusted := filepath.Join(t.TempDir(), "roots.pem")
	require.NoError(t, os.WriteFile(trusted, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: network.Certificate().Raw}), 0o600))
	t.Setenv("SSL_CERT_FILE", trusted) // read once per process; no other test here uses the system roots
	proxyURL, err := url.Parse(network.URL)
	require.NoError(t, err)
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) {
		c.ProxyFor = func(*url.URL) *url.URL { return proxyURL }
	})
	for range 10 {
		response, body := s.send("POST", root+"/v1/a", "")
		assert.Equal(t, 200, response.StatusCode, body)
		waitForClose(t, closed)
	}
}

// waitForClose waits until the other end of a kept connection has been closed.
func waitForClose(t *testing.T, closed <-chan struct{}) {
	t.Helper()
	select {
	case <-closed:
	case <-time.After(testTimeout):
		t.Fatal("the connection stays open")
	}
}

// A connection is not reused if bytes of the call before may still be on it, or
// if Paycor is going to close it.
func TestDirtyConnectionIsNotReused(t *testing.T) {
	t.Parallel()
	const poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
	for name, response := range map[string]string{
		"a second response": okResponse + poison,
		"a body after 204":  "HTTP/1.1 204 No Content\r\n\r\n" + poison,
		"a body after 304":  "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n" + poison,
		"Connection: close": "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.0":          "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
	} {
		t.Run(name, func(t *testing.T) {
			upstream := newRawUpstream(t, func(int, receivedRequest) string { return response })
			s := newTestServer(t, upstream.URL())
			for _, method := range []string{"GET", "GET", "POST", "GET"} {
				_, body := s.send(method, root+"/v1/a", "")
				assert.NotEqual(t, "poison", body)
			}
			upstream.mu.Lock()
			defer upstream.mu.Unlock()
			assert.Equal(t, 4, upstream.connections, "each call has a connection of its own")
		})
	}
}

func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	upstream := &rawUpstream{}
	upstream.serve(t, func(net.Conn) {})
	url := upstream.URL()
	_ = upstream.Close()
	s := newTestServer(t, url)
	response, body := s.send("POST", root+"/v1/a", "body")
	assert.Equal(t, 502, response.StatusCode)
	assert.Equal(t, "call_unsent", response.Header.Get(proxy.ErrorHeader))
	assert.Contains(t, body, "nothing was sent")
}
