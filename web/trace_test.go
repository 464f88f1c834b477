package web_test

import (
	"context"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/trace"
	"paycorcred/web"
)

const sentTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

var whole = regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-00$`)

func TestTraceContext(t *testing.T) {
	t.Parallel()
	type arrived struct{ parent, state, context string }
	for name, c := range map[string]struct {
		sent []header
		want string // "" expects a new one
	}{
		"none":            {nil, ""},
		"a good one":      {[]header{{"Traceparent", sentTrace}}, sentTrace},
		"of tomorrow":     {[]header{{"Traceparent", "cc" + sentTrace[2:] + "-more"}}, sentTrace},
		"twice":           {[]header{{"Traceparent", sentTrace}, {"Traceparent", sentTrace}}, ""},
		"empty":           {[]header{{"Traceparent", ""}}, ""},
		"in capitals":     {[]header{{"Traceparent", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"}}, ""},
		"all zeroes":      {[]header{{"Traceparent", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"}}, ""},
		"with more":       {[]header{{"Traceparent", sentTrace + "-x"}}, ""},
		"something else":  {[]header{{"Traceparent", "Bearer secret"}}, ""},
		"version ff":      {[]header{{"Traceparent", "ff" + sentTrace[2:]}}, ""},
		"a parent of all": {[]header{{"Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got arrived
			h := newTestServer(t, func(config *web.Config) {
				config.Metrics = func(ctx context.Context, _ paycor.Caller) (http.Handler, error) {
					span, ok := trace.From(ctx)
					require.True(t, ok)
					got.context = span.String()
					return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
						assert.Len(t, r.Header.Values("Traceparent"), 1)
						got.parent, got.state = r.Header.Get("Traceparent"), r.Header.Get("Tracestate")
					}), nil
				}
			})
			h.send("GET", "/metrics", "", append(c.sent, bearer, header{"Tracestate", "vendor=1"})...)
			want, state := c.want, "vendor=1"
			if want == "" {
				assert.Regexp(t, whole, got.parent)
				want, state = got.parent, ""
			}
			assert.Equal(t, arrived{want, state, want}, got, "the forwarded headers and the context")
			assert.Contains(t, h.log.String(), "trace_id="+want[3:35])
			assert.NotContains(t, h.log.String(), "secret")
		})
	}
}

func TestRequestsWithoutATraceGetDifferentOnes(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	for range 50 {
		h.send("GET", "/healthz", "")
	}
	ids := map[string]bool{}
	for _, found := range regexp.MustCompile(`trace_id=(\w{32}) `).FindAllStringSubmatch(h.log.String(), -1) {
		ids[found[1]] = true
	}
	assert.Len(t, ids, 50)
}
