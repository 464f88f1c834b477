package proxy_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain lets the test binary also run as the upstream or the bare proxy of a
// benchmark, each in a process of its own, to measure their costs separately.
func TestMain(m *testing.M) {
	role, argument, _ := strings.Cut(os.Getenv("PROXY_ROLE"), " ")
	switch role {
	case "upstream":
		serveOn(http.HandlerFunc(benchUpstream))
	case "bare":
		serveOn(bareProxy(argument))
	default:
		os.Exit(m.Run())
	}
}

// serveOn serves on a free port and prints it.
func serveOn(handler http.Handler) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 3 * time.Minute, IdleTimeout: 2 * time.Minute}
	panic(server.Serve(listener))
}

var benchBody = []byte(`{"hasMoreResults":false,"records":[` + strings.Repeat(`{"id":"00000000-0000-0000-0000-000000000000","name":"Invented"},`, 14) + `{}]}`)

// benchUpstream responds as fast as a Go server can, and issues tokens.
func benchUpstream(w http.ResponseWriter, r *http.Request) {
	body := benchBody
	switch {
	case r.URL.Path == "/sts/v1/common/token":
		body = []byte(`{"access_token":"` + oldToken + `","expires_in":1800,"token_type":"Bearer"}`)
	case r.Header.Get("Authorization") != "Bearer "+oldToken || r.Header.Get("Ocp-Apim-Subscription-Key") != subscriptionKey:
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header()["Content-Type"] = []string{"application/json"}
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	_, _ = w.Write(body)
}

// pool is an httputil.BufferPool.
type pool struct{ sync.Pool }

func (p *pool) Get() []byte { return *p.Pool.Get().(*[]byte) }

func (p *pool) Put(b []byte) { p.Pool.Put(&b) }

// bareProxy is a well-tuned httputil.ReverseProxy that adds two fixed headers and
// does nothing else.
func bareProxy(upstream string) http.Handler {
	at, err := url.Parse(upstream)
	if err != nil {
		panic(err)
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(at)
			r.Out.Header["Authorization"] = []string{"Bearer " + oldToken}
			r.Out.Header["Ocp-Apim-Subscription-Key"] = []string{subscriptionKey}
		},
		Transport: &http.Transport{MaxIdleConns: 512, MaxIdleConnsPerHost: 512, IdleConnTimeout: time.Minute, DisableCompression: true},
		BufferPool: &pool{sync.Pool{New: func() any {
			b := make([]byte, 32<<10)
			return &b
		}}},
	}
}
