package paycortest_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

const faultsPath = "/simulator/applications/Application%20under%20Test/faults"

func TestFaultsAreSwitchedByJSON(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	set := c.do("POST", faultsPath, nil, `{"kind":"rate_limit","place":"api","count":2,"delay_ms":5000}`)
	require.Equal(t, 200, set.status, set.body)
	want := `{"application":"Application under Test","faults":[{"kind":"rate_limit","place":"api","count":2,"delay_ms":5000}]}`
	assert.JSONEq(t, want, set.body)
	assert.JSONEq(t, want, c.do("GET", faultsPath, nil, "").body)
	assert.Equal(t, "5", c.list(header).header.Get("Retry-After"))

	c.do("POST", faultsPath, nil, `{"kind":"slow_body","delay_ms":1}`)
	assert.Equal(t, 204, c.do("DELETE", faultsPath+"?kind=rate_limit", nil, "").status)
	assert.JSONEq(t, `{"application":"Application under Test","faults":[{"kind":"slow_body","place":"both","delay_ms":1}]}`, c.do("GET", faultsPath, nil, "").body)
	assert.Equal(t, 204, c.do("DELETE", faultsPath, nil, "").status)
	assert.Equal(t, 200, c.list(header).status)

	c.do("POST", "/simulator/applications/all/faults", nil, `{"kind":"server_error","status":503}`)
	assert.Equal(t, 503, c.list(header).status)
	c.do("DELETE", "/simulator/applications/all/faults", nil, "")
	assert.Equal(t, 200, c.list(header).status)
}

func TestFaultsAreSwitchedByForm(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	r := c.press(faultsPath, "kind", "server_error", "place", "", "count", "", "status", "502", "bytes", "", "delay_ms", "")
	assert.Equal(t, 303, r.status, r.body)
	assert.Equal(t, 502, c.list(header).status)
	assert.Contains(t, c.do("GET", "/simulator/", nil, "").body, "Turn off server_error for Application under Test")
	assert.Equal(t, 303, c.press(faultsPath+"/end", "kind", "server_error").status)
	assert.Equal(t, 200, c.list(header).status)
}

func TestANewClientSecretTakesTheOldOnesPlace(t *testing.T) {
	c := start(t, paycortest.Config{})
	const path = "/simulator/applications/Application%20under%20Test/secret"
	header := c.signIn()
	old := c.app.Details()
	assert.Equal(t, 303, c.press(path).status)
	made := c.app.Details()
	assert.NotEqual(t, old.ClientSecret, made.ClientSecret)
	assert.Len(t, made.ClientSecret, len(old.ClientSecret))
	assert.Contains(t, html.UnescapeString(c.do("GET", "/simulator/", nil, "").body), made.ClientSecret)

	assert.Equal(t, 400, c.token("client_secret", old.ClientSecret).status)
	assert.Equal(t, 200, c.token().status)
	assert.Equal(t, 200, c.list(header).status, "a token from before stays")

	again := c.do("POST", path, nil, "")
	require.Equal(t, 200, again.status, again.body)
	var details paycortest.Details
	require.NoError(t, json.Unmarshal([]byte(again.body), &details))
	assert.NotContains(t, []string{old.ClientSecret, made.ClientSecret}, details.ClientSecret)
	assert.Equal(t, 404, c.do("POST", "/simulator/applications/nobody/secret", nil, "").status)
	foreign := http.Header{"Origin": {"https://foreign.invalid"}}
	assert.Equal(t, 403, c.do("POST", path, foreign, "").status)
	assert.Equal(t, details, c.app.Details(), "nothing changed")
}

