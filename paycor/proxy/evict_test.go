package proxy_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
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

// A key's calls are remembered for their minute, and nothing of it afterwards.
func TestLimitersAreForgottenAfterTheirMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, err := proxy.New(proxy.Config{CredentialSource: noCredentials{}, CallsPerMinute: 1})
		require.NoError(t, err)
		defer p.Close()
		count := func(name string, keys int) {
			for i := range keys {
				assert.Zero(t, p.CountOwn(paycor.NewSecret(fmt.Sprint(name, i))))
			}
		}
		count("first", 300)
		time.Sleep(time.Minute)
		count("second", 200)
		assert.NotZero(t, p.CountOwn(paycor.NewSecret("first0")), "its call is not a minute old at Paycor")
		_, _, limiters := p.Remembered()
		assert.Equal(t, 500, limiters)

		time.Sleep(time.Minute + 2*time.Second)
		count("third", 400)
		_, _, limiters = p.Remembered()
		assert.Less(t, limiters, 450, "some were forgotten for each new one")
	})
}

// noCredentials is a source that no call reaches.
type noCredentials struct{ proxy.CredentialSource }
