package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/web"
)

// A request that takes longer than Server.ReadTimeout must not be canceled. While
// the handler runs, net/http keeps reading to detect a disconnected client, without
// ReadTimeout. This test fails if net/http ever mistakes the timeout for a
// disconnect.
func TestReadTimeoutDoesNotCancelSlowRequests(t *testing.T) {
	t.Parallel()
	const readTimeout = time.Second
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
	var group sync.WaitGroup // not subtests: their number that run at once is limited, and each waits
	for name, test := range tests {
		group.Go(func() { assert.NoError(t, sendSlowRequest(t, readTimeout, test.line, test.headers, test.body), name) })
	}
	group.Wait()
}

// sendSlowRequest sends a request whose handler takes twice readTimeout. It fails if
// the request's context ends before, or if the response is not 200.
func sendSlowRequest(t *testing.T, readTimeout time.Duration, line, headers, body string) error {
	h := newTestServer(t, func(c *web.Config) { c.Heartbeat = time.Hour })
	h.service.block = make(chan struct{})
	canceled := make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			context.AfterFunc(r.Context(), func() { close(canceled) })
		}
		h.handler.ServeHTTP(w, r)
	}))
	server.Config = web.NewHTTPServer(server.Config.Handler, slog.New(slog.DiscardHandler))
	server.Config.ReadTimeout = readTimeout
	server.Start()
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		return err
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	if strings.Contains(headers, "X-Before") {
		if err := sendHealthCheck(conn, reader); err != nil {
			return err
		}
	}
	length := ""
	if !strings.Contains(headers, "chunked") && !strings.HasPrefix(line, "GET") {
		length = "\r\nContent-Length: " + strconv.Itoa(len(body))
	}
	_, err = conn.Write([]byte(line + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer " + validToken +
		length + headers + "\r\n\r\n" + body))
	if err != nil {
		return err
	}
	select {
	case <-canceled:
		return errors.New("the request was canceled")
	case <-time.After(2 * readTimeout):
	}
	close(h.service.block)
	close(h.changes)
	for {
		received, err := http.ReadResponse(reader, nil)
		if err != nil {
			return err
		}
		if received.StatusCode != http.StatusContinue {
			return statusError(received.StatusCode)
		}
	}
}

// sendHealthCheck sends a request and reads its response.
func sendHealthCheck(conn net.Conn, reader *bufio.Reader) error {
	if _, err := conn.Write([]byte("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
		return err
	}
	received, err := http.ReadResponse(reader, nil)
	if err != nil {
		return err
	}
	_, err = reader.Discard(int(received.ContentLength))
	return err
}

// statusError returns an error unless the status is 200.
func statusError(status int) error {
	if status == http.StatusOK {
		return nil
	}
	return fmt.Errorf("status %d", status)
}