func TestWhatTheControlEndpointRefuses(t *testing.T) {
	c := start(t, paycortest.Config{})
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	for name, test := range map[string]struct {
		path, body string
		header     http.Header
		status     int
	}{
		"unknown kind":        {body: `{"kind":"nonsense"}`, status: 422},
		"unknown field":       {body: `{"kind":"slow","nonsense":1}`, status: 422},
		"no JSON":             {body: `kind`, status: 422},
		"two values":          {body: `{"kind":"slow"}{}`, status: 422},
		"wrong place":         {body: `{"kind":"is_lost","place":"token"}`, status: 422},
		"too large":           {body: `{"kind":"slow"` + strings.Repeat(" ", 70<<10) + `}`, status: 422},
		"form, no number":     {body: `kind=slow&delay_ms=soon`, header: form, status: 422},
		"form, bad count":     {body: `kind=slow&count=1.5`, header: form, status: 422},
		"unknown application": {path: "/simulator/applications/nobody/faults", body: `{"kind":"slow"}`, status: 404},
		"foreign origin":      {body: `{"kind":"slow"}`, header: http.Header{"Origin": {"https://foreign.invalid"}}, status: 403},
		"cross-site":          {body: `{"kind":"slow"}`, header: http.Header{"Sec-Fetch-Site": {"cross-site"}}, status: 403},
		"rebound name":        {body: `{"kind":"slow"}`, header: http.Header{"Host": {"foreign.invalid"}}, status: 403},
		"name that begins so": {body: `{"kind":"slow"}`, header: http.Header{"Host": {"localhost.foreign.invalid:80"}}, status: 403},
	} {
		t.Run(name, func(t *testing.T) {
			path := test.path
			if path == "" {
				path = faultsPath
			}
			r := c.do("POST", path, test.header, test.body)
			assert.Equal(t, test.status, r.status, r.body)
			assert.JSONEq(t, `{"application":"Application under Test","faults":[]}`, c.do("GET", faultsPath, nil, "").body)
		})
	}
}

func TestTheControlPagesAnswerOnlyOnThisMachine(t *testing.T) {
	sim := paycortest.New(paycortest.Config{})
	for name, test := range map[string]struct {
		host, from string
		status     int
	}{
		"localhost":               {"localhost:8081", "127.0.0.1:4000", 200},
		"IPv4":                    {"127.0.0.1:8081", "127.0.0.1:4000", 200},
		"IPv6":                    {"[::1]:8081", "[::1]:4000", 200},
		"IPv6 without a port":     {"[::1]", "[::1]:4000", 200},
		"without a port":          {"localhost", "[::ffff:127.0.0.1]:4000", 200},
		"another name":            {"simulator.invalid:8081", "127.0.0.1:4000", 403},
		"from another machine":    {"localhost:8081", "192.0.2.9:4000", 403},
		"from nobody knows where": {"localhost:8081", "", 403},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/simulator/", "/simulator/requests", "/simulator/applications"} {
				request := httptest.NewRequest("GET", path, nil)
				request.Host, request.RemoteAddr = test.host, test.from
				recorder := httptest.NewRecorder()
				sim.ServeHTTP(recorder, request)
				assert.Equal(t, test.status, recorder.Code, path)
			}
		})
	}
}

func TestTheControlPage(t *testing.T) {
	c := start(t, paycortest.Config{})
	c.list(c.signIn())
	c.server.Application(paycortest.Details{Name: `<script>"quoted"`})
	r := c.do("GET", "/simulator/", nil, "")
	require.Equal(t, 200, r.status)
	for _, d := range c.server.Samples() {
		for _, value := range []string{d.Name, d.ClientID, d.PrimaryKey} {
			assert.Contains(t, r.body, value)
		}
	}
	assert.Contains(t, r.body, "All applications")
	assert.NotContains(t, r.body, "<script")
	assert.NotContains(t, r.body, "style=")
	policy := r.header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		assert.Contains(t, policy, part)
	}
	assert.Contains(t, c.do("GET", "/simulator/style.css", nil, "").header.Get("Content-Type"), "text/css")

	var listed struct{ Applications []paycortest.Details }
	require.NoError(t, json.Unmarshal([]byte(c.do("GET", "/simulator/applications", nil, "").body), &listed))
	assert.Equal(t, c.server.Samples(), listed.Applications[:5])
}
