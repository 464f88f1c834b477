package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/url"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/embed"
	"paycorcred/web"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// openEmbedding starts a house that one host may embed.
func openEmbedding(t *testing.T) (*house, *embedding) {
	t.Helper()
	e := &embedding{}
	return open(t, func(c *web.Config) { c.Embedding = e }), e
}

func TestOnlyTheEmbeddedPageMayBeFramed(t *testing.T) {
	h, _ := openEmbedding(t)
	got := h.send("GET", "/embed?host=console", "", cookie)
	require.Equal(t, 200, got.StatusCode)
	assert.Equal(t, strings.Replace(wantPolicy, "frame-ancestors 'none'", "frame-ancestors https://console.example http://localhost:3000", 1),
		got.Header.Get("Content-Security-Policy"))
	assert.Equal(t, "no-store", got.Header.Get("Cache-Control"), "a kept page keeps its policy")
	assert.Equal(t, "cross-origin", got.Header.Get("Cross-Origin-Resource-Policy"))
	assert.Empty(t, got.Header.Get("Set-Cookie"))
	assert.Empty(t, h.service.asked(), "nobody is known yet, whatever cookie came")
	assert.NotContains(t, got.body, "person-1")

	for _, path := range []string{"/", "/hosts", "/credentials/a", "/sign-in", "/embed?host=other", "/embed", "/embed?host=console&x=y", "/embed/doctor",
		"/embed/doctor?host=console", "/embed/sdk.js", "/embed/nothing", "/api/v1/hosts"} {
		got := h.send("GET", path, "", cookie)
		assert.Equal(t, wantPolicy, got.Header.Get("Content-Security-Policy"), path)
	}
	closed := open(t)
	assert.Equal(t, 404, closed.send("GET", "/embed?host=console", "").StatusCode)
	assert.Equal(t, 404, closed.send("POST", "/embed/exchange", `{"host":"console"}`, asJSON).StatusCode)
	assert.Equal(t, 401, closed.send("GET", "/api/v1/environments", "", header{"Authorization", "Bearer " + goodEmbed}).StatusCode)
}

func TestTheEmbeddedPageKnowsNothingYet(t *testing.T) {
	var given api.Start
	h := open(t, func(c *web.Config) {
		c.Embedding = &embedding{}
		c.Body = func(start api.Start) string { given = start; return `<div id="app"></div>` }
	})
	h.send("GET", "/embed?host=console", "", cookie)
	assert.Equal(t, paycor.Caller{}, given.Caller)
	assert.Empty(t, given.List.Credentials)
	assert.Empty(t, given.Environments)
	assert.Equal(t, &embed.Start{Host: "console", Name: "Console", Origins: sampleHost().Origins}, given.Embed)
}

func TestATokenIsTradedForASession(t *testing.T) {
	h, e := openEmbedding(t)
	const body = `{"host":"console","token":"a.b.c","origin":"https://console.example"}`
	got := h.send("POST", "/embed/exchange", body, asJSON, header{"Origin", h.URL}, header{"Sec-Fetch-Site", "same-origin"}, cookie)
	require.Equal(t, 200, got.StatusCode, got.body)
	assert.Empty(t, got.Header.Get("Set-Cookie"))
	var answer struct {
		Session   string
		ExpiresIn int `json:"expires_in"`
		Start     api.Start
	}
	require.NoError(t, json.Unmarshal([]byte(got.body), &answer))
	assert.Equal(t, goodEmbed, answer.Session)
	assert.Equal(t, 900, answer.ExpiresIn)
	assert.Equal(t, "console/ann", answer.Start.Caller.ID)
	assert.Len(t, answer.Start.List.Credentials, 1)
	assert.Equal(t, "console", answer.Start.Embed.Host)
	assert.Equal(t, "console/ann", h.service.caller.ID, "not the cookie's")
	assert.Equal(t, h.URL, e.request.Audience)
	assert.Equal(t, "https://console.example", e.request.Origin)
	assert.Equal(t, "a.b.c", e.request.Token.Reveal())
	assert.Equal(t, "127.0.0.1", e.request.From)
	for _, secret := range []string{"a.b.c", goodEmbed} {
		assert.NotContains(t, h.log.String(), secret)
	}
}

