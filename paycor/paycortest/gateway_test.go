package paycortest_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// clock is a clock that a test sets.
type clock struct{ offset atomic.Int64 }

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func (c *clock) now() time.Time           { return noon.Add(time.Duration(c.offset.Load())) }
func (c *clock) advance(by time.Duration) { c.offset.Add(int64(by)) }

func TestSubscriptionKey(t *testing.T) {
	c := start(t, paycortest.Config{})
	signedIn := c.signIn()
	d := c.app.Details()
	const missing = "Access denied due to missing subscription key."
	const unknown = "Access denied due to invalid subscription key."
	for name, test := range map[string]struct {
		header, query string
		says          string // empty if accepted
	}{
		"primary key in the header":                        {header: d.PrimaryKey},
		"secondary key in the header":                      {header: d.SecondaryKey},
		"key in the query":                                 {query: d.PrimaryKey},
		"the query is not read when there is a header":     {header: "not a key", query: d.PrimaryKey, says: unknown},
		"a bad query does no harm when the header is good": {header: d.PrimaryKey, query: "not a key"},
		"no key":               {says: missing},
		"an unknown key":       {header: "ffffffffffffffffffffffffffffffff", says: unknown},
		"an unknown query key": {query: "ffffffffffffffffffffffffffffffff", says: unknown},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{"Authorization": signedIn["Authorization"]}
			if test.header != "" {
				header.Set("OCP-apim-subscription-KEY", test.header) // header names are case-insensitive
			}
			path := listPath
			if test.query != "" {
				path += "?subscription-key=" + url.QueryEscape(test.query)
			}
			r := c.do("GET", path, header, "")
			if test.says == "" {
				assert.Equal(t, 200, r.status, r.body)
				return
			}
			assert.Equal(t, 401, r.status)
			assert.Equal(t, 401.0, r.json(t)["statusCode"])
			assert.Contains(t, r.json(t)["message"], test.says)
			assert.Regexp(t, `^AzureApiManagementKey realm="`, r.header.Get("WWW-Authenticate"))
		})
	}
}

func TestABadKeyHidesABadToken(t *testing.T) {
	c := start(t, paycortest.Config{})
	both := http.Header{"Authorization": {"Bearer nothing"}, "Ocp-Apim-Subscription-Key": {"nothing"}}
	assert.Contains(t, c.list(both).body, "invalid subscription key")

	header, form := c.form("client_secret", "wrong")
	header.Set("Ocp-Apim-Subscription-Key", "nothing")
	assert.Contains(t, c.do("POST", tokenPath, header, form).body, "invalid subscription key")
}

func TestASwitchedOffSubscriptionSaysTheSameAsAWrongKey(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	wrong := header.Clone()
	wrong.Set("Ocp-Apim-Subscription-Key", "nothing")
	c.app.Change(func(d *paycortest.Details) { d.KeysInactive = true })
	assert.Equal(t, c.list(wrong).body, c.list(header).body)
}

func TestTokenOfAnotherEnvironmentIsNotAccepted(t *testing.T) {
	here, there := start(t, paycortest.Config{}), start(t, paycortest.Config{})
	r := here.list(there.signIn())
	assert.Equal(t, 401, r.status)
	assert.Empty(t, r.body)
}

func TestRoutesAreMatchedLetterForLetter(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	for _, request := range []string{
		"GET /v1/LegalEntities/501123", "GET /v1/legalentities/501123/paygroups", "GET /v1/legalentities/",
		"GET //v1/legalentities/501123", "GET /V1/legalentities/ActivatedLegalEntityTenantList",
		"POST /v1/legalentities/501123", "GET /sts/v1/common/token", "HEAD /v1/legalentities/501123", "GET /connect/authorize",
	} {
		t.Run(request, func(t *testing.T) {
			method, path, _ := strings.Cut(request, " ")
			r := c.do(method, path, header, "")
			assert.Equal(t, 404, r.status)
			if method != "HEAD" {
				assert.JSONEq(t, `{"statusCode":404,"message":"Resource not found"}`, r.body)
			}
		})
	}
	assert.Equal(t, 200, c.do("GET", "/v1/legalentities/501123/payGroups", header, "").status)
	taken := c.do("GET", "/v1/legalentities/activatedlegalentitytenantlist", header, "")
	assert.Equal(t, 400, taken.status, "in the wrong case it is taken for an id")
}

func TestPingProvesReachabilityOnly(t *testing.T) {
	c := start(t, paycortest.Config{})
	assert.Equal(t, 200, c.do("GET", "/api/Health/ping", nil, "").status)
}

func TestRateLimitIsPerKeyAndPerMinute(t *testing.T) {
	clock := &clock{}
	c := start(t, paycortest.Config{Clock: clock.now, RatePerMinute: 3})
	header := c.signIn() // the token request counts too
	require.Equal(t, 200, c.list(header).status)
	clock.advance(20 * time.Second)
	require.Equal(t, 200, c.list(header).status)

	r := c.list(header)
	assert.Equal(t, 429, r.status)
	assert.Equal(t, "40", r.header.Get("Retry-After"))
	assert.JSONEq(t, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 40 seconds."}`, r.body)

	second := header.Clone()
	second.Set("Ocp-Apim-Subscription-Key", c.app.Details().SecondaryKey)
	assert.Equal(t, 200, c.list(second).status, "another key has its own limit")

	clock.advance(40 * time.Second)
	assert.Equal(t, 200, c.list(header).status)
}

func TestTwoApplicationsWithOneKeyShareItsLimit(t *testing.T) {
	c := start(t, paycortest.Config{RatePerMinute: 1})
	other := c.server.Application(paycortest.Details{Name: "Shares the key", PrimaryKey: c.app.Details().PrimaryKey})
	require.Equal(t, 200, c.token().status)
	c.app = other
	assert.Equal(t, 429, c.token().status)
}

func TestRateIsOneThousandUnlessSaidOtherwise(t *testing.T) {
	clock := &clock{} // the clock stops, so that a slow machine does not start a new minute
	c := start(t, paycortest.Config{Clock: clock.now})
	header := c.signIn()
	for range 999 {
		require.Equal(t, 200, c.list(header).status)
	}
	assert.Equal(t, 429, c.list(header).status)
}

func TestAnAccessTokenEndsWithItsLifetime(t *testing.T) {
	clock := &clock{}
	c := start(t, paycortest.Config{Clock: clock.now})
	header := c.signIn()
	clock.advance(30*time.Minute - time.Second)
	assert.Equal(t, 200, c.list(header).status)
	clock.advance(time.Second)
	r := c.list(header)
	assert.Equal(t, 401, r.status)
	assert.Empty(t, r.body, "nothing says why")
	assert.Empty(t, r.header.Get("WWW-Authenticate"))
	assert.Empty(t, r.header.Get("Content-Type"))
}

func TestEveryTokenProblemIsTheSameEmpty401(t *testing.T) {
	c := start(t, paycortest.Config{})
	good := c.signIn()
	ended := c.signIn()
	c.app.ExpireTokens()
	for name, authorization := range map[string]string{
		"missing": "", "unknown": "Bearer nothing", "not a bearer": "Basic bm90aGluZw==", "ended": ended.Get("Authorization"),
	} {
		t.Run(name, func(t *testing.T) {
			header := good.Clone()
			header.Del("Authorization")
			if authorization != "" {
				header.Set("Authorization", authorization)
			}
			r := c.list(header)
			assert.Equal(t, 401, r.status)
			assert.Empty(t, r.body)
		})
	}
}
