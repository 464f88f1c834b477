package proxy_test

import (
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/proxy"
	"paycorcred/paycor/verdicts"
)

func TestPathAndQueryAreForwardedByteForByte(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"/", "/v1/legalentities/501123/payGroups", "/V1/LegalEntities/ActivatedLegalEntityTenantList", "/v1/a%2Fb", "/v1/a%2fb", "/v1/a%20b", "/v1/%E2%82%AC", "/v1/%C0", "/v1/%c3%80", "/v1/a%e2%80%a4b", "/v1/100%25/a%2525",
		"/v1/a+b", "/v1/a/", "/v1/a//b", "/v1/a.b", "/v1/...", "/v1/.a", "/v1/a..b", "/v1/100%25", "/v1/a;b=c", "/v1/a:b@c", "/v1/~a!$&'()*,", "/v1/a|b",
		"/v1/a?", "/v1/a?b", "/v1/a?b=c&b=d&B=%2F%2f+x", "/v1/a??b=?", "/v1/a?b=/../c", "/v1/a?b=%zz", "/v1/a?continuationToken=eyJ0Ijo%3D%3D",
		"/v1/a?from=2031-01-01T00:00:00Z;to=x", "/v1/a?subscription=1&key=2", "/v1/a?b=subscription-key", "?a=b",
	} {
		t.Run(target, func(t *testing.T) {
			upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
			s := newTestServer(t, upstream.URL())
			got := s.sendRaw("GET "+root+target+" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "+callerToken+"\r\nConnection: close\r\n\r\n", testTimeout)
			if target[0] != '/' {
				assert.Contains(t, got, "Paycorcred-Error: call_path")
				return
			}
			require.Contains(t, got, "HTTP/1.1 200 OK")
			line, _, _ := strings.Cut(upstream.requests()[0].head, "\r\n")
			assert.Equal(t, "GET "+target+" HTTP/1.1", line)
		})
	}
}

