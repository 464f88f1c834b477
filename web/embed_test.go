package web_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/embed"
	"paycorcred/web"
)

// newEmbeddingServer starts a testServer that one site may embed.
func newEmbeddingServer(t *testing.T) (*testServer, *embedding) {
	t.Helper()
	e := &embedding{}
	return newTestServer(t, func(c *web.Config) { c.Embedding = e }), e
}

// The sheet of a site's appearance is in the page, and the policy allows no other one.
func TestAnAppearance(t *testing.T) {
	t.Parallel()
	h, _ := newEmbeddingServer(t)
	get := func(appearance string) (body, policy string) {
		got := h.send("GET", "/embed?host=console&appearance="+url.QueryEscape(appearance), "")
		require.Equal(t, 200, got.StatusCode, got.body)
		return got.body, got.Header.Get("Content-Security-Policy")
	}
	body, policy := get(`{"light":{"accent":"#5b21b6"},"font":"Inter"}`)
	match := regexp.MustCompile(`<style id="look">(.*)</style>`).FindStringSubmatch(body)
	require.Len(t, match, 2, body)
	assert.Contains(t, match[1], `--accent:light-dark(#5b21b6,#8dbbff);`)
	assert.Contains(t, match[1], `--font:"Inter";`)
	hash := sha256.Sum256([]byte(match[1]))
	assert.Contains(t, policy, "style-src 'self' 'sha256-"+base64.StdEncoding.EncodeToString(hash[:])+"';")

	for _, bad := range []string{`{"light":{"accent":"#ffcc00"}}`, `{"font":"</style><script>"}`, "x"} {
		body, policy = get(bad)
		assert.NotContains(t, body, "<style")
		assert.Contains(t, policy, "style-src 'self';")
		assert.Contains(t, body, `"appearance":"`, "its developer is told")
		assert.NotContains(t, body, "<script>\"")
	}

	// A frame that has loaded gets the same sheet as data.
	later := h.send("GET", "/embed/appearance?appearance="+url.QueryEscape(`{"light":{"accent":"#5b21b6"},"font":"Inter"}`), "")
	require.Equal(t, 200, later.StatusCode, later.body)
	assert.JSONEq(t, `{"style":`+strconv.Quote(match[1])+`,"problem":""}`, later.body)
	later = h.send("GET", "/embed/appearance?appearance="+url.QueryEscape(`{"light":{"accent":"#ffcc00"}}`), "")
	assert.Contains(t, later.body, `{"style":"","problem":"`)
	assert.JSONEq(t, `{"style":"","problem":""}`, h.send("GET", "/embed/appearance?appearance=", "").body)
}

func TestOnlyEmbeddedPageMayBeFramed(t *testing.T) {
	t.Parallel()
	h, _ := newEmbeddingServer(t)
	got := h.send("GET", "/embed?host=console", "", cookie)
	require.Equal(t, 200, got.StatusCode)
	assert.Equal(t, strings.Replace(wantPolicy, "frame-ancestors 'none'", "frame-ancestors https://console.example http://localhost:3000", 1),
		got.Header.Get("Content-Security-Policy"))
	assert.Equal(t, "no-store", got.Header.Get("Cache-Control"), "a cached page would keep its policy")
	assert.Equal(t, "cross-origin", got.Header.Get("Cross-Origin-Resource-Policy"))
	assert.Empty(t, got.Header.Get("Set-Cookie"))
	assert.Empty(t, h.service.recordedCalls(), "cookies are ignored")
	assert.NotContains(t, got.body, "person-1")

	for _, path := range []string{"/", "/hosts", "/credentials/a", "/sign-in", "/embed?host=other", "/embed", "/embed?host=console&x=y", "/embed/doctor",
		"/embed/doctor?host=console", "/embed/sdk.js", "/embed/nothing", "/api/v1/hosts"} {
		got := h.send("GET", path, "", cookie)
		assert.Equal(t, wantPolicy, got.Header.Get("Content-Security-Policy"), path)
	}
	closed := newTestServer(t)
	assert.Equal(t, 404, closed.send("GET", "/embed?host=console", "").StatusCode)
	assert.Equal(t, 404, closed.send("POST", "/embed/exchange", `{"host":"console"}`, jsonBody).StatusCode)
	assert.Equal(t, 401, closed.send("GET", "/api/v1/environments", "", header{"Authorization", "Bearer " + validEmbeddedSession}).StatusCode)
}

