package proxy_test

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/proxy"
)

// failedWriter keeps the buffer of a Write that failed, as HTTP/2 does if the
// caller resets the stream.
type failedWriter struct {
	http.ResponseWriter
	held []byte
}

func (f *failedWriter) Write(b []byte) (int, error) {
	f.held = b
	return 0, errors.New("the stream is closed")
}

// A buffer that one caller's response may still be sent from is not used for
// another caller.
func TestBufferIsNotReusedAfterFailedWrite(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(_ int, got receivedRequest) string {
		return okResponse[:len(okResponse)-2] + strings.Repeat(got.head[len("GET /v1/"):][:1], 2)
	})
	s := newTestServer(t, upstream.URL())
	call := func(w http.ResponseWriter, path string) {
		s.proxy.Serve(w, httptest.NewRequest("GET", root+path, nil), paycor.Caller{Kind: paycor.CallerConsumer, ID: "token", Workspace: "w"}, "cred_1", path, nil)
	}
	for range 20 {
		left := &failedWriter{ResponseWriter: httptest.NewRecorder()}
		assert.PanicsWithValue(t, http.ErrAbortHandler, func() { call(left, "/v1/a") })
		require.Equal(t, "aa", string(left.held))
		call(httptest.NewRecorder(), "/v1/b")
		require.Equal(t, "aa", string(left.held))
	}
}

// Paycor may respond before it has the whole body, and close the connection. The
// response is forwarded although the body cannot be sent.
func TestEarlyResponseIsForwarded(t *testing.T) {
	t.Parallel()
	explanation := strings.Repeat("x", 20_000)
	upstream := &rawUpstream{}
	upstream.serve(t, func(conn net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		_, _ = io.WriteString(conn, fmt.Sprintf("HTTP/1.1 413 Content Too Large\r\nContent-Length: %d\r\n\r\n%s", len(explanation), explanation))
	})
	s := newTestServer(t, upstream.URL())
	for n := range 50 {
		conn := s.dial()
		var sending sync.WaitGroup
		sending.Go(func() {
			_, _ = io.WriteString(conn, "POST "+root+"/v1/a"+requestHead+"Content-Length: 9000000\r\n\r\n"+strings.Repeat("y", 4_000_000))
		})
		_ = conn.SetReadDeadline(time.Now().Add(testTimeout))
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		require.Equal(t, 413, response.StatusCode, n)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Len(t, body, len(explanation))
		_ = conn.Close()
		sending.Wait()
	}
}

func TestResponsesAreForwardedUnchanged(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		response string
		status   int
		header   map[string]string // empty if the header must be absent
		body     string
	}{
		"whole":                 {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: application/json\r\nX-Own: 1\r\nDate: then\r\nEtag: \"a\"\r\n\r\n[1]", 200, map[string]string{"Content-Type": "application/json", "X-Own": "1", "Date": "then", "Etag": `"a"`, "Content-Length": "3"}, "[1]"},
		"chunked":               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n2\r\n1]\r\n0\r\n\r\n", 200, nil, "[1]"},
		"no type":               {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", 200, map[string]string{"Content-Type": ""}, "<html>"},
		"through other proxies": {"HTTP/1.1 200 OK\r\nVia: 1.1 azure\r\nContent-Length: 0\r\n\r\n", 200, map[string]string{"Via": "1.1 azure"}, ""},
		"no content":            {"HTTP/1.1 204 No Content\r\n\r\n", 204, nil, ""},
		"not modified":          {"HTTP/1.1 304 Not Modified\r\nEtag: \"a\"\r\n\r\n", 304, map[string]string{"Etag": `"a"`}, ""},
		"failure":               {"HTTP/1.1 404 Not Found\r\nContent-Length: 51\r\n\r\n{\"correlationId\":\"11111111-2222-3333\",\"title\":\"No\"}", 404, nil, `{"correlationId":"11111111-2222-3333","title":"No"}`},
		"strange status":        {"HTTP/1.1 299 Odd\r\nContent-Length: 0\r\n\r\n", 299, nil, ""},
		"interim first":         {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + okResponse, 200, map[string]string{"Link": ""}, "ok"},
		"our header":            {"HTTP/1.1 400 Bad Request\r\nPaycorcred-Error: call_path\r\npaycorcred-error: call_path\r\nContent-Length: 0\r\n\r\n", 400, map[string]string{"Paycorcred-Error": ""}, ""},
		"cookies":               {"HTTP/1.1 200 OK\r\nSet-Cookie: paycorcred=planted\r\nContent-Length: 0\r\n\r\n", 200, map[string]string{"Set-Cookie": ""}, ""},
		"of the host":           {"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1\r\nAlt-Svc: h3\r\nClear-Site-Data: *\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Private-Network: true\r\nContent-Length: 0\r\n\r\n", 200, map[string]string{"Strict-Transport-Security": "", "Alt-Svc": "", "Clear-Site-Data": "", "Access-Control-Allow-Origin": "", "Access-Control-Allow-Private-Network": ""}, ""},
		"hop by hop":            {"HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nContent-Length: 0\r\n\r\n", 200, map[string]string{"X-Hop": "", "Keep-Alive": ""}, ""},
		"wait":                  {"HTTP/1.1 403 Forbidden\r\nRetry-After: 5025\r\nContent-Length: 0\r\n\r\n", 403, map[string]string{"Retry-After": "5025"}, ""},
		"www-authenticate":      {"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: AzureApiManagementKey realm=\"x\"\r\nContent-Length: 2\r\n\r\n{}", 401, map[string]string{"Www-Authenticate": `AzureApiManagementKey realm="x"`}, "{}"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			upstream := newRawUpstream(t, func(int, receivedRequest) string { return test.response })
			s := newTestServer(t, upstream.URL())
			response, body := s.send("GET", root+"/v1/a", "")
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.body, body)
			for header, value := range test.header {
				assert.Equal(t, value, response.Header.Get(header), header)
			}
			assert.Empty(t, response.Header.Get("Content-Security-Policy"))
			assert.Empty(t, response.Header.Get(proxy.ErrorHeader))
			via := response.Header["Via"]
			assert.Equal(t, "1.1 paycorcred", via[len(via)-1])
			assert.Equal(t, `"paycor";q=1000000;w=60`, response.Header.Get("RateLimit-Policy"))
			assert.Regexp(t, `^"paycor";r=\d+;t=\d+$`, response.Header.Get("RateLimit"))
			if name == "failure" {
				assert.Equal(t, "11111111-2222-3333", s.lastCall(1).CorrelationID)
			}
		})
	}
}

