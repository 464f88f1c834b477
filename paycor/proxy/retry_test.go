package proxy_test

import (
	"bufio"
	"encoding/pem"
	"errors"
	"fmt"
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

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/proxy"
	"paycorcred/paycor/verdicts"
)

// Answers of Paycor's.
const (
	empty401  = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
	chunk401  = "HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	gateway   = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 35\r\n\r\n{\"statusCode\":401,\"message\":\"No.\"}\n"
	broken500 = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\n{}"
	bad502    = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\n{}"
	limit429  = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\n{}"
	long429   = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 600\r\nContent-Length: 2\r\n\r\n{}"
	hangUp    = ""
)

func TestWhatIsSentAgain(t *testing.T) {
	type test struct {
		methods string
		body    string
		answers []string // the last one stays
		status  int
		code    string
		arrived int
	}
	const all, safe, unsafe = "GET HEAD POST PUT PATCH DELETE", "GET HEAD", "POST PUT PATCH DELETE"
	tests := map[string]test{
		"empty 401":                      {safe, "", []string{empty401, ok}, 200, "", 2},
		"empty 401 in chunks":            {safe, "", []string{chunk401, ok}, 200, "", 2},
		"empty 401 twice":                {safe, "", []string{empty401}, 401, "", 2},
		"empty 401 without a body":       {unsafe, "", []string{empty401, ok}, 401, "", 1},
		"empty 401 after a body":         {unsafe, "body", []string{empty401, ok}, 401, "", 1},
		"empty 401 to a GET with a body": {"GET", "body", []string{empty401, ok}, 401, "", 1},
		"401 of the gateway":             {all, "", []string{gateway, ok}, 401, "", 1},
		"500 while reading":              {safe, "", []string{broken500, ok}, 200, "", 2},
		"500 twice":                      {safe, "", []string{broken500}, 500, "", 2},
		"500 while writing":              {unsafe, "body", []string{broken500, ok}, 500, "", 1},
		"500 while writing nothing":      {unsafe, "", []string{broken500, ok}, 500, "", 1},
		"500 to a GET with a body":       {"GET", "body", []string{broken500, ok}, 500, "", 1},
		"502 while reading":              {safe, "", []string{bad502, ok}, 200, "", 2},
		"hung up while reading":          {safe, "", []string{hangUp, ok}, 200, "", 2},
		"hung up twice":                  {safe, "", []string{hangUp}, 502, "call_unknown", 2},
		"hung up while writing":          {unsafe, "body", []string{hangUp, ok}, 502, "call_unknown", 1},
		"hung up while writing nothing":  {unsafe, "", []string{hangUp, ok}, 502, "call_unknown", 1},
		"hung up, then 500":              {safe, "", []string{hangUp, broken500, ok}, 500, "", 2},
		"empty 401, then 500":            {safe, "", []string{empty401, broken500, ok}, 200, "", 3},
		"half a head":                    {unsafe, "", []string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", ok}, 502, "call_unknown", 1},
		"no HTTP":                        {unsafe, "", []string{"220 smtp.example ready\r\n\r\n", ok}, 502, "call_unreadable", 1},
		"another protocol":               {unsafe, "", []string{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", ok}, 502, "call_unreadable", 1},
		"429 while writing":              {unsafe, "", []string{limit429, ok}, 429, "", 1},
		"429 for too long":               {safe, "", []string{long429, ok}, 429, "", 1},
		"429 while reading":              {"GET", "", []string{limit429, ok}, 200, "", 2},
		"429 twice":                      {"GET", "", []string{limit429}, 429, "", 2},
	}
	for name, test := range tests {
		for method := range strings.FieldsSeq(test.methods) {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				upstream := listen(t, func(n int, got seen) string {
					answer := test.answers[min(n, len(test.answers))-1]
					if strings.HasPrefix(got.head, "HEAD") {
						head, _, _ := strings.Cut(answer, "\r\n\r\n")
						answer = head
						if head != "" {
							answer += "\r\n\r\n"
						}
					}
					return answer
				})
				s := open(t, upstream.URL())
				s.source.next = newToken
				response, _ := s.send(method, root+"/v1/a", test.body)
				assert.Equal(t, test.status, response.StatusCode)
				assert.Equal(t, test.code, response.Header.Get(proxy.ErrorHeader))
				got := upstream.requests()
				assert.Len(t, got, test.arrived, "what reached Paycor")
				assert.Equal(t, test.arrived, s.last(1).Tries)
				if strings.HasPrefix(test.answers[0], "HTTP/1.1 401") && test.arrived > 1 {
					assert.Contains(t, got[0].head, oldToken)
					assert.Contains(t, got[1].head, newToken)
				}
			})
		}
	}
}

// Where the token after a refused one is refused too, the caller hears why, and
// nothing is sent twice.
func TestAnEmpty401WithoutAnotherToken(t *testing.T) {
	verdict := verdicts.CodeClientRejected.Verdict()
	why := &paycor.Error{Kind: paycor.KindConflict, Code: verdict.Code, Message: message.New("error.no-access-token", verdict.Message, verdict.Remedy), Verdict: &verdict}
	for name, answer := range map[string]string{"empty": empty401, "in chunks": chunk401} {
		for method, body := range map[string]string{"GET": "", "HEAD": "", "POST": "body", "PUT": "", "DELETE": ""} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				upstream := listen(t, func(_ int, got seen) string {
					if strings.HasPrefix(got.head, "HEAD") {
						return empty401
					}
					return answer
				})
				s := open(t, upstream.URL())
				s.source.lost = why
				response, told := s.send(method, root+"/v1/a", body)
				assert.Equal(t, 409, response.StatusCode)
				assert.Equal(t, "client_rejected", response.Header.Get(proxy.ErrorHeader))
				assert.Empty(t, response.Header.Get(proxy.NoteHeader))
				if method != "HEAD" {
					assert.Contains(t, told, verdict.Message.In(locale.English))
				}
				assert.Len(t, upstream.requests(), 1)
				use := s.last(1)
				assert.Equal(t, 409, use.Status)
				assert.Equal(t, verdicts.CodeClientRejected, use.Code)
			})
		}
	}

	// The credential's own trouble is told, and nothing else.
	upstream := listen(t, func(int, seen) string { return empty401 })
	s := open(t, upstream.URL())
	s.source.lost = errors.New("the store is closed")
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 401, response.StatusCode)
	assert.Equal(t, "upstream_token", response.Header.Get(proxy.NoteHeader))
}