func TestEmbeddedPageContainsNoData(t *testing.T) {
	t.Parallel()
	var given api.Start
	h := newTestServer(t, func(c *web.Config) {
		c.Embedding = &embedding{}
		c.Body = func(start api.Start) string { given = start; return `<div id="app"></div>` }
	})
	h.send("GET", "/embed?host=console", "", cookie)
	assert.Equal(t, paycor.Caller{}, given.Caller)
	assert.Empty(t, given.List.Credentials)
	assert.Empty(t, given.Environments)
	assert.Equal(t, &embed.Start{Host: "console", Name: "Console", Origins: sampleHost().Origins}, given.Embed)
}

func TestEmbedExchange(t *testing.T) {
	t.Parallel()
	h, e := newEmbeddingServer(t)
	const body = `{"host":"console","token":"a.b.c","origin":"https://console.example"}`
	got := h.send("POST", "/embed/exchange", body, jsonBody, header{"Origin", h.URL}, header{"Sec-Fetch-Site", "same-origin"}, cookie)
	require.Equal(t, 200, got.StatusCode, got.body)
	assert.Empty(t, got.Header.Get("Set-Cookie"))
	var answer struct {
		Session   string
		ExpiresIn int `json:"expires_in"`
		Start     api.Start
	}
	require.NoError(t, json.Unmarshal([]byte(got.body), &answer))
	assert.Equal(t, validEmbeddedSession, answer.Session)
	assert.Equal(t, 900, answer.ExpiresIn)
	assert.Equal(t, "console/ann", answer.Start.Caller.ID)
	assert.Len(t, answer.Start.List.Credentials, 1)
	assert.Equal(t, "console", answer.Start.Embed.Host)
	assert.Equal(t, "console/ann", h.service.caller.ID, "not the cookie's caller")
	assert.Equal(t, "http://localhost", e.request.Audience)
	assert.Equal(t, "https://console.example", e.request.Origin)
	assert.Equal(t, "a.b.c", e.request.Token.Reveal())
	assert.Equal(t, "127.0.0.1", e.request.From)
	for _, secret := range []string{"a.b.c", validEmbeddedSession} {
		assert.NotContains(t, h.log.String(), secret)
	}
}

func TestOneTimeToken(t *testing.T) {
	t.Parallel()
	h, e := newEmbeddingServer(t)
	const body = `{"host":"console","origin":"https://console.example","subject":"ann","name":"Ann","email":"ann@console.example","groups":["payroll"],"tenant":"acme","rights":["view"],"credentials":["a"]}`
	got := h.send("POST", "/api/v1/embed/sessions", body, bearer, jsonBody)
	require.Equal(t, 201, got.StatusCode, got.body)
	assert.JSONEq(t, `{"token":"pco_test-one-time-token","expires_at":"`+testTime.Add(embed.OneTimeTokenLifetime).Format(time.RFC3339)+`"}`, got.body)
	assert.Equal(t, embed.OneTimeTokenDraft{Host: "console", Origin: "https://console.example", Tenant: "acme", Person: embed.Person{Subject: "ann", Name: "Ann", Email: "ann@console.example", Groups: []string{"payroll"}}, Rights: paycor.Rights{"view"}, Credentials: []string{"a"}}, e.draft)
	assert.Equal(t, paycor.CallerConsumer, e.creator.Kind)
	assert.Equal(t, paycor.Rights{paycor.RightEmbed}, e.creator.Rights, "no other right of the token")
	assert.NotContains(t, h.log.String(), "pco_test")

	for name, headers := range map[string][]header{"a person": {cookie}, "a frame": {{"Authorization", "Bearer " + validEmbeddedSession}}} {
		denied := h.send("POST", "/api/v1/embed/sessions", body, append(headers, jsonBody)...)
		assert.Equal(t, 403, denied.StatusCode, name)
		assert.Contains(t, denied.body, locale.English.Text("error.programs-only"), name)
	}
	assert.Equal(t, 401, h.send("POST", "/api/v1/embed/sessions", body, jsonBody).StatusCode)
	assert.Equal(t, 422, h.send("POST", "/api/v1/embed/sessions", `{"sub":"ann"}`, bearer, jsonBody).StatusCode)
	assert.Equal(t, 404, newTestServer(t).send("POST", "/api/v1/embed/sessions", body, bearer, jsonBody).StatusCode)
}

