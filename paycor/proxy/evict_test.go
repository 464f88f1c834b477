package proxy_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/proxy"
)

// However many credentials are called in turn, a bounded number is remembered, and the
// workspace's calls share a few connections.
func TestManyCredentialsAreCalledWithBoundedState(t *testing.T) {
	t.Parallel()
	upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
	s := newTestServer(t, upstream.URL(), func(c *proxy.Config) { *c = proxy.WithMaxCredentials(*c, 20) })
	s.source.keys = map[string]string{}
	for i := range 200 {
		credential := fmt.Sprint("cred_", i)
		s.source.keys[credential] = "key-" + credential
		response, _ := s.send("GET", "/api/v1/credentials/"+credential+"/paycor/v1/a", "")
		assert.Equal(t, 200, response.StatusCode)
	}
	credentials, upstreams, limiters := s.proxy.Remembered()
	assert.LessOrEqual(t, credentials, 20)
	assert.LessOrEqual(t, upstreams, 20)
	assert.Equal(t, 200, limiters, "a key's minute is not forgotten before it is over")
	assert.Len(t, s.proxy.Breakers().Environments(), 1)
	assert.Equal(t, 1, s.proxy.Open(), "one at a time needs one connection")
}