func TestPatienceIsTheCallers(t *testing.T) {
	for prefer, status := range map[string]int{"wait=0": 429, "wait=1": 200, "respond-async, wait=30": 200, "wait=much": 200} {
		t.Run(prefer, func(t *testing.T) {
			t.Parallel()
			upstream := listen(t, func(n int, _ seen) string { return map[bool]string{true: limit429, false: ok}[n == 1] })
			s := open(t, upstream.URL())
			response, _ := s.send("GET", root+"/v1/a", "", "Prefer: "+prefer)
			assert.Equal(t, status, response.StatusCode)
			if status == 200 {
				assert.GreaterOrEqual(t, s.last(1).Waited, 900*time.Millisecond)
			}
		})
	}
}

// A connection that Paycor closed while it lay idle is the case in which an
// http.Transport sends a request again by itself.
func TestAStaleConnectionRepeatsNothing(t *testing.T) {
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		for _, header := range []string{"X-A: b", "Idempotency-Key: k", "X-Idempotency-Key: k"} {
			t.Run(method+" "+header, func(t *testing.T) {
				t.Parallel()
				upstream := listen(t, func(n int, _ seen) string {
					if n == 2 {
						return hangUp // it was read, and may have been done
					}
					return ok
				})
				s := open(t, upstream.URL())
				response, _ := s.send("GET", root+"/v1/a", "")
				require.Equal(t, 200, response.StatusCode)
				response, _ = s.send(method, root+"/v1/a", "", header)
				assert.Equal(t, "call_unknown", response.Header.Get(proxy.ErrorHeader))
				assert.Len(t, upstream.requests(), 2)
			})
		}
	}
}

// Where Paycor closed an idle connection before a request was begun, the
// request takes another one, and nobody notices.
func TestAClosedConnectionIsNotUsed(t *testing.T) {
	var arrived atomic.Int64
	upstream := &wire{}
	upstream.serve(t, func(conn net.Conn) {
		buffer := make([]byte, 4096)
		if _, err := conn.Read(buffer); err == nil {
			arrived.Add(1)
			_, _ = io.WriteString(conn, ok)
		}
	})
	s := open(t, upstream.URL())
	for n := range 20 {
		response, _ := s.send([]string{"POST", "DELETE", "PUT", "PATCH"}[n%4], root+"/v1/a", "")
		assert.Equal(t, 200, response.StatusCode)
		time.Sleep(5 * time.Millisecond) // the end travels
	}
	assert.EqualValues(t, 20, arrived.Load())
}