func TestInvalidEmbedExchange(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string][]header{
		"another site": {jsonBody, {"Origin", "https://evil.example"}},
		"next port":    {jsonBody, {"Sec-Fetch-Site", "same-site"}},
		"origin null":  {jsonBody, {"Origin", "null"}},
		"cross-site":   {jsonBody, {"Sec-Fetch-Site", "cross-site"}},
	} {
		h, e := newEmbeddingServer(t)
		got := h.send("POST", "/embed/exchange", `{"host":"console","token":"a.b.c","origin":"https://console.example"}`, headers...)
		assert.Equal(t, 403, got.StatusCode, name)
		assert.True(t, e.request.Token.IsZero(), name)
		assert.Equal(t, []string{"foreign_origin"}, h.access.denials(), name)
	}
	h, e := newEmbeddingServer(t)
	for name, body := range map[string]string{"form": "host=console", "unknown field": `{"host":"console","cookie":"x"}`, "token no text": `{"host":"console","token":{}}`} {
		got := h.send("POST", "/embed/exchange", body, jsonBody)
		assert.GreaterOrEqual(t, got.StatusCode, 400, name)
		assert.True(t, e.request.Token.IsZero(), name)
	}
}

func TestEmbedDenialsAreAudited(t *testing.T) {
	t.Parallel()
	for _, kind := range embed.Kinds() {
		h, e := newEmbeddingServer(t)
		e.err = paycor.Errorf(kind, "Why.")
		got := h.send("POST", "/embed/exchange", `{"host":"console","token":"a.b.c","origin":"https://console.example"}`, jsonBody)
		assert.Contains(t, []int{401, 403, 404, 503}, got.StatusCode, kind)
		assert.Contains(t, got.body, `"code":"`+string(kind)+`"`)
		assert.Contains(t, got.body, `"detail":"Why."`)
		assert.Equal(t, []string{string(kind)}, h.access.denials())
		assert.Equal(t, "console", h.access.denied[0].ID, "the claimed site")
		assert.Equal(t, paycor.CallerUnknown, h.access.denied[0].Kind)
	}
}

func TestEmbeddedSession(t *testing.T) {
	t.Parallel()
	embedded := header{"Authorization", "Bearer " + validEmbeddedSession}
	tests := map[string]struct {
		headers []header
		status  int
	}{
		"from our page":            {[]header{embedded, {"Sec-Fetch-Site", "same-origin"}}, 200},
		"beside a cookie":          {[]header{embedded, cookie}, 200},
		"from another site":        {[]header{embedded, {"Sec-Fetch-Site", "cross-site"}}, 403},
		"from another site's page": {[]header{embedded, {"Origin", "https://console.example"}, {"Sec-Fetch-Site", "cross-site"}}, 403},
		"another handle":           {[]header{{"Authorization", "Bearer pce_other"}, cookie}, 401},
		"as a cookie":              {[]header{{"Cookie", "paycorcred=" + validEmbeddedSession}}, 401},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h, _ := newEmbeddingServer(t)
			got := h.send("GET", "/api/v1/environments", "", test.headers...)
			assert.Equal(t, test.status, got.StatusCode, got.body)
			if test.status == 200 {
				assert.Equal(t, paycor.CallerEmbedded, h.service.caller.Kind)
			}
			assert.NotContains(t, h.log.String()+got.body, validEmbeddedSession)
		})
	}
	h, e := newEmbeddingServer(t)
	e.ended = true
	assert.Equal(t, 401, h.send("GET", "/api/v1/environments", "", embedded).StatusCode)
	for _, page := range []string{"/", "/hosts", "/credentials/a"} {
		assert.Equal(t, 303, h.send("GET", page, "", embedded).StatusCode, "no access to screens")
	}
}

