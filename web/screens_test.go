package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/web"
)

const wantPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		h := newTestServer(t, func(c *web.Config) { c.Secure = secure })
		for _, path := range []string{"/", "/sign-in", "/api/v1/environments", "/api/v1/nothing", "/assets/x/y", "/healthz", "/favicon.ico"} {
			got := h.send("GET", path, "").Header
			assert.Equal(t, wantPolicy, got.Get("Content-Security-Policy"), path)
			assert.Equal(t, "nosniff", got.Get("X-Content-Type-Options"), path)
			assert.Equal(t, "no-referrer", got.Get("Referrer-Policy"), path)
			assert.Equal(t, "same-origin", got.Get("Cross-Origin-Opener-Policy"), path)
			assert.Equal(t, "same-origin", got.Get("Cross-Origin-Resource-Policy"), path)
			assert.NotEmpty(t, got.Get("Permissions-Policy"), path)
			assert.Equal(t, secure, got.Get("Strict-Transport-Security") != "", path)
			if path != "/favicon.ico" {
				assert.Equal(t, "no-store", got.Get("Cache-Control"), path)
			}
		}
	}
}

func TestScreensNeedASession(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	for _, path := range []string{"/", "/credentials/a", "/?purpose=destination"} {
		for name, by := range map[string]header{"nobody": {"X", "x"}, "token": bearer, "old session": {"Cookie", "paycorcred=old"}} {
			got := h.send("GET", path, "", by)
			assert.Equal(t, http.StatusSeeOther, got.StatusCode, name)
			assert.Equal(t, "/sign-in", got.Header.Get("Location"), name)
		}
	}
	assert.Empty(t, h.service.recordedCalls())
	assert.Empty(t, h.access.denials(), "a redirect to the sign-in page is no denial")
}

// page requests a screen and returns its document and its data.
func (h *testServer) page(path string, status int) (*html.Node, api.Start, string) {
	h.t.Helper()
	got := h.send("GET", path, "", cookie)
	require.Equal(h.t, status, got.StatusCode, got.body)
	require.Equal(h.t, "text/html; charset=utf-8", got.Header.Get("Content-Type"))
	document, err := html.Parse(strings.NewReader(got.body))
	require.NoError(h.t, err)
	var start api.Start
	if block := byID(document, "start"); block != nil {
		require.NoError(h.t, json.Unmarshal([]byte(block.FirstChild.Data), &start))
	}
	return document, start, got.body
}

