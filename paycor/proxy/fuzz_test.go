package proxy_test

import (
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy"
)

// Whatever passes stays below the environment's address and brings no key,
// however a server behind it reads it.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{"/v1/a?b=c", "/..", "/%2e%2e/", "//h", `/\h`, "/%5ch", "/%252e%252e", "/a?subscription-key=1", "/a?%73ubscription-key", "/100%25", "/a;b/..;c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		if proxy.CheckTarget(target) != nil {
			return
		}
		require.True(t, strings.HasPrefix(target, "/"))
		assert.NotContains(t, target, "\r")
		assert.NotContains(t, target, "\n")
		assert.NotContains(t, target, " ")
		way, query, _ := strings.Cut(target, "?")
		for range 3 {
			plain := strings.ReplaceAll(way, `\`, "/")
			assert.False(t, strings.HasPrefix(plain, "//"), target)
			cleaned := path.Clean("/base" + plain)
			assert.True(t, cleaned == "/base" || strings.HasPrefix(cleaned, "/base/"), "%q leads to %q", target, cleaned)
			decoded, err := url.PathUnescape(way)
			if err != nil {
				break
			}
			way = decoded
		}
		values, _ := url.ParseQuery(query)
		for name := range values {
			assert.False(t, strings.EqualFold(name, "subscription-key"), target)
		}
	})
}