// The same behind a proxy of the network that is spoken to by TLS.
func TestAClosedTunnelIsNotUsed(t *testing.T) {
	upstream := &wire{}
	upstream.serve(t, func(conn net.Conn) {
		if _, err := conn.Read(make([]byte, 4096)); err == nil {
			_, _ = io.WriteString(conn, ok)
		}
	})
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
		defer here.Close()
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, here) }()
		_, _ = io.Copy(here, there)
	}))
	defer network.Close()
	trusted := filepath.Join(t.TempDir(), "roots.pem")
	require.NoError(t, os.WriteFile(trusted, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: network.Certificate().Raw}), 0o600))
	t.Setenv("SSL_CERT_FILE", trusted) // read once: no other test of this package asks the machine's roots
	s := open(t, upstream.URL(), func(c *proxy.Config) {
		c.HTTPProxy = func(*url.URL) (*url.URL, error) { return url.Parse(network.URL) }
	})
	for range 10 {
		response, body := s.send("POST", root+"/v1/a", "")
		assert.Equal(t, 200, response.StatusCode, body)
		time.Sleep(5 * time.Millisecond) // the end travels
	}
}

// A connection is used again only where nothing can be on it that belongs to
// the call before: what came behind an answer is nobody's, and one that Paycor
// means to close is not begun on.
func TestAConnectionThatIsNotClean(t *testing.T) {
	const poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
	for name, answer := range map[string]string{
		"more than was asked for":           ok + poison,
		"a body where none can be":          "HTTP/1.1 204 No Content\r\n\r\n" + poison,
		"a body behind what needs none":     "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n" + poison,
		"it says that it closes":            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
		"it is of a time before keep-alive": "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
	} {
		t.Run(name, func(t *testing.T) {
			upstream := listen(t, func(int, seen) string { return answer })
			s := open(t, upstream.URL())
			for _, method := range []string{"GET", "GET", "POST", "GET"} {
				_, body := s.send(method, root+"/v1/a", "")
				assert.NotEqual(t, "poison", body)
			}
			upstream.mu.Lock()
			defer upstream.mu.Unlock()
			assert.Equal(t, 4, upstream.lines, "each call has a connection of its own")
		})
	}
}

// A caller that waits for 100 Continue has sent nothing of its body when
// Paycor refuses the token, so it need not send anything twice.
func TestExpectationsReachPaycor(t *testing.T) {
	upstream := &wire{}
	var heads, bodies atomic.Int64
	upstream.serve(t, func(conn net.Conn) {
		buffer := make([]byte, 4096)
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		head := string(buffer[:n])
		heads.Add(1)
		if !strings.Contains(head, "Expect: 100-continue\r\n") || strings.Contains(head, oldToken) {
			_, _ = io.WriteString(conn, empty401)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n")
		body := make([]byte, 4)
		if _, err := io.ReadFull(conn, body); err == nil {
			bodies.Add(1)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"+string(body))
		}
	})
	s := open(t, upstream.URL())
	s.source.next = newToken
	request, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+root+"/v1/a", strings.NewReader("body"))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+opens)
	request.Header.Set("Expect", "100-continue")
	transport := &http.Transport{ExpectContinueTimeout: patience}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, "body", string(body))
	assert.EqualValues(t, 2, heads.Load())
	assert.EqualValues(t, 1, bodies.Load())
}

// Once Paycor has asked for the body it may get all of it, whatever it says
// next: the request is not sent again.
func TestABodyThatWasAskedForIsSentOnce(t *testing.T) {
	var heads atomic.Int64
	upstream := &wire{}
	upstream.serve(t, func(conn net.Conn) {
		for r := bufio.NewReader(conn); ; {
			request, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			heads.Add(1)
			_, _ = io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n"+empty401)
			_, _ = io.Copy(io.Discard, request.Body)
		}
	})
	s := open(t, upstream.URL())
	s.source.next = newToken
	for range 5 { // the body may be begun with in time
		got := s.raw("POST "+root+"/v1/a"+begin+"Connection: close\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody", patience)
		assert.Contains(t, got, "HTTP/1.1 401 Unauthorized\r\n")
		s.source.mu.Lock()
		s.source.token, s.source.next = oldToken, newToken
		s.source.mu.Unlock()
	}
	assert.EqualValues(t, 5, heads.Load())
}

// A Paycor that never says Continue gets the body all the same.
func TestAnExpectationNobodyMeets(t *testing.T) {
	upstream := listen(t, func(_ int, got seen) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(got.body), got.body)
	})
	s := open(t, upstream.URL())
	response, body := s.send("POST", root+"/v1/a", "body", "Expect: 100-continue")
	assert.Equal(t, 200, response.StatusCode)
	assert.Equal(t, "body", body)
}

func TestNothingIsSentToNobody(t *testing.T) {
	upstream := &wire{}
	upstream.serve(t, func(net.Conn) {})
	at := upstream.URL()
	_ = upstream.Close()
	s := open(t, at)
	response, body := s.send("POST", root+"/v1/a", "body")
	assert.Equal(t, 502, response.StatusCode)
	assert.Equal(t, "call_unsent", response.Header.Get(proxy.ErrorHeader))
	assert.Contains(t, body, "nothing was sent")
}
