package proxy_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy"
)

// begin is the head of a hostile request, up to the part that makes it one.
const begin = " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + opens + "\r\n"

// Whatever is hidden in a request, Paycor gets one request with one meaning,
// or none.
func TestSmuggling(t *testing.T) {
	const smuggled = "GET /v1/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
	post := "POST " + root + "/v1/a" + begin
	tests := map[string]struct {
		request string
		arrived []string // bodies, as Paycor gets them; nil where nothing may arrive
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
		"blank before the colon":    {post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + smuggled, nil},
		"coding behind a tab":       {post + "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n" + smuggled, []string{"0\r\n\r\n"}},
		"vertical tab in coding":    {post + "Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + smuggled, nil},
		"folded header":             {post + "X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n" + smuggled, []string{""}},
		"folded first header":       {"POST " + root + "/v1/a HTTP/1.1\r\n X: y\r\nHost: localhost\r\n\r\n", nil},
		"bare line feeds":           {strings.ReplaceAll(post+"Content-Length: 2\r\n\r\n", "\r\n", "\n") + "ab" + smuggled, []string{"ab"}},
		"bare return in a value":    {post + "X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", nil},
		"zero byte in a value":      {post + "X-A: b\x00c\r\nContent-Length: 0\r\n\r\n", nil},
		"zero byte in a name":       {post + "X\x00A: b\r\nContent-Length: 0\r\n\r\n", nil},
		"blank in a name":           {post + "X A: b\r\nContent-Length: 0\r\n\r\n", nil},
		"no name":                   {post + ": b\r\nContent-Length: 0\r\n\r\n", nil},
		"chunk with extension":      {post + "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nab\r\n0\r\n\r\n", []string{"2\r\nab\r\n0\r\n\r\n"}},
		"chunk with bare feed":      {post + "Transfer-Encoding: chunked\r\n\r\n2\nab\r\n0\r\n\r\n", nil},
		"chunk size too long":       {post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", nil},
		"more than the chunk":       {post + "Transfer-Encoding: chunked\r\n\r\n2\r\nabX\r\n0\r\n\r\n", nil},
		"trailer that frames":       {post + "Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\nContent-Length: 5\r\n\r\n", nil},
		"connection: authorization": {"POST " + root + "/v1/a" + begin + "Connection: authorization, ocp-apim-subscription-key, host, content-length\r\nContent-Length: 2\r\n\r\nab", []string{"ab"}},
		"GET with a body":           {"GET " + root + "/v1/a" + begin + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(smuggled)) + smuggled, []string{smuggled}},
		"two hosts":                 {"POST " + root + "/v1/a HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", nil},
		"no host":                   {"POST " + root + "/v1/a HTTP/1.1\r\nAuthorization: Bearer " + opens + "\r\n\r\n", nil},
		"foreign host":              {"POST " + root + "/v1/a HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer " + opens + "\r\nContent-Length: 0\r\n\r\n", nil},
		"host with a path":          {"POST " + root + "/v1/a HTTP/1.1\r\nHost: localhost/x\r\nAuthorization: Bearer " + opens + "\r\nContent-Length: 0\r\n\r\n", nil},
		"host with a user":          {"POST " + root + "/v1/a HTTP/1.1\r\nHost: localhost@evil.example\r\nAuthorization: Bearer " + opens + "\r\nContent-Length: 0\r\n\r\n", nil},
		"absolute form":             {"POST http://localhost" + root + "/v1/a" + begin + "Content-Length: 0\r\n\r\n", nil},
		"absolute form elsewhere":   {"POST http://evil.example" + root + "/v1/a" + begin + "Content-Length: 0\r\n\r\n", nil},
		"authority form":            {"CONNECT localhost:443" + begin + "\r\n", nil},
		"asterisk form":             {"OPTIONS *" + begin + "\r\n", nil},
		"encoded prefix":            {"POST /api/v1/credentials/cred_1/%70aycor/v1/a" + begin + "Content-Length: 0\r\n\r\n", nil},
		"encoded id":                {"POST /api/v1/credentials/cred%5f1/paycor/v1/a" + begin + "Content-Length: 0\r\n\r\n", nil},
		"dots before the prefix":    {"POST /x/../api/v1/credentials/cred_1/paycor/v1/a" + begin + "Content-Length: 0\r\n\r\n", nil},
		"two slashes in front":      {"POST /" + root + "/v1/a" + begin + "Content-Length: 0\r\n\r\n", nil},
		"upgrade":                   {"GET " + root + "/v1/a" + begin + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", nil},
		"upgrade to HTTP/2":         {"GET " + root + "/v1/a" + begin + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n", nil},
		"HTTP/2 at once":            {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", nil},
		"HTTP/1.0":                  {"GET " + root + "/v1/a HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer " + opens + "\r\n\r\n", nil},
		"HTTP/0.9":                  {"GET " + root + "/v1/a\r\n\r\n", nil},
		"unknown expectation":       {post + "Expect: 200-ok\r\nContent-Length: 2\r\n\r\nab", nil},
		"two expectations":          {post + "Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab", nil},
		"headers without end":       {"GET " + root + "/v1/a" + begin + "X-A: " + strings.Repeat("a", 64<<10), nil},
		"a million headers":         {"GET " + root + "/v1/a" + begin + strings.Repeat("A: b\r\n", 20000), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream := listen(t, func(int, seen) string { return ok })
			s := open(t, upstream.URL())
			got := s.raw(test.request, 150*time.Millisecond)
			var bodies []string
			for _, request := range upstream.requests() {
				bodies = append(bodies, request.body)
				assert.NotContains(t, request.head, "smuggled")
				assert.Equal(t, 1, strings.Count(request.head, "\r\nAuthorization: Bearer "+oldToken+"\r\n"))
				assert.Equal(t, 1, strings.Count(request.head, "\r\nHost: "+upstream.Addr().String()+"\r\n"))
				assert.Equal(t, 1, strings.Count(strings.ToLower(request.head), "subscription-key"))
				assert.Equal(t, 1, strings.Count(request.head, "\r\nContent-Length:")+strings.Count(request.head, "\r\nTransfer-Encoding:"), request.head)
			}
			if test.arrived == nil {
				assert.NotContains(t, got, "HTTP/1.1 200")
				for _, request := range upstream.requests() {
					assert.False(t, strings.HasSuffix(request.body, "0\r\n\r\n"), "%q arrived as a whole", request)
				}
				return
			}
			assert.Equal(t, test.arrived, bodies)
			assert.True(t, strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n"), got)
			assert.LessOrEqual(t, strings.Count(got, "HTTP/1.1 200"), 1, "what was hidden is not answered")
		})
	}
}

// early answers as soon as the head of a request is there.
func early(t testing.TB, said string) *wire {
	t.Helper()
	w := &wire{}
	w.serve(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096)) // the head, and no more
		_, _ = io.WriteString(conn, said)
		_, _ = io.Copy(io.Discard, conn)
	})
	return w
}

// An answer that comes before the end of the body ends the connection: the rest
// of the body is not another request.
func TestTheRestOfABodyIsNoRequest(t *testing.T) {
	for name, framing := range map[string]string{"length": "Content-Length: 100000\r\n\r\nfirst", "chunked": "Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"} {
		for _, said := range []string{ok, empty401, "nonsense\r\n\r\n"} {
			t.Run(name+" "+said[:12], func(t *testing.T) {
				t.Parallel()
				upstream := early(t, said)
				s := open(t, upstream.URL())
				conn := s.dial()
				defer conn.Close()
				_, err := io.WriteString(conn, "POST "+root+"/v1/a"+begin+framing)
				require.NoError(t, err)
				buffer := make([]byte, 64<<10)
				_ = conn.SetReadDeadline(time.Now().Add(patience))
				n, err := conn.Read(buffer)
				require.NoError(t, err)
				_, _ = io.WriteString(conn, strings.Repeat("GET "+root+"/v1/smuggled"+begin+"\r\n", 3))
				got := string(buffer[:n]) + drain(conn, 5*time.Second)
				assert.Contains(t, got, "\r\nConnection: close\r\n")
				assert.Equal(t, 1, strings.Count(got, "HTTP/1.1 "), got)
				assert.NotContains(t, s.log.String(), "panic")
			})
		}
	}
}

// By HTTP/2 the rest of a body cannot be taken for anything else, so the
// connection stays for the caller's other calls.
func TestAnEarlyAnswerLeavesOtherStreamsAlone(t *testing.T) {
	upstream := early(t, ok)
	s := open(t, upstream.URL())
	var lines atomic.Int32
	server := httptest.NewUnstartedServer(s.server.Handler)
	server.EnableHTTP2 = true
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			lines.Add(1)
		}
	}
	server.StartTLS()
	defer server.Close()
	for range 3 {
		body, rest := io.Pipe()
		go func() { _, _ = rest.Write([]byte("first")) }()
		request, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+root+"/v1/a", body)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+opens)
		response, err := server.Client().Do(request)
		require.NoError(t, err)
		assert.Equal(t, "HTTP/2.0 200 OK", response.Proto+" "+response.Status)
		_, err = io.ReadAll(response.Body)
		require.NoError(t, err)
		_ = response.Body.Close()
		_ = rest.Close()
	}
	assert.EqualValues(t, 1, lines.Load())
}

