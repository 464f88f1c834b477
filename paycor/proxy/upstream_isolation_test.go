package proxy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/proxy"
)

// Subscription keys do not share a breaker, so the failures of one customer's
// application do not reach another customer.
func TestUpstreamsAreIsolated(t *testing.T) {
	t.Parallel()
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
	assert.Equal(t, breaker.Open, states[0].State, "an environment is in the worst state of its keys")
	assert.False(t, s.proxy.Breakers().OpenUntil("w", "cred_1").IsZero())
	assert.True(t, s.proxy.Breakers().OpenUntil("w", "cred_2").IsZero())
	assert.True(t, s.proxy.Breakers().OpenUntil("w", "cred_3").IsZero(), "no call went through it")
	environment := paycor.Environment{Name: "production", APIURL: upstream.URL()}
	assert.True(t, s.proxy.SharesConnections(environment, "w", "w"))
	assert.False(t, s.proxy.SharesConnections(environment, "w", "v"), "workspaces are different customers")
}
