package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy"
)

// Whatever is hidden in a request, Paycor gets one unambiguous request or none.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	const smuggled = "GET /v1/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
	post := "POST " + root + "/v1/a" + requestHead
	tests := map[string]struct {
		request  string
		received []string // bodies that Paycor gets; nil if it must get none
	}{
		"length and chunks":         {post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, []string{"0\r\n\r\n"}},
		"chunks and length":         {post + "Transfer-Encoding: chunked\r\nContent-Length: 60\r\n\r\n0\r\n\r\n" + smuggled, []string{"0\r\n\r\n"}},
		"two lengths":               {post + "Content-Length: 0\r\nContent-Length: 50\r\n\r\n" + smuggled, nil},
		"two lengths in one":        {post + "Content-Length: 0, 50\r\n\r\n" + smuggled, nil},
		"length with a sign":        {post + "Content-Length: +5\r\n\r\n" + smuggled, nil},
		"length in hexadecimal":     {post + "Content-Length: 0x5\r\n\r\n" + smuggled, nil},
		"negative length":           {post + "Content-Length: -1\r\n\r\n" + smuggled, nil},
		"chunked twice":             {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, nil},
		"chunked and identity":      {post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + smuggled, nil},
		"unknown coding":            {post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + smuggled, nil},
		"coding in quotes":          {post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" + smuggled, nil},
		"space before the colon":    {post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + smuggled, nil},
		"coding behind a tab":       {post + "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n" + smuggled, []string{"0\r\n\r\n"}},
		"vertical tab in coding":    {post + "Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + smuggled, nil},
		"folded header":             {post + "X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n" + smuggled, []string{""}},
		"folded first header":       {"POST " + root + "/v1/a HTTP/1.1\r\n X: y\r\nHost: localhost\r\n\r\n", nil},
		"bare line feeds":           {strings.ReplaceAll(post+"Content-Length: 2\r\n\r\n", "\r\n", "\n") + "ab" + smuggled, []string{"ab"}},
		"bare return in a value":    {post + "X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", nil},
		"zero byte in a value":      {post + "X-A: b\x00c\r\nContent-Length: 0\r\n\r\n", nil},
		"zero byte in a name":       {post + "X\x00A: b\r\nContent-Length: 0\r\n\r\n", nil},
		"space in a name":           {post + "X A: b\r\nContent-Length: 0\r\n\r\n", nil},
		"no name":                   {post + ": b\r\nContent-Length: 0\r\n\r\n", nil},
		"chunk with extension":      {post + "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nab\r\n0\r\n\r\n", []string{"2\r\nab\r\n0\r\n\r\n"}},
		"chunk with bare feed":      {post + "Transfer-Encoding: chunked\r\n\r\n2\nab\r\n0\r\n\r\n", nil},
		"chunk size too long":       {post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", nil},
		"more than the chunk":       {post + "Transfer-Encoding: chunked\r\n\r\n2\r\nabX\r\n0\r\n\r\n", nil},
		"trailer that frames":       {post + "Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\nContent-Length: 5\r\n\r\n", nil},
		"connection: authorization": {"POST " + root + "/v1/a" + requestHead + "Connection: authorization, ocp-apim-subscription-key, host, content-length\r\nContent-Length: 2\r\n\r\nab", []string{"ab"}},
		"GET with a body":           {"GET " + root + "/v1/a" + requestHead + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(smuggled)) + smuggled, []string{smuggled}},
		"two hosts":                 {"POST " + root + "/v1/a HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", nil},
		"no host":                   {"POST " + root + "/v1/a HTTP/1.1\r\nAuthorization: Bearer " + callerToken + "\r\n\r\n", nil},
		"foreign host":              {"POST " + root + "/v1/a HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer " + callerToken + "\r\nContent-Length: 0\r\n\r\n", nil},
		"host with a path":          {"POST " + root + "/v1/a HTTP/1.1\r\nHost: localhost/x\r\nAuthorization: Bearer " + callerToken + "\r\nContent-Length: 0\r\n\r\n", nil},
		"host with a user":          {"POST " + root + "/v1/a HTTP/1.1\r\nHost: localhost@evil.example\r\nAuthorization: Bearer " + callerToken + "\r\nContent-Length: 0\r\n\r\n", nil},
		"absolute form":             {"POST http://localhost" + root + "/v1/a" + requestHead + "Content-Length: 0\r\n\r\n", []string{""}},
		"absolute form elsewhere":   {"POST http://evil.example" + root + "/v1/a" + requestHead + "Content-Length: 0\r\n\r\n", nil},
		"authority form":            {"CONNECT localhost:443" + requestHead + "\r\n", nil},
		"asterisk form":             {"OPTIONS *" + requestHead + "\r\n", nil},
		"encoded prefix":            {"POST /api/v1/credentials/cred_1/%70aycor/v1/a" + requestHead + "Content-Length: 0\r\n\r\n", nil},
		"encoded id":                {"POST /api/v1/credentials/cred%5f1/paycor/v1/a" + requestHead + "Content-Length: 0\r\n\r\n", nil},
		"dots before the prefix":    {"POST /x/../api/v1/credentials/cred_1/paycor/v1/a" + requestHead + "Content-Length: 0\r\n\r\n", nil},
		"two slashes in front":      {"POST /" + root + "/v1/a" + requestHead + "Content-Length: 0\r\n\r\n", nil},
		"upgrade":                   {"GET " + root + "/v1/a" + requestHead + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", nil},
		"upgrade to HTTP/2":         {"GET " + root + "/v1/a" + requestHead + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n", nil},
		"HTTP/2 at once":            {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", nil},
		"HTTP/1.0 in chunks":        {"POST " + root + "/v1/a HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer " + callerToken + "\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", nil},
		"HTTP/0.9":                  {"GET " + root + "/v1/a\r\n\r\n", nil},
		"unknown expectation":       {post + "Expect: 200-ok\r\nContent-Length: 2\r\n\r\nab", nil},
		"two expectations":          {post + "Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab", nil},
		"headers without end":       {"GET " + root + "/v1/a" + requestHead + "X-A: " + strings.Repeat("a", 64<<10), nil},
		"a million headers":         {"GET " + root + "/v1/a" + requestHead + strings.Repeat("A: b\r\n", 20000), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
			s := newTestServer(t, upstream.URL())
			got := s.sendRaw(test.request, 150*time.Millisecond)
			var bodies []string
			for _, request := range upstream.requests() {
				bodies = append(bodies, request.body)
				assert.NotContains(t, request.head, "smuggled")
				assert.Equal(t, 1, strings.Count(request.head, "\r\nAuthorization: Bearer "+oldToken+"\r\n"))
				assert.Equal(t, 1, strings.Count(request.head, "\r\nHost: "+upstream.Addr().String()+"\r\n"))
				assert.Equal(t, 1, strings.Count(strings.ToLower(request.head), "subscription-key"))
				assert.Equal(t, 1, strings.Count(request.head, "\r\nContent-Length:")+strings.Count(request.head, "\r\nTransfer-Encoding:"), request.head)
			}
			if test.received == nil {
				assert.NotRegexp(t, "HTTP/1.[01] 200", got)
				for _, request := range upstream.requests() {
					assert.False(t, strings.HasSuffix(request.body, "0\r\n\r\n"), "%q is complete", request)
				}
				return
			}
			assert.Equal(t, test.received, bodies)
			assert.True(t, strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n"), got)
			assert.LessOrEqual(t, strings.Count(got, "HTTP/1.1 200"), 1, "a hidden request is not answered")
		})
	}
}

// A response that comes before the end of the body closes the caller's connection,
// so the rest of the body is not taken for another request.
func TestLeftoverBodyIsNotARequest(t *testing.T) {
	t.Parallel()
	for name, framing := range map[string]string{"length": "Content-Length: 100000\r\n\r\nfirst", "chunked": "Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"} {
		for _, response := range []string{okResponse, empty401, "nonsense\r\n\r\n"} {
			t.Run(name+" "+response[:12], func(t *testing.T) {
				t.Parallel()
				upstream := newEarlyUpstream(t, response)
				s := newTestServer(t, upstream.URL())
				conn := s.dial()
				defer conn.Close()
				_, err := io.WriteString(conn, "POST "+root+"/v1/a"+requestHead+framing)
				require.NoError(t, err)
				buffer := make([]byte, 64<<10)
				_ = conn.SetReadDeadline(time.Now().Add(testTimeout))
				n, err := conn.Read(buffer)
				require.NoError(t, err)
				_, _ = io.WriteString(conn, strings.Repeat("GET "+root+"/v1/smuggled"+requestHead+"\r\n", 3))
				got := string(buffer[:n]) + readAll(conn, 5*time.Second)
				assert.Contains(t, got, "\r\nConnection: close\r\n")
				assert.Equal(t, 1, strings.Count(got, "HTTP/1.1 "), got)
				assert.NotContains(t, s.log.String(), "panic")
			})
		}
	}
}

// An early response is not lost to a caller that goes on sending and wants the connection
// closed afterwards, as proxies do.
func TestEarlyResponseArrivesBeforeTheClose(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{"HTTP/1.0": " HTTP/1.0\r\n", "HTTP/1.1, close": " HTTP/1.1\r\nConnection: close\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTestServer(t, newEarlyUpstream(t, okResponse).URL(), func(c *proxy.Config) { proxy.LingerFor(c, testTimeout) }) // on a busy machine this test takes long to send
			conn := s.dial()
			defer conn.Close()
			_, err := io.WriteString(conn, "POST "+root+"/v1/a"+head+"Host: localhost\r\nAuthorization: Bearer "+callerToken+"\r\nContent-Length: 50000000\r\n\r\n")
			require.NoError(t, err)
			for range 20 { // what this sends meanwhile would reset a closed connection
				_, err := conn.Write(make([]byte, 64<<10))
				require.NoError(t, err)
				time.Sleep(5 * time.Millisecond)
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			defer response.Body.Close()
			assert.Equal(t, http.StatusOK, response.StatusCode)
		})
	}
}

// In HTTP/2 the rest of a body is never taken for a request, so the connection
// stays open for the caller's other calls.
func TestEarlyResponseKeepsHTTP2Connection(t *testing.T) {
	t.Parallel()
	upstream := newEarlyUpstream(t, okResponse)
	s := newTestServer(t, upstream.URL())
	var conns atomic.Int32
	server := httptest.NewUnstartedServer(s.server.Handler)
	server.EnableHTTP2 = true
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	server.StartTLS()
	defer server.Close()
	for range 3 {
		body, rest := io.Pipe()
		go func() { _, _ = rest.Write([]byte("first")) }()
		request, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+root+"/v1/a", body)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+callerToken)
		response, err := server.Client().Do(request)
		require.NoError(t, err)
		assert.Equal(t, "HTTP/2.0 200 OK", response.Proto+" "+response.Status)
		_, err = io.ReadAll(response.Body)
		require.NoError(t, err)
		_ = response.Body.Close()
		_ = rest.Close()
	}
	assert.EqualValues(t, 1, conns.Load())
}
