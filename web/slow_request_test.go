package web_test

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/web"
)

// A request that takes longer than Server.ReadTimeout must not be canceled. While
// the handler runs, net/http keeps reading to detect a disconnected client, without
// ReadTimeout. This test fails if net/http ever mistakes the timeout for a
// disconnect.
func TestReadTimeoutDoesNotCancelSlowRequests(t *testing.T) {
	t.Parallel()
	const bound = time.Second
	draft := `{"name":"n","client_id":"c"}`
	lines := "\r\nAccept: application/x-ndjson"
	tests := map[string]struct{ line, headers, body string }{
		"a verification":                 {"POST /api/v1/credentials/a/verify", "", ""},
		"a verification with a body":     {"POST /api/v1/credentials/a/verify", "", "{}"},
		"a verification line by line":    {"POST /api/v1/credentials/a/verify", lines, "{}"},
		"a draft":                        {"POST /api/v1/verify", "", draft},
		"a draft line by line":           {"POST /api/v1/verify", lines, draft},
		"a draft elsewhere":              {"POST /api/v1/verify/counterpart", "", draft},
		"a rotation":                     {"POST /api/v1/credentials/a/rotation", "", `{"client_secret":"s"}`},
		"a rotation without a body":      {"POST /api/v1/credentials/a/rotation", lines, ""},
		"a stream of events":             {"GET /api/v1/events", "", ""},
		"a body of unknown length":       {"POST /api/v1/verify", "\r\nTransfer-Encoding: chunked", "1c\r\n" + draft + "\r\n0\r\n\r\n"},
		"a body that was waited for":     {"POST /api/v1/verify", "\r\nExpect: 100-continue", draft},
		"the second one of a connection": {"POST /api/v1/verify", "\r\nX-Before: yes", draft},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newTestServer(t, func(c *web.Config) { c.Heartbeat = time.Hour })
			h.service.pause = make(chan struct{})
			ended := make(chan struct{})
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/healthz" {
					context.AfterFunc(r.Context(), func() { close(ended) })
				}
				h.handler.ServeHTTP(w, r)
			}))
			server.Config = web.NewHTTPServer(server.Config.Handler, slog.New(slog.DiscardHandler))
			server.Config.ReadTimeout = bound
			server.Start()
			defer server.Close()
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			require.NoError(t, err)
			defer conn.Close()
			reader := bufio.NewReader(conn)
			if strings.Contains(test.headers, "X-Before") {
				_, err = conn.Write([]byte("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
				require.NoError(t, err)
				before, err := http.ReadResponse(reader, nil)
				require.NoError(t, err)
				_, err = reader.Discard(int(before.ContentLength))
				require.NoError(t, err)
			}
			length := ""
			if !strings.Contains(test.headers, "chunked") && !strings.HasPrefix(test.line, "GET") {
				length = "\r\nContent-Length: " + strconv.Itoa(len(test.body))
			}
			_, err = conn.Write([]byte(test.line + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer " + validToken +
				length + test.headers + "\r\n\r\n" + test.body))
			require.NoError(t, err)
			select {
			case <-ended:
				assert.Fail(t, "the request was canceled")
			case <-time.After(2 * bound):
			}
			close(h.service.pause)
			close(h.changes)
			for {
				answer, err := http.ReadResponse(reader, nil)
				require.NoError(t, err)
				if answer.StatusCode == http.StatusContinue {
					continue
				}
				assert.Equal(t, http.StatusOK, answer.StatusCode)
				return
			}
		})
	}
}