// largeSize is far more than all buffers together.
const largeSize = 96 << 20

// hashOf reads to the end and returns length and hash.
func hashOf(r io.Reader) (int64, string, error) {
	hash := sha256.New()
	n, err := io.Copy(hash, r)
	return n, fmt.Sprintf("%x", hash.Sum(nil)), err
}

// patternReader is a stream without repetitions.
type patternReader struct{ at, left int64 }

func (n *patternReader) Read(b []byte) (int, error) {
	if n.left == 0 {
		return 0, io.EOF
	}
	b = b[:min(int64(len(b)), n.left)]
	for i := range b {
		b[i] = byte((n.at * 2654435761) >> 7)
		n.at++
	}
	n.left -= int64(len(b))
	return len(b), nil
}

func TestLargeBodiesStream(t *testing.T) {
	t.Parallel()
	_, want, err := hashOf(&patternReader{left: largeSize})
	require.NoError(t, err)
	for _, framing := range []string{"with length", "chunked"} {
		t.Run(framing, func(t *testing.T) {
			got := ""
			s := newTestServerFor(t, func(w http.ResponseWriter, r *http.Request) {
				_, got, _ = hashOf(r.Body)
				if framing == "with length" {
					w.Header().Set("Content-Length", fmt.Sprint(largeSize))
				}
				_, _ = io.Copy(w, &patternReader{left: largeSize})
			})
			request, err := http.NewRequestWithContext(t.Context(), "PUT", s.URL+root+"/v1/file", &patternReader{left: largeSize})
			require.NoError(t, err)
			if framing == "with length" {
				request.ContentLength = largeSize
			}
			request.Header.Set("Authorization", "Bearer "+callerToken)
			response, err := http.DefaultTransport.RoundTrip(request)
			require.NoError(t, err)
			defer response.Body.Close()
			n, back, err := hashOf(response.Body)
			require.NoError(t, err)
			assert.EqualValues(t, largeSize, n)
			assert.Equal(t, want, back, "received by the caller")
			assert.Equal(t, want, got, "received by Paycor")
		})
	}
}

// Parts of a body arrive, in both directions, while more is to come.
func TestResponsesAreFlushed(t *testing.T) {
	t.Parallel()
	s := newTestServerFor(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		buffer := make([]byte, 16)
		for {
			n, err := r.Body.Read(buffer)
			_, _ = w.Write(buffer[:n])
			_ = http.NewResponseController(w).Flush()
			if err != nil {
				return
			}
		}
	})
	reader, writer := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+root+"/v1/echo", reader)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+callerToken)
	go func() { _, _ = writer.Write([]byte("first")) }()
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	back := make([]byte, 5)
	for _, word := range []string{"first", "again", "third"} {
		if word != "first" {
			_, err = writer.Write([]byte(word))
			require.NoError(t, err)
		}
		_, err = io.ReadFull(response.Body, back)
		require.NoError(t, err)
		assert.Equal(t, word, string(back))
	}
	require.NoError(t, writer.Close())
	rest, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Empty(t, rest)
}

func TestEncodingsAndTrailersAreUntouched(t *testing.T) {
	t.Parallel()
	var packed strings.Builder
	zip := gzip.NewWriter(&packed)
	_, _ = zip.Write([]byte("plain"))
	_ = zip.Close()
	s := newTestServerFor(t, func(w http.ResponseWriter, r *http.Request) {
		if _, asked := r.Header["Accept-Encoding"]; asked {
			w.Header().Set("Content-Encoding", "gzip")
		}
		w.Header().Set("Trailer", "X-Sum, Paycorcred-Error")
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, packed.String())
		w.Header().Set("X-Sum", "answer "+r.Trailer.Get("X-Sum"))
		w.Header().Set("Paycorcred-Error", "canary")
	})
	for _, accept := range []string{"", "gzip", "br;q=1, gzip"} {
		request, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+root+"/v1/a", io.MultiReader(strings.NewReader("body")))
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+callerToken)
		request.Trailer = http.Header{"X-Sum": {"request"}, "Authorization": {"canary"}}
		if accept != "" {
			request.Header.Set("Accept-Encoding", accept)
		}
		transport := &http.Transport{DisableCompression: true}
		response, err := transport.RoundTrip(request)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		_ = response.Body.Close()
		assert.Equal(t, packed.String(), string(body))
		assert.Equal(t, accept != "", response.Header.Get("Content-Encoding") == "gzip", accept)
		assert.Equal(t, http.Header{"X-Sum": {"answer request"}}, response.Trailer)
		transport.CloseIdleConnections()
	}
}
