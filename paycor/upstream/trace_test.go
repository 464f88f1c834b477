package upstream_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/redact"
	"paycorcred/paycor/trace"
	"paycorcred/paycor/upstream"
)

// Requests to Paycor carry the trace of the request that caused them.
func TestTheTraceIsPassedOn(t *testing.T) {
	const sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	var got []string
	client := upstream.New(upstream.Config{Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
		got = append(got, r.Header.Get("Traceparent"))
		return &http.Response{StatusCode: 204, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
	})})
	span, ok := trace.Parse(sent)
	require.True(t, ok)
	for _, ctx := range []context.Context{trace.With(t.Context(), span), t.Context()} {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/x", nil)
		require.NoError(t, err)
		_, err = client.Send(ctx, request, redact.Redactor{})
		require.NoError(t, err)
	}
	assert.Equal(t, []string{sent, ""}, got)
}