// Nothing that is put into a header becomes another one.
func TestHeadersCannotBeInjected(t *testing.T) {
	for _, value := range []string{"a\r\nX-Injected: b", "a\nX-Injected: b", "a%0d%0aX-Injected: b", "a\u010dX", "a\xff\xfe"} {
		t.Run(fmt.Sprintf("%q", value), func(t *testing.T) {
			upstream := listen(t, func(int, seen) string { return ok })
			s := open(t, upstream.URL())
			s.raw("GET "+root+"/v1/a"+begin+"X-A: "+value+"\r\nConnection: close\r\n\r\n", patience)
			for _, request := range upstream.requests() {
				for line := range strings.SplitSeq(request.head, "\r\n") {
					assert.NotContains(t, line, "\n")
					if strings.HasPrefix(line, "X-Injected") {
						assert.Contains(t, value, "\n", "the caller sent it as a header")
					}
				}
			}
		})
	}
	// Nor what Paycor sends: its answer is taken apart and put together anew.
	upstream := listen(t, func(int, seen) string {
		return "HTTP/1.1 200 OK\r\nX-A: b\rX-Injected: c\r\nContent-Length: 2\r\n\r\nok"
	})
	s := open(t, upstream.URL())
	got := s.raw("GET "+root+"/v1/a"+begin+"Connection: close\r\n\r\n", patience)
	assert.NotContains(t, got, "\r\nX-Injected")
	assert.NotContains(t, got, "\rX-Injected")
}