func TestEmbedHosts(t *testing.T) {
	t.Parallel()
	h, _ := newEmbeddingServer(t)
	got := h.send("POST", "/api/v1/hosts", `{"name":"Console","origins":["https://console.example"],"rights":["view"],"keys":{"keys":[]}}`, bearer, jsonBody)
	require.Equal(t, 201, got.StatusCode, got.body)
	assert.Equal(t, "/api/v1/hosts/console", got.Header.Get("Location"))
	assert.Equal(t, embed.HostDraft{Name: "Console", Origins: []string{"https://console.example"}, Rights: paycor.Rights{"view"}, Keys: `{"keys":[]}`}, h.service.registered())
	assert.Equal(t, 422, h.send("POST", "/api/v1/hosts", `{"origins":"https://console.example"}`, bearer, jsonBody).StatusCode)
	changed := h.send("PATCH", "/api/v1/hosts/console", `{"origins":["https://other.example"],"rights":["view"],"keys":{"keys":[]}}`, bearer, jsonBody, header{"If-Match", `"2"`})
	require.Equal(t, 200, changed.StatusCode, changed.body)
	assert.Equal(t, `"3"`, changed.Header.Get("ETag"))
	keys := `{"keys":[]}`
	assert.Equal(t, embed.HostPatch{Origins: &[]string{"https://other.example"}, Rights: &paycor.Rights{"view"}, Keys: &keys}, h.service.hosts.patch, "absent fields are kept")
	assert.Equal(t, `"2"`, h.service.hosts.match)
	require.Equal(t, 200, h.send("PATCH", "/api/v1/hosts/console", `{"keys":"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}`, bearer, jsonBody).StatusCode)
	assert.Equal(t, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", *h.service.hosts.patch.Keys)
	for name, body := range map[string]string{"another field": `{"id":"other"}`, "origins no list": `{"origins":"https://a.example"}`} {
		assert.Equal(t, 422, h.send("PATCH", "/api/v1/hosts/console", body, bearer, jsonBody).StatusCode, name)
	}
	assert.Equal(t, 400, h.send("PATCH", "/api/v1/hosts/console", `{}`, bearer, jsonBody, header{"If-Match", "2"}).StatusCode)
	assert.Equal(t, 204, h.send("DELETE", "/api/v1/hosts/console", "", bearer).StatusCode)
	assert.Equal(t, "console", h.service.removed)
	h.service.hostErr = paycor.Errorf(paycor.KindForbidden, "No.")
	for _, request := range [][2]string{{"GET", "/api/v1/hosts"}, {"DELETE", "/api/v1/hosts/console"}} {
		assert.Equal(t, 403, h.send(request[0], request[1], "", bearer).StatusCode)
	}
}

func TestEmbeddingDoctor(t *testing.T) {
	t.Parallel()
	h, e := newEmbeddingServer(t)
	got := h.send("GET", "/embed/doctor?host=console&origin=https://evil.example&token=pasted", "")
	require.Equal(t, 200, got.StatusCode)
	assert.Contains(t, got.body, locale.English.Text("doctor.bad")+": origin")
	assert.Contains(t, got.body, "&lt;b&gt;Not&lt;/b&gt; registered.")
	assert.True(t, e.symptoms.Token.IsZero(), "no token in an address")
	form := url.Values{"host": {"console"}, "origin": {`"><script>`}, "token": {canarySecret}, "policy": {"</textarea><b>"}}
	got = h.send("POST", "/embed/doctor", form.Encode(), header{"Content-Type", "application/x-www-form-urlencoded"})
	require.Equal(t, 200, got.StatusCode)
	assert.Equal(t, canarySecret, e.symptoms.Token.Reveal())
	assert.Equal(t, "http://localhost", e.symptoms.Audience)
	assertNoCanary(t, got.body+h.log.String())
	assert.NotContains(t, got.body, "<script>")
	assert.NotContains(t, got.body, "</textarea><b>")
	assert.Contains(t, h.send("GET", "/embed/doctor?host=other", "").body, "No host of this id")
	assert.Equal(t, 403, h.send("POST", "/embed/doctor", form.Encode(), header{"Content-Type", "application/x-www-form-urlencoded"}, header{"Sec-Fetch-Site", "cross-site"}).StatusCode)
	assert.Equal(t, 400, h.send("POST", "/embed/doctor", strings.Repeat("x", web.MaxBody+1), header{"Content-Type", "application/x-www-form-urlencoded"}).StatusCode)
}

// The module for embedding sites is small, has no dependencies, and every site
// may load it.
func TestSDK(t *testing.T) {
	t.Parallel()
	h, _ := newEmbeddingServer(t)
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
	assert.LessOrEqual(t, packed.Len(), 4608, "bytes in gzip, not minified")
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
