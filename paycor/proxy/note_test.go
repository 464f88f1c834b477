package proxy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/proxy"
	"paycorcred/paycor/usage"
)

// A note explains an ambiguous status from the headers alone. Status, headers and
// body stay as Paycor sent them.
func TestNotes(t *testing.T) {
	t.Parallel()
	const html, json, key = "Content-Type: text/html; charset=utf-8", "Content-Type: application/json", "Www-Authenticate: AzureApiManagementKey realm=\"a\",name=\"Ocp-Apim-Subscription-Key\",type=\"header\""
	for name, test := range map[string]struct {
		response string
		note     usage.Note
	}{
		"the token":                   {httpResponse("401 Unauthorized", ""), usage.NoteToken},
		"the token, in chunks":        {chunk401, usage.NoteToken},
		"the token, by its scheme":    {httpResponse("401 Unauthorized", "{}", json, "Www-Authenticate: Bearer error=\"a\""), usage.NoteToken},
		"the key":                     {httpResponse("401 Access Denied", "{}", json, key), usage.NoteKey},
		"the key, without a body":     {httpResponse("401 Access Denied", "", key), usage.NoteKey},
		"the key, as a second scheme": {httpResponse("401 Access Denied", "{}", "Www-Authenticate: Bearer", strings.ToLower(key)), usage.NoteKey},
		"one of them":                 {httpResponse("401 Unauthorized", "{}", json), usage.NoteUnauthorized},
		"a page with 401":             {httpResponse("401 Unauthorized", "ab", html), usage.NotePage},
		"the quota":                   {httpResponse("403 Forbidden", "{}", json, "Retry-After: 5025"), usage.NoteQuota},
		"a right":                     {httpResponse("403 Forbidden", "{}", json), ""},
		"a page with 403":             {httpResponse("403 Forbidden", "ab", html), usage.NotePage},
		"a page with 502":             {httpResponse("502 Bad Gateway", "ab", "Content-Type: Text/HTML"), usage.NotePage},
		"a fault of Paycor's":         {httpResponse("502 Bad Gateway", "{}", json), ""},
		"a portal's page":             {httpResponse("200 OK", "ab", html), usage.NotePage},
		"done":                        {httpResponse("200 OK", "{}", json), ""},
		"done, of no type":            {okResponse, ""},
		"limited":                     {httpResponse("429 Too Many Requests", "{}", "Retry-After: 99"), ""},
		"not found":                   {httpResponse("404 Not Found", "{}", json), ""},
		"moved within":                {httpResponse("302 Found", "", "Location: /v1/b"), ""},
		"moved within, relative":      {httpResponse("302 Found", "", "Location: ../b"), ""},
		"moved elsewhere":             {httpResponse("302 Found", "", "Location: https://portal.example/sign-in"), usage.NoteRedirect},
		"moved elsewhere, bare":       {httpResponse("302 Found", "", "Location: //portal.example/sign-in"), usage.NoteRedirect},
		"made elsewhere":              {httpResponse("201 Created", "", "Location: https://files.example/a"), ""},
		"not changed":                 {"HTTP/1.1 304 Not Modified\r\n\r\n", ""},
		"forged":                      {httpResponse("200 OK", "{}", json, "Paycorcred-Note: upstream_token"), ""},
		"forged, beside a true one":   {httpResponse("401 Unauthorized", "", "paycorcred-note: upstream_key"), usage.NoteToken},
		"forged behind the body":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Paycorcred-Note\r\n\r\n0\r\nPaycorcred-Note: upstream_key\r\n\r\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream := newRawUpstream(t, func(int, receivedRequest) string { return test.response })
			s := newTestServer(t, upstream.URL())
			response, body := s.send("GET", root+"/v1/legalentity/501123?name=x", "")
			assert.Equal(t, string(test.note), strings.Join(response.Header[proxy.NoteHeader], "+"))
			assert.Empty(t, response.Trailer[proxy.NoteHeader])
			assert.Contains(t, test.response, "HTTP/1.1 "+response.Status[:3]+" ")
			assert.True(t, strings.HasSuffix(test.response, "\r\n"+body))
			for _, name := range []string{"Www-Authenticate", "Retry-After", "Content-Type"} {
				for _, value := range response.Header[name] {
					assert.Contains(t, strings.ToLower(test.response), strings.ToLower(name+": "+value))
				}
			}
			call := s.lastCall(1)
			assert.Equal(t, test.note, call.Note)
			assert.Empty(t, call.Code, "the response is Paycor's")
			path := ""
			if response.StatusCode >= 400 {
				path = "/v1/legalentity/{…}"
			}
			assert.Equal(t, path, call.Path)
		})
	}
}