// 100-continue with a body that is never sent does not hold a place for long.
func TestContinueIsNotAbused(t *testing.T) {
	upstream := &wire{}
	upstream.serve(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	s := open(t, upstream.URL(), func(c *proxy.Config) { c.StallTimeout, c.ResponseTimeout = 200*time.Millisecond, time.Second })
	got := s.raw("POST "+root+"/v1/a"+begin+"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", patience)
	assert.Contains(t, got, "HTTP/1.1 100 Continue\r\n\r\n")
	assert.Contains(t, got, "Paycorcred-Error: call_body\r\n")
	assert.Contains(t, got, "too slowly")
}

// A body that drips is given up; one that flows is not, however long it is.
func TestSlowBodies(t *testing.T) {
	s := before(t, echo, func(c *proxy.Config) { c.StallTimeout, c.ResponseTimeout = 300*time.Millisecond, 200*time.Millisecond })
	conn := s.dial()
	defer conn.Close()
	_, err := io.WriteString(conn, "POST "+root+"/v1/a"+begin+"Content-Length: 1000000\r\n\r\n")
	require.NoError(t, err)
	stop := make(chan struct{})
	var dripping sync.WaitGroup
	dripping.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				_, _ = conn.Write([]byte("x"))
			}
		}
	})
	assert.Contains(t, drain(conn, patience), "Paycorcred-Error: call_body\r\n")
	close(stop)
	dripping.Wait()

	flowing := s.dial()
	defer flowing.Close()
	_, err = io.WriteString(flowing, fmt.Sprintf("POST %s/v1/a%sContent-Length: %d\r\n\r\n", root, begin, 50*(16<<10)))
	require.NoError(t, err)
	for range 50 {
		_, err = flowing.Write(make([]byte, 16<<10))
		require.NoError(t, err)
		time.Sleep(15 * time.Millisecond)
	}
	assert.Contains(t, drain(flowing, time.Second), "HTTP/1.1 200 OK")
}