func TestExchangesThatTheDoorRefuses(t *testing.T) {
	for name, headers := range map[string][]header{
		"another site": {asJSON, {"Origin", "https://evil.example"}},
		"next port":    {asJSON, {"Sec-Fetch-Site", "same-site"}},
		"origin null":  {asJSON, {"Origin", "null"}},
		"cross-site":   {asJSON, {"Sec-Fetch-Site", "cross-site"}},
	} {
		h, e := openEmbedding(t)
		got := h.send("POST", "/embed/exchange", `{"host":"console","token":"a.b.c","origin":"https://console.example"}`, headers...)
		assert.Equal(t, 403, got.StatusCode, name)
		assert.True(t, e.request.Token.IsZero(), name)
		assert.Equal(t, []string{"foreign_origin"}, h.access.refusals(), name)
	}
	h, e := openEmbedding(t)
	for name, body := range map[string]string{"form": "host=console", "unknown field": `{"host":"console","cookie":"x"}`, "token no text": `{"host":"console","token":{}}`} {
		got := h.send("POST", "/embed/exchange", body, asJSON)
		assert.GreaterOrEqual(t, got.StatusCode, 400, name)
		assert.True(t, e.request.Token.IsZero(), name)
	}
}

func TestEveryReasonHasItsStatusAndIsWrittenDown(t *testing.T) {
	for _, kind := range embed.Kinds() {
		h, e := openEmbedding(t)
		e.err = paycor.Errorf(kind, "Why.")
		got := h.send("POST", "/embed/exchange", `{"host":"console","token":"a.b.c","origin":"https://console.example"}`, asJSON)
		assert.Contains(t, []int{401, 403, 404, 503}, got.StatusCode, kind)
		assert.Contains(t, got.body, `"code":"`+string(kind)+`"`)
		assert.Contains(t, got.body, `"detail":"Why."`)
		assert.Equal(t, []string{string(kind)}, h.access.refusals())
		assert.Equal(t, "console", h.access.who[0].ID, "for which host")
		assert.Equal(t, paycor.CallerUnknown, h.access.who[0].Kind)
	}
}

func TestAnEmbeddedSessionCallsTheAPI(t *testing.T) {
	embedded := header{"Authorization", "Bearer " + goodEmbed}
	tests := map[string]struct {
		headers []header
		status  int
	}{
		"from our page":            {[]header{embedded, {"Sec-Fetch-Site", "same-origin"}}, 200},
		"beside a cookie":          {[]header{embedded, cookie}, 200},
		"from another site":        {[]header{embedded, {"Sec-Fetch-Site", "cross-site"}}, 403},
		"from another site's page": {[]header{embedded, {"Origin", "https://console.example"}, {"Sec-Fetch-Site", "cross-site"}}, 403},
		"another handle":           {[]header{{"Authorization", "Bearer pce_other"}, cookie}, 401},
		"as a cookie":              {[]header{{"Cookie", "paycorcred=" + goodEmbed}}, 401},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h, _ := openEmbedding(t)
			got := h.send("GET", "/api/v1/environments", "", test.headers...)
			assert.Equal(t, test.status, got.StatusCode, got.body)
			if test.status == 200 {
				assert.Equal(t, paycor.CallerEmbedded, h.service.caller.Kind)
			}
			assert.NotContains(t, h.log.String()+got.body, goodEmbed)
		})
	}
	h, e := openEmbedding(t)
	e.ended = true
	assert.Equal(t, 401, h.send("GET", "/api/v1/environments", "", embedded).StatusCode)
	for _, page := range []string{"/", "/hosts", "/credentials/a"} {
		assert.Equal(t, 303, h.send("GET", page, "", embedded).StatusCode, "it opens no page")
	}
}

func TestHostsOverTheAPI(t *testing.T) {
	h, _ := openEmbedding(t)
	got := h.send("POST", "/api/v1/hosts", `{"name":"Console","origins":["https://console.example"],"rights":["view"],"keys":{"keys":[]}}`, bearer, asJSON)
	require.Equal(t, 201, got.StatusCode, got.body)
	assert.Equal(t, "/api/v1/hosts/console", got.Header.Get("Location"))
	assert.Equal(t, embed.HostDraft{Name: "Console", Origins: []string{"https://console.example"}, Rights: paycor.Rights{"view"}, Keys: `{"keys":[]}`}, h.service.registered())
	assert.Equal(t, 422, h.send("POST", "/api/v1/hosts", `{"origins":"https://console.example"}`, bearer, asJSON).StatusCode)
	changed := h.send("PATCH", "/api/v1/hosts/console", `{"origins":["https://other.example"],"rights":["view"],"keys":{"keys":[]}}`, bearer, asJSON, header{"If-Match", `"2"`})
	require.Equal(t, 200, changed.StatusCode, changed.body)
	assert.Equal(t, `"3"`, changed.Header.Get("ETag"))
	keys := `{"keys":[]}`
	assert.Equal(t, embed.HostPatch{Origins: &[]string{"https://other.example"}, Rights: &paycor.Rights{"view"}, Keys: &keys}, h.service.hosts.patch, "what is absent is kept")
	assert.Equal(t, `"2"`, h.service.hosts.match)
	for name, body := range map[string]string{"another field": `{"id":"other"}`, "origins no list": `{"origins":"https://a.example"}`} {
		assert.Equal(t, 422, h.send("PATCH", "/api/v1/hosts/console", body, bearer, asJSON).StatusCode, name)
	}
	assert.Equal(t, 400, h.send("PATCH", "/api/v1/hosts/console", `{}`, bearer, asJSON, header{"If-Match", "2"}).StatusCode)
	assert.Equal(t, 204, h.send("DELETE", "/api/v1/hosts/console", "", bearer).StatusCode)
	assert.Equal(t, "console", h.service.removed)
	h.service.hostErr = paycor.Errorf(paycor.KindForbidden, "No.")
	for _, request := range [][2]string{{"GET", "/api/v1/hosts"}, {"DELETE", "/api/v1/hosts/console"}} {
		assert.Equal(t, 403, h.send(request[0], request[1], "", bearer).StatusCode)
	}
}