func find(node *html.Node, match func(*html.Node) bool) *html.Node {
	for n := range node.Descendants() {
		if n.Type == html.ElementNode && match(n) {
			return n
		}
	}
	return nil
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func byID(node *html.Node, id string) *html.Node {
	return find(node, func(n *html.Node) bool { return attribute(n, "id") == id })
}

func tag(node *html.Node, name string) *html.Node {
	return find(node, func(n *html.Node) bool { return n.Data == name })
}

func elements(parent *html.Node) []string {
	var names []string
	for n := range parent.ChildNodes() {
		if n.Type == html.ElementNode {
			names = append(names, n.Data)
		}
	}
	return names
}

func TestAuthenticateScreen(t *testing.T) {
	t.Parallel()
	var given api.Start
	h := newTestServer(t, func(c *web.Config) {
		c.Preferred = "sandbox"
		c.Body = func(start api.Start) string { given = start; return `<div id="app">the page</div>` }
	})
	document, _, body := h.page("/?purpose=destination", 200)
	assert.True(t, strings.HasPrefix(body, "<!doctype html>\n<html lang=\"en\">"))
	assert.Equal(t, "Authenticate · Paycor credentials", tag(document, "title").FirstChild.Data)
	assert.Equal(t, "div", elements(tag(document, "body"))[0], "go-app takes over the first element")
	assert.Equal(t, "light dark", attribute(find(document, func(n *html.Node) bool { return attribute(n, "name") == "color-scheme" }), "content"))

	assert.Equal(t, "/", given.Path)
	assert.Equal(t, paycor.PurposeDestination, given.Purpose)
	assert.Equal(t, "person-1", given.Caller.ID)
	assert.Equal(t, paycor.Environments(), given.Environments)
	assert.Equal(t, "sandbox", given.Preferred)
	assert.Equal(t, 2, given.List.Total)
	assert.Equal(t, testTime, given.Now)
	assert.Empty(t, given.Failure)
}

func TestCredentialScreen(t *testing.T) {
	t.Parallel()
	var given api.Start
	h := newTestServer(t, func(c *web.Config) {
		c.Body = func(start api.Start) string { given = start; return `<div id="app"></div>` }
	})
	h.service.name = "A & B <script>"
	document, _, _ := h.page("/credentials/a", 200)
	assert.Equal(t, "A & B <script> · Paycor credentials", tag(document, "title").FirstChild.Data)
	require.NotNil(t, given.Credential)
	assert.Equal(t, "a", given.Credential.ID)
	assert.Len(t, given.History.Entries, 1)
	assert.Equal(t, "production", given.Preferred, "the first one if none is configured")
	assert.False(t, given.Chosen)
	h.page("/credentials/a?purpose=destination", 200)
	assert.True(t, given.Chosen)
	assert.Equal(t, paycor.PurposeDestination, given.Purpose)

	_, _, body := h.page("/credentials/b", 404)
	assert.Contains(t, body, "There is no credential at this address.")
	h.page("/credentials/%ff", 404)
}

func TestScreenWithoutData(t *testing.T) {
	t.Parallel()
	var given api.Start
	h := newTestServer(t, func(c *web.Config) {
		c.Body = func(start api.Start) string { given = start; return `<div id="app"></div>` }
	})
	h.service.err = errInjected
	h.page("/", 500)
	assert.NotEmpty(t, given.Failure)
	assert.NotContains(t, given.Failure, "fire")
	_, _, body := h.page("/credentials/a", 500)
	assert.Contains(t, body, locale.English.Text("page.request", ""))
	assert.NotContains(t, body, "fire")

	h.service.err = paycor.Errorf(paycor.KindForbidden, "You may not see this.")
	h.page("/", 403)
	assert.Equal(t, "You may not see this.", given.Failure)
}

func TestCredentialScreenWithoutRightToHistory(t *testing.T) {
	t.Parallel()
	var given api.Start
	h := newTestServer(t, func(c *web.Config) {
		c.Body = func(start api.Start) string { given = start; return `<div id="app"></div>` }
	})
	h.service.historyErr = paycor.Errorf(paycor.KindForbidden, "No.")
	h.page("/credentials/a", 200)
	assert.Equal(t, "a", given.Credential.ID)
	assert.Empty(t, given.History)
	h.service.historyErr = errInjected
	h.page("/credentials/a", 500)
}

// hostile are names that try to break out of the data block or the title.
var hostile = []string{
	`</script><script>alert(1)</script>`, `<!--<script>`, `-->`, `]]>`, "\u2028\u2029", `"'&<>`, `\u003c/script>`, `{{.}}`, "</title><b>", "a\x00b", "\u202egnp",
}

func TestHostileNameIsEscaped(t *testing.T) {
	t.Parallel()
	for _, name := range hostile {
		text, err := web.Shell("t", api.Start{Path: name, List: paycor.CredentialPage{Credentials: []paycor.Credential{{Name: name}}}}, `<div id="app"></div>`)
		require.NoError(t, err)
		document, err := html.Parse(strings.NewReader(text))
		require.NoError(t, err)
		assert.Equal(t, []string{"div", "script", "noscript"}, elements(tag(document, "body")), name)
		block := byID(document, "start")
		require.NotNil(t, block, name)
		assert.Equal(t, "application/json", attribute(block, "type"))
		var start api.Start
		require.NoError(t, json.Unmarshal([]byte(block.FirstChild.Data), &start), name)
		assert.Equal(t, name, start.List.Credentials[0].Name)
	}
}

// shellAt renders a screen at a path.
func shellAt(t *testing.T, path string) *html.Node {
	t.Helper()
	text, err := web.Shell("t", api.Start{Path: path}, `<div id="app"></div>`)
	require.NoError(t, err)
	document, err := html.Parse(strings.NewReader(text))
	require.NoError(t, err)
	return document
}

func TestShellLoadsTheProgramOfItsScreen(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"": "credentials", "/": "credentials", "/credentials/audit": "credentials", "/applications/a": "credentials",
		"/audit": "administration", "/consumers": "administration", "/hosts": "administration", "/notifications": "administration",
		"/sign-ins": "administration", "/system": "administration",
	} {
		wasm := byID(shellAt(t, path), "wasm")
		require.NotNil(t, wasm, path)
		assert.Regexp(t, `^/assets/[0-9a-f]{16}/`+want+`\.wasm$`, attribute(wasm, "href"), path)
	}
}

func TestShellLoadsTheProgram(t *testing.T) {
	t.Parallel()
	document := shellAt(t, "/")
	wasm := byID(document, "wasm")
	require.NotNil(t, wasm)
	assert.Equal(t, "preload", attribute(wasm, "rel"))
	assert.Equal(t, "fetch", attribute(wasm, "as"))
	var scripts []string
	for n := range document.Descendants() {
		if n.Data == "script" && attribute(n, "src") != "" {
			scripts = append(scripts, attribute(n, "src")[len("/assets/0123456789abcdef/"):])
			_, deferred := deferredOf(n)
			assert.True(t, deferred)
		}
		for _, a := range n.Attr {
			assert.False(t, strings.HasPrefix(a.Key, "on") || a.Key == "style", "the policy forbids it")
		}
	}
	assert.Equal(t, []string{"wasm_exec.js", "boot.js"}, scripts)
}

func deferredOf(node *html.Node) (string, bool) {
	for _, a := range node.Attr {
		if a.Key == "defer" {
			return a.Val, true
		}
	}
	return "", false
}

func TestBuildWithoutTheProgram(t *testing.T) {
	t.Parallel()
	text, err := web.ShellWithoutProgram("t", api.Start{}, `<div id="app"></div>`)
	require.NoError(t, err)
	assert.Contains(t, text, "make build")
	assert.Contains(t, text, `<div id="app"></div>`)
	assert.NotContains(t, text, "<script")
	assert.NotContains(t, text, "preload")
}