// A caller that does not take its answer is let go.
func TestSlowReaders(t *testing.T) {
	s := before(t, flood, func(c *proxy.Config) { c.StallTimeout = 200 * time.Millisecond })
	conn := s.dial()
	defer conn.Close()
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	_, err := io.WriteString(conn, "GET "+root+"/v1/a"+begin+"\r\n")
	require.NoError(t, err)
	assert.Equal(t, "call_gone", string(s.last(1).Code))
}

// Headers that do not come are waited for by the server for ten seconds, no
// longer.
func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	s := before(t, echo)
	conn := s.dial()
	defer conn.Close()
	begun := time.Now()
	_, err := io.WriteString(conn, "GET "+root+"/v1/a HTTP/1.1\r\nHost: local")
	require.NoError(t, err)
	assert.NotContains(t, drain(conn, patience), "200 OK")
	assert.Less(t, time.Since(begun), patience)
	assert.Empty(t, s.proxy.Breakers().Environments(), "nothing was begun")
}

// Any number of slow callers takes a bounded number of places; who finds none
// is told so at once.
func TestPlacesAreBounded(t *testing.T) {
	release := make(chan struct{})
	s := before(t, holdUntil(release), func(c *proxy.Config) { c.MaxCalls, c.MaxCallsPerCredential = 12, 4 }) // of which one consumer may have 6 and 3
	var calls sync.WaitGroup
	answers := make(chan string, 20)
	call := func(path string, by ...string) {
		calls.Go(func() {
			response, _ := s.send("GET", path+"/v1/a", "", by...)
			answers <- fmt.Sprint(response.StatusCode, response.Header.Get(proxy.ErrorHeader))
		})
	}
	underWay := func(n int) {
		require.Eventually(t, func() bool {
			return s.proxy.Calls() == n
		}, patience, time.Millisecond)
	}
	for range 3 {
		call(root)
	}
	underWay(3)
	call(root)
	assert.Equal(t, "429call_crowded", <-answers, "one consumer leaves room for another of the same credential")
	for range 3 {
		call("/api/v1/credentials/cred_2/paycor")
	}
	underWay(6)
	call("/api/v1/credentials/cred_3/paycor")
	assert.Equal(t, "429call_crowded", <-answers, "and of the server")
	const another = "Authorization: Bearer " + opens + "2"
	call(root, another)
	underWay(7)
	call(root, another)
	assert.Equal(t, "429call_crowded", <-answers, "the credential has no more")
	for range 2 {
		call("/api/v1/credentials/cred_3/paycor", another)
	}
	underWay(9)
	call("/api/v1/credentials/cred_3/paycor", another)
	assert.Equal(t, "429call_crowded", <-answers, "the workspace has no more: the rest is for others")
	close(release)
	calls.Wait()
	for range 9 {
		assert.Equal(t, "200", <-answers)
	}
	assert.Zero(t, s.proxy.Calls())
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 200, response.StatusCode, "places are free again")
}

// Ten thousand connections that say nothing keep nobody out, cost little, and
// go when others need the room.
func TestIdleConnections(t *testing.T) {
	if os.Getenv("PROXY_IDLE") != "" {
		holdIdle(t)
		return
	}
	s := before(t, echo)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	crowd := crowdOf(t, s.address, 10_000)
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 200, response.StatusCode)
	runtime.ReadMemStats(&after)
	grown := int64(after.Sys) - int64(before.Sys)
	t.Logf("10 000 idle connections, %d MB", grown>>20)
	assert.Less(t, grown, int64(200<<20))
	crowd()
}
