package h1_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy/h1"
)

// FuzzResponse compares the client with http.ReadResponse, for any bytes.
func FuzzResponse(f *testing.F) {
	for _, test := range oddResponses {
		if len(test.response) < 10_000 {
			f.Add(test.method == "HEAD", []byte(test.response))
		}
	}
	f.Fuzz(func(t *testing.T, head bool, sent []byte) {
		request := get("/")
		if head {
			request.Method = "HEAD"
		}
		pool := h1.NewPool(h1.Config{Dial: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				defer server.Close()
				if _, err := http.ReadRequest(bufio.NewReader(server)); err == nil {
					_, _ = server.Write(sent)
				}
			}()
			return client, nil
		}})
		defer pool.Close()
		conn, err := pool.Get(t.Context(), time.Now(), false)
		require.NoError(t, err)
		response, err := conn.Do(request, time.Now())
		expected := bufio.NewReader(strings.NewReader(string(sent)))
		want := firstFinalResponse(expected, request.Method)
		if err != nil {
			conn.Discard()
			assert.True(t, want == nil || want.StatusCode == http.StatusSwitchingProtocols || len(sent) > 64<<10, "%q: %v", sent, err)
			return
		}
		defer response.Close()
		require.NotNil(t, want, "%q", sent)
		assert.Equal(t, want.StatusCode, response.StatusCode)
		assert.Equal(t, want.Header, response.Header)
		wantBody, wantErr := io.ReadAll(want.Body)
		empty := response.Empty()
		body, err := io.ReadAll(response)
		assert.Equal(t, string(wantBody), string(body))
		assert.Equal(t, wantErr == nil, err == nil, "%v, %v", wantErr, err)
		if err == nil {
			assert.True(t, head || empty == (len(body) == 0))
		}
		assert.Equal(t, want.Trailer, response.Trailer)
	})
}

// firstFinalResponse skips up to 15 interim responses.
func firstFinalResponse(r *bufio.Reader, method string) *http.Response {
	for range 16 {
		response, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return nil
		}
		if response.StatusCode >= 200 || response.StatusCode == http.StatusSwitchingProtocols {
			return response
		}
	}
	return nil
}

// FuzzHeaderValue checks that no value that counts as valid becomes anything
// else than one header.
func FuzzHeaderValue(f *testing.F) {
	for _, value := range []string{"a", "", "a\r\nX-B: c", "a\nX-B: c", "a\x00b", "a\tb", " a ", "\xff\xfe", "a\rb", "a\x7fb"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if !h1.ValidValue(value) {
			return
		}
		received := make(chan string, 1)
		pool := h1.NewPool(h1.Config{Dial: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				defer server.Close()
				var head strings.Builder
				reader := bufio.NewReader(server)
				for {
					line, err := reader.ReadString('\n')
					head.WriteString(line)
					if err != nil || line == "\r\n" {
						received <- head.String()
						return
					}
				}
			}()
			return client, nil
		}})
		request := get("/v1/a")
		request.Headers = headers{"X-A", value, "X-Z", "last"}
		_, _, err := exchange(t.Context(), pool, request)
		require.Error(t, err)
		head := <-received
		assert.Equal(t, fmt.Sprintf("GET /v1/a HTTP/1.1\r\nHost: upstream\r\nX-A: %s\r\nX-Z: last\r\n\r\n", value), head)
		_, rest, _ := strings.Cut(head, "\r\n")
		parsed, err := textproto.NewReader(bufio.NewReader(strings.NewReader(rest))).ReadMIMEHeader()
		if err == nil { // net/http rejects some values that are harmless
			assert.Len(t, parsed, 3)
			assert.Equal(t, []string{textproto.TrimString(value)}, parsed["X-A"])
		}
	})
}
