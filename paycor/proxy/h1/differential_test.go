package h1_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy/h1"
)

// outcome is what a client makes of a response.
type outcome struct {
	Failed  bool // no response
	Status  int
	Header  http.Header
	Body    string
	Broken  bool // the body ended with an error
	Trailer http.Header
}

// TestLikeTransport sends the same odd responses to this client and to
// http.Transport. Both must make the same of them, except where a difference is
// explained.
func TestLikeTransport(t *testing.T) {
	t.Parallel()
	for name, test := range oddResponses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			method := "GET"
			if test.method != "" {
				method = test.method
			}
			address := serve(t, func(conn net.Conn) {
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.WriteString(conn, test.response)
				}
			})
			mine, theirs := byH1(t.Context(), address, method), byTransport(t.Context(), address, method)
			if test.difference == "" {
				assert.Equal(t, theirs, mine)
			} else {
				assert.NotEqual(t, theirs, mine, "the difference is gone: %s", test.difference)
				assert.True(t, mine.Failed, "a difference must be stricter: %s", test.difference)
			}
		})
	}
}

func byH1(ctx context.Context, address, method string) outcome {
	pool := h1.NewPool(h1.Config{Address: address})
	defer pool.Close()
	conn, err := pool.Get(ctx, time.Now(), false)
	if err != nil {
		return outcome{Failed: true}
	}
	request := get("/")
	request.Method = method
	response, err := conn.Do(request, time.Now())
	if err != nil {
		conn.Discard()
		return outcome{Failed: true}
	}
	defer response.Close()
	content, err := io.ReadAll(response)
	return outcome{Status: response.StatusCode, Header: response.Header, Body: string(content), Broken: err != nil, Trailer: response.Trailer}
}

func byTransport(ctx context.Context, address, method string) outcome {
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, method, "http://"+address+"/", nil)
	if err != nil {
		return outcome{Failed: true}
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return outcome{Failed: true}
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return outcome{Status: response.StatusCode, Header: response.Header, Body: string(content), Broken: err != nil, Trailer: response.Trailer}
}

// This is why the package exists: on a kept connection that the upstream closes
// after reading a request, http.Transport sends the request again by itself.
func TestUnlikeTransportNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	// The upstream answers the first request, and hangs up on the second, which
	// it may have processed.
	start := func(t *testing.T) (address string, received func() int) {
		count := make(chan int, 1)
		count <- 0
		address = serve(t, respond(func(n int, _ *http.Request) string {
			<-count
			count <- n
			if n == 2 {
				return ""
			}
			return okResponse
		}))
		return address, func() int { n := <-count; count <- n; return n }
	}

	address, received := start(t)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for range 2 {
		request, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+address+"/", nil)
		require.NoError(t, err)
		request.Header.Set("Idempotency-Key", "k")
		response, err := transport.RoundTrip(request)
		require.NoError(t, err)
		_, _ = io.ReadAll(response.Body)
		_ = response.Body.Close()
	}
	assert.Equal(t, 3, received(), "http.Transport sent the POST twice")

	address, received = start(t)
	pool := h1.NewPool(h1.Config{Address: address})
	defer pool.Close()
	for n := range 2 {
		request := post("")
		request.Body, request.Headers = nil, headers{"Idempotency-Key", "k"}
		_, _, err := exchange(t.Context(), pool, request)
		assert.Equal(t, n == 1, errors.Is(err, io.ErrUnexpectedEOF), "%v", err)
	}
	assert.Equal(t, 2, received(), "once each")
}
