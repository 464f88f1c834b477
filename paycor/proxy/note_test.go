package proxy_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/proxy"
	"paycorcred/paycor/usage"
)

// asking answers with a status, headers and a body.
func asking(status string, body string, headers ...string) string {
	head := "HTTP/1.1 " + status + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n"
	for _, header := range headers {
		head += header + "\r\n"
	}
	return head + "\r\n" + body
}

// What an answer's status does not say is noted from its headers alone, and
// status, headers and body stay as Paycor gave them.
func TestWhatAnAnswerIsNotedAs(t *testing.T) {
	const html, json, key = "Content-Type: text/html; charset=utf-8", "Content-Type: application/json", "Www-Authenticate: AzureApiManagementKey realm=\"a\",name=\"Ocp-Apim-Subscription-Key\",type=\"header\""
	for name, test := range map[string]struct {
		answer string
		note   usage.Note
	}{
		"the token":                   {asking("401 Unauthorized", ""), usage.NoteToken},
		"the token, in chunks":        {chunk401, usage.NoteToken},
		"the token, by its scheme":    {asking("401 Unauthorized", "{}", json, "Www-Authenticate: Bearer error=\"a\""), usage.NoteToken},
		"the key":                     {asking("401 Access Denied", "{}", json, key), usage.NoteKey},
		"the key, without a body":     {asking("401 Access Denied", "", key), usage.NoteKey},
		"the key, as a second scheme": {asking("401 Access Denied", "{}", "Www-Authenticate: Bearer", strings.ToLower(key)), usage.NoteKey},
		"one of them":                 {asking("401 Unauthorized", "{}", json), usage.NoteUnauthorized},
		"a page with 401":             {asking("401 Unauthorized", "ab", html), usage.NotePage},
		"the quota":                   {asking("403 Forbidden", "{}", json, "Retry-After: 5025"), usage.NoteQuota},
		"a right":                     {asking("403 Forbidden", "{}", json), ""},
		"a page with 403":             {asking("403 Forbidden", "ab", html), usage.NotePage},
		"a page with 502":             {asking("502 Bad Gateway", "ab", "Content-Type: Text/HTML"), usage.NotePage},
		"a fault of Paycor's":         {asking("502 Bad Gateway", "{}", json), ""},
		"a portal's page":             {asking("200 OK", "ab", html), usage.NotePage},
		"done":                        {asking("200 OK", "{}", json), ""},
		"done, of no type":            {ok, ""},
		"limited":                     {asking("429 Too Many Requests", "{}", "Retry-After: 99"), ""},
		"not found":                   {asking("404 Not Found", "{}", json), ""},
		"moved within":                {asking("302 Found", "", "Location: /v1/b"), ""},
		"moved within, relative":      {asking("302 Found", "", "Location: ../b"), ""},
		"moved elsewhere":             {asking("302 Found", "", "Location: https://portal.example/sign-in"), usage.NoteElsewhere},
		"moved elsewhere, bare":       {asking("302 Found", "", "Location: //portal.example/sign-in"), usage.NoteElsewhere},
		"made elsewhere":              {asking("201 Created", "", "Location: https://files.example/a"), ""},
		"not changed":                 {"HTTP/1.1 304 Not Modified\r\n\r\n", ""},
		"forged":                      {asking("200 OK", "{}", json, "Paycorcred-Note: upstream_token"), ""},
		"forged, beside a true one":   {asking("401 Unauthorized", "", "paycorcred-note: upstream_key"), usage.NoteToken},
		"forged behind the body":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Paycorcred-Note\r\n\r\n0\r\nPaycorcred-Note: upstream_key\r\n\r\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream := listen(t, func(int, seen) string { return test.answer })
			s := open(t, upstream.URL())
			response, body := s.send("GET", root+"/v1/legalentity/501123?name=x", "")
			assert.Equal(t, string(test.note), strings.Join(response.Header[proxy.NoteHeader], "+"))
			assert.Empty(t, response.Trailer[proxy.NoteHeader])
			assert.Contains(t, test.answer, "HTTP/1.1 "+response.Status[:3]+" ")
			assert.True(t, strings.HasSuffix(test.answer, "\r\n"+body))
			for _, name := range []string{"Www-Authenticate", "Retry-After", "Content-Type"} {
				for _, value := range response.Header[name] {
					assert.Contains(t, strings.ToLower(test.answer), strings.ToLower(name+": "+value))
				}
			}
			use := s.last(1)
			assert.Equal(t, test.note, use.Note)
			assert.Empty(t, use.Code, "the answer is Paycor's")
			path := ""
			if response.StatusCode >= 400 {
				path = "/v1/legalentity/{…}"
			}
			assert.Equal(t, path, use.Path)
		})
	}
}

// A client that believes RateLimit comes no earlier than Paycor asks.
func TestRateLimitAgreesWithRetryAfter(t *testing.T) {
	for answer, field := range map[string]string{
		asking("429 Too Many Requests", "{}", "Retry-After: 17"):                `"paycor";r=0;t=17`,
		asking("403 Forbidden", "{}", "Retry-After: 5025"):                      `"paycor";r=0;t=5025`,
		asking("503 Service Unavailable", "{}", "Retry-After: 30"):              `"paycor";r=0;t=30`,
		asking("429 Too Many Requests", "{}"):                                   "",
		asking("404 Not Found", "{}"):                                           "",
		asking("202 Accepted", "{}", "Retry-After: 60"):                         "", // when to look again, and no limit
		asking("401 Unauthorized", "{}", "Retry-After: Wed, 21 Oct 2015 07:28"): "",
	} {
		upstream := listen(t, func(int, seen) string { return answer })
		s := open(t, upstream.URL())
		response, _ := s.send("POST", root+"/v1/a", "", "Prefer: wait=0")
		got := response.Header.Get("RateLimit")
		if field == "" {
			assert.Regexp(t, `^"paycor";r=[1-9]\d*;t=1$`, got, answer)
		} else {
			assert.Equal(t, field, got, answer)
		}
	}
}

// A call whose path is refused belongs to its environment like every other.
func TestARefusedCallHasItsEnvironment(t *testing.T) {
	upstream := listen(t, func(int, seen) string { return ok })
	s := open(t, upstream.URL())
	for n, path := range []string{"/v1/../a", "/v1/a?subscription-key=x"} {
		response, _ := s.send("GET", root+path, "")
		assert.Equal(t, 400, response.StatusCode)
		assert.Equal(t, "test", s.last(n+1).Environment)
	}
	assert.Empty(t, upstream.requests())
}
