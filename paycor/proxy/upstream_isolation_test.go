package proxy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/breaker"
	"paycorcred/paycor/proxy"
)

// What one customer's application does at Paycor, and what comes back to it,
// touches nobody else's calls: neither the breaker nor a connection is shared
// between subscription keys.
func TestUpstreamsAreIsolated(t *testing.T) {
	upstream := newRawUpstream(t, func(_ int, got receivedRequest) string {
		if strings.Contains(got.head, subscriptionKey) {
			return bad502
		}
		return okResponse
	})
	s := newTestServer(t, upstream.URL())
	s.source.keys = map[string]string{"cred_2": "another-key"}
	for range 20 {
		s.send("POST", root+"/v1/a", "")
		response, _ := s.send("POST", secondRoot+"/v1/a", "")
		assert.Equal(t, 200, response.StatusCode)
	}
	response, _ := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, "call_unwell", response.Header.Get(proxy.ErrorHeader))
	states := s.proxy.Breakers().Environments()
	require.Len(t, states, 1)
	assert.Equal(t, breaker.Open, states[0].State, "an environment is as bad as the worst of its keys")
	assert.False(t, s.proxy.Breakers().OpenUntil("w", "cred_1").IsZero())
	assert.True(t, s.proxy.Breakers().OpenUntil("w", "cred_2").IsZero())
	assert.True(t, s.proxy.Breakers().OpenUntil("w", "cred_3").IsZero(), "nothing was called through it")
	upstream.mu.Lock()
	defer upstream.mu.Unlock()
	assert.Equal(t, 2, upstream.connections)
}
