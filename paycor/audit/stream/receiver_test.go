package stream_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/audit/stream"
)

// trail returns lines of a trail.
func trail(count int) (lines []audit.Line) {
	var last *audit.Entry
	for range count {
		previous := ""
		if last != nil {
			previous = last.Hash
		}
		entry := audit.Link(last, audit.Entry{At: time.Date(2026, 11, 30, 1, 2, 3, 4_000_000, time.UTC), Workspace: "w", Action: audit.ActionCreate, CallerName: "Ann <ann@x>\nÄ", Outcome: "done"})
		lines, last = append(lines, audit.Line{Entry: entry, Previous: previous}), &entry
	}
	return lines
}

func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	return ctx
}

func TestAWebhookTakesLinesOfJSON(t *testing.T) {
	status := http.StatusNoContent
	var header http.Header
	var taken []audit.Line
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "POST", r.Method)
		header, taken = r.Header, nil
		for line, err := range audit.ReadLines(r.Body) {
			assert.NoError(t, err)
			taken = append(taken, line)
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	lines := trail(3)
	webhook := stream.NewWebhook(server.URL+"/in?index=audit", paycor.NewSecret("Splunk the-token"), nil, nil, "1.2.3")
	defer webhook.Close()
	require.NoError(t, webhook.Send(bounded(t), lines))
	assert.Equal(t, lines, taken)
	assert.Equal(t, "application/x-ndjson", header.Get("Content-Type"))
	assert.Equal(t, "Splunk the-token", header.Get("Authorization"))
	assert.Equal(t, "1-3", header.Get("Idempotency-Key"))
	assert.Equal(t, "paycorcred/1.2.3", header.Get("User-Agent"))
	for _, status = range []int{302, 400, 401, 429, 503} {
		err := webhook.Send(bounded(t), lines)
		require.ErrorContains(t, err, strconv.Itoa(status))
		assert.NotContains(t, err.Error(), "the-token")
	}
	server.Close()
	assert.Error(t, webhook.Send(bounded(t), lines))
}

// frame reads one message of syslog in its frame.
func frame(from *bufio.Reader) (string, error) {
	length, err := from.ReadString(' ')
	if err != nil {
		return "", err
	}
	size, err := strconv.Atoi(strings.TrimSuffix(length, " "))
	if err != nil {
		return "", err
	}
	text := make([]byte, size)
	_, err = io.ReadFull(from, text)
	return string(text), err
}

// listen accepts connections and passes them on.
func listen(t *testing.T, secured *tls.Config) (address string, accepted chan net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	if secured != nil {
		listener = tls.NewListener(listener, secured)
	}
	t.Cleanup(func() { _ = listener.Close() })
	accepted = make(chan net.Conn, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	return listener.Addr().String(), accepted
}

func TestSyslogTakesMessagesOfRFC5424(t *testing.T) {
	server := httptest.NewUnstartedServer(nil) // for its certificate
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	address, accepted := listen(t, &tls.Config{Certificates: server.TLS.Certificates})
	lines, got := trail(2), make(chan string, 10)
	go func() {
		conn := <-accepted
		defer conn.Close()
		for from := bufio.NewReader(conn); ; {
			text, err := frame(from)
			if err != nil {
				close(got)
				return
			}
			got <- text
		}
	}()
	syslog := stream.NewSyslog(address, &tls.Config{RootCAs: roots})
	require.NoError(t, syslog.Send(bounded(t), lines))
	require.NoError(t, syslog.Send(bounded(t), lines[:1]), "over the same connection")
	syslog.Close()
	var messages []string
	for text := range got {
		messages = append(messages, text)
	}
	require.Len(t, messages, 3)
	for i, text := range messages {
		parts := strings.SplitN(text, " ", 8)
		require.Len(t, parts, 8)
		assert.Equal(t, []string{"<109>1", "2026-11-30T01:02:03.004Z"}, parts[:2])
		assert.NotEmpty(t, parts[2])
		assert.Equal(t, []string{"paycorcred", parts[4], "audit", "-"}, parts[3:7])
		var line audit.Line
		require.NoError(t, json.Unmarshal([]byte(parts[7]), &line))
		assert.Equal(t, lines[i%2], line)
		assert.NotContains(t, text, "\n", "receivers that split at newlines take it, too")
	}
}

func TestSyslogThatWillNotTakeAMessage(t *testing.T) {
	address, accepted := listen(t, nil)
	go func() {
		for conn := range accepted {
			_ = conn.Close()
		}
	}()
	syslog := stream.NewSyslog(address, nil)
	defer syslog.Close()
	assert.Error(t, syslog.Send(bounded(t), trail(1)), "closed")
	assert.Error(t, syslog.Send(bounded(t), trail(1)), "and again, over another connection")

	plain, _ := listen(t, nil)
	untrusted := stream.NewSyslog(plain, &tls.Config{})
	ended, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	assert.Error(t, untrusted.Send(ended, trail(1)), "no TLS there")

	server := httptest.NewTLSServer(nil)
	t.Cleanup(server.Close)
	assert.ErrorContains(t, stream.NewSyslog(server.Listener.Addr().String(), &tls.Config{}).Send(bounded(t), trail(1)), "certificate")
}
