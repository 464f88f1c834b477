package proxy_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/proxy"
)

type benchSource struct{ credentials *paycor.UpstreamCredentials }

func (s benchSource) UpstreamCredentials(context.Context, paycor.Caller, string, string) (*paycor.UpstreamCredentials, error) {
	return s.credentials, nil
}

func (s benchSource) RejectToken(context.Context, paycor.Caller, string, paycor.Secret) (bool, error) {
	return false, nil
}

// discardWriter is a ResponseWriter that keeps nothing.
type discardWriter struct{ header http.Header }

func (w *discardWriter) Header() http.Header { return w.header }

func (w *discardWriter) WriteHeader(int) {}

func (w *discardWriter) Write(b []byte) (int, error) { return len(b), nil }

// BenchmarkServe measures one call without the server around it: what the proxy
// itself allocates, and how long a call to an upstream on loopback takes.
func BenchmarkServe(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				reader := bufio.NewReader(conn)
				for {
					line, err := reader.ReadSlice('\n')
					if err != nil {
						return
					}
					if len(line) == 2 {
						_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
					}
				}
			}()
		}
	}()
	p, err := proxy.New(proxy.Config{CallsPerMinute: 1 << 30, CredentialSource: benchSource{&paycor.UpstreamCredentials{
		Environment: paycor.Environment{Name: "bench", APIURL: "http://" + listener.Addr().String()}, SubscriptionKey: paycor.NewSecret(subscriptionKey), Token: paycor.NewSecret(oldToken),
	}}})
	require.NoError(b, err)
	defer p.Close()
	request := httptest.NewRequest("GET", root+"/v1/a", nil)
	request.Header.Set("Accept", "application/json")
	caller := paycor.Caller{Kind: paycor.CallerConsumer, ID: "token", Workspace: "w"}
	w := &discardWriter{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		p.Serve(w, request, caller, "cred_1", "/v1/a", nil)
	}
}