func TestRejectedTargets(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ target, code string }{
		"no path":                   {"", "call_path"},
		"dots":                      {"/..", "call_path"},
		"dots inside":               {"/v1/../../x", "call_path"},
		"one dot":                   {"/v1/./x", "call_path"},
		"encoded dots":              {"/v1/%2e%2e/x", "call_path"},
		"half encoded dots":         {"/v1/.%2E/x", "call_path"},
		"twice encoded dots":        {"/v1/%252e%252e/x", "call_path"},
		"dots behind encoded slash": {"/v1/a%2f..%2fb", "call_path"},
		"dots with a parameter":     {"/v1/..;a=b/x", "call_path"},
		"dots with backslash":       {`/v1/..\x`, "call_path"},
		"dots with encoded one":     {"/v1/a%5c..%5cb", "call_path"},
		"overlong dots":             {"/v1/%c0%ae%c0%ae/x", "call_path"},
		"overlong dots, 3 bytes":    {"/v1/%e0%80%ae%e0%80%ae/x", "call_path"},
		"overlong dots, 4 bytes":    {"/v1/%f0%80%80%ae%f0%80%80%ae/x", "call_path"},
		"overlong slash":            {"/v1/a%c0%afb", "call_path"},
		"encoded overlong dots":     {"/v1/%25c0%25ae%25c0%25ae/x", "call_path"},
		"fullwidth dots":            {"/v1/%ef%bc%8e%ef%bc%8e/x", "call_path"},
		"one dot leader":            {"/v1/%e2%80%a4%e2%80%a4/x", "call_path"},
		"two dot leader":            {"/v1/%e2%80%a5/x", "call_path"},
		"dots, fullwidth slash":     {"/v1/a%ef%bc%8f..%ef%bc%8fb", "call_path"},
		"mixed encodings":           {"/v1/.%252e/%2e%252e/x", "call_path"},
		"beside a percent sign":     {"/v1/100%25/%252e%252e/x", "call_path"},
		"encoded digits":            {"/v1/%25%32%65%25%32%65/x", "call_path"},
		"encoded too often":         {"/v1/%2525252525252e", "call_path"},
		"two slashes":               {"//evil.example/v1", "call_path"},
		"slash and encoded slash":   {"/%2fevil.example/v1", "call_path"},
		"slash and backslash":       {`/\evil.example`, "call_path"},
		"slash, encoded backslash":  {"/%5cevil.example", "call_path"},
		"encoded line end":          {"/v1/a%0d%0aX:%20y", "call_path"},
		"encoded zero":              {"/v1/a%00", "call_path"},
		"fragment":                  {"/v1/a#b", "call_path"},
		"dots before a fragment":    {"/v1/%2e%2e#", "call_path"},
		"key":                       {"/v1/a?subscription-key=canary", "call_query"},
		"key in capitals":           {"/v1/a?Subscription-Key=canary", "call_query"},
		"key second":                {"/v1/a?b=c&SUBSCRIPTION-KEY=canary", "call_query"},
		"key encoded":               {"/v1/a?%73ubscription-key=canary", "call_query"},
		"key dash encoded":          {"/v1/a?subscription%2Dkey=canary", "call_query"},
		"key all encoded":           {"/v1/a?%73%75%62%73%63%72%69%70%74%69%6f%6e%2d%6b%65%79=canary", "call_query"},
		"key twice encoded":         {"/v1/a?subscription%252Dkey=canary", "call_query"},
		"key without value":         {"/v1/a?subscription-key", "call_query"},
		"key behind semicolon":      {"/v1/a?b;subscription-key=canary", "call_query"},
		"key with blanks":           {"/v1/a?+subscription-key%20=canary", "call_query"},
		"key with zero":             {"/v1/a?subscription-key%00=canary", "call_query"},
		"key of the header's name":  {"/v1/a?Ocp-Apim-Subscription-Key=canary", "call_query"},
		"key with underscore":       {"/v1/a?subscription_key=canary", "call_query"},
		"key behind question mark":  {"/v1/a??subscription-key=canary", "call_query"},
		"bytes beyond ASCII":        {"/v1/a?b=\xe2\x82\xac", "call_query"},
		"path beyond ASCII":         {"/v1/\xe2\x82\xac", "call_path"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			upstream := newRawUpstream(t, func(int, receivedRequest) string { return okResponse })
			s := newTestServer(t, upstream.URL())
			got := s.sendRaw("GET "+root+test.target+" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "+callerToken+"\r\nConnection: close\r\n\r\n", testTimeout)
			assert.Contains(t, got, "HTTP/1.1 400 Bad Request\r\n")
			assert.Contains(t, got, "\r\nPaycorcred-Error: "+test.code+"\r\n")
			assert.Contains(t, got, "application/problem+json")
			assert.NotContains(t, got, "canary")
			assert.NotContains(t, s.log.String(), "canary")
			assert.Empty(t, upstream.requests())
			assert.Equal(t, verdicts.Code(test.code), s.lastCall(1).Code)
		})
	}
}

// An accepted target stays below the environment's URL and has no subscription
// key, however a server may decode it.
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
		decodedPath, query, _ := strings.Cut(target, "?")
		for range 3 {
			plain := strings.ReplaceAll(decodedPath, `\`, "/")
			assert.False(t, strings.HasPrefix(plain, "//"), target)
			cleaned := path.Clean("/base" + plain)
			assert.True(t, cleaned == "/base" || strings.HasPrefix(cleaned, "/base/"), "%q leads to %q", target, cleaned)
			decoded, err := url.PathUnescape(decodedPath)
			if err != nil {
				break
			}
			decodedPath = decoded
		}
		values, _ := url.ParseQuery(query)
		for name := range values {
			assert.False(t, strings.EqualFold(name, "subscription-key"), target)
		}
	})
}