func TestTheDoctorsPage(t *testing.T) {
	h, e := openEmbedding(t)
	got := h.send("GET", "/embed/doctor?host=console&origin=https://evil.example&token=pasted", "")
	require.Equal(t, 200, got.StatusCode)
	assert.Contains(t, got.body, locale.English.Text("doctor.bad")+": origin")
	assert.Contains(t, got.body, "&lt;b&gt;Not&lt;/b&gt; registered.")
	assert.True(t, e.symptoms.Token.IsZero(), "no token in an address")
	form := url.Values{"host": {"console"}, "origin": {`"><script>`}, "token": {canarySecret}, "policy": {"</textarea><b>"}}
	got = h.send("POST", "/embed/doctor", form.Encode(), header{"Content-Type", "application/x-www-form-urlencoded"})
	require.Equal(t, 200, got.StatusCode)
	assert.Equal(t, canarySecret, e.symptoms.Token.Reveal())
	assert.Equal(t, h.URL, e.symptoms.Audience)
	unseen(t, got.body+h.log.String())
	assert.NotContains(t, got.body, "<script>")
	assert.NotContains(t, got.body, "</textarea><b>")
	assert.Contains(t, h.send("GET", "/embed/doctor?host=other", "").body, "No host of this id")
	assert.Equal(t, 403, h.send("POST", "/embed/doctor", form.Encode(), header{"Content-Type", "application/x-www-form-urlencoded"}, header{"Sec-Fetch-Site", "cross-site"}).StatusCode)
	assert.Equal(t, 400, h.send("POST", "/embed/doctor", strings.Repeat("x", web.MaxBody+1), header{"Content-Type", "application/x-www-form-urlencoded"}).StatusCode)
}

// The module that hosts load is small, has no dependency, and any site may
// read it.
func TestTheModuleForHosts(t *testing.T) {
	h, _ := openEmbedding(t)
	got := h.send("GET", "/embed/sdk.js", "", header{"Accept-Encoding", "identity"}, header{"Origin", "https://console.example"})
	require.Equal(t, 200, got.StatusCode)
	assert.Equal(t, "text/javascript; charset=utf-8", got.Header.Get("Content-Type"))
	assert.Equal(t, "*", got.Header.Get("Access-Control-Allow-Origin"))
	assert.Empty(t, got.Header.Get("Access-Control-Allow-Credentials"))
	assert.Equal(t, "cross-origin", got.Header.Get("Cross-Origin-Resource-Policy"))
	var packed bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	_, err := writer.Write([]byte(got.body))
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	assert.LessOrEqual(t, packed.Len(), 4096, "bytes in gzip")
	for _, not := range []string{"import ", "innerHTML", "eval(", "localStorage", "sessionStorage", "document.cookie", `"*"`} {
		assert.NotContains(t, got.body, not)
	}
	types := h.send("GET", "/embed/sdk.d.ts", "")
	require.Equal(t, 200, types.StatusCode)
	for _, name := range []string{"mount", "pick"} {
		assert.Contains(t, got.body, "export function "+name+"(")
		assert.Contains(t, types.body, "export function "+name+"(")
	}
	again := h.send("GET", "/embed/sdk.js", "", header{"Accept-Encoding", "identity"}, header{"If-None-Match", got.Header.Get("ETag")})
	assert.Equal(t, http.StatusNotModified, again.StatusCode)
}
