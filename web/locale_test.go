package web_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"paycorcred/app/locale"
	"paycorcred/paycor/api"
	"paycorcred/web"
)

func TestThePageIsInTheBrowsersLanguage(t *testing.T) {
	t.Parallel()
	spanish, ok := locale.ByTag("es")
	require.True(t, ok)
	for name, test := range map[string]struct {
		path, accept string
		want         *locale.Catalogue
	}{
		"nothing asked":       {"/", "", locale.English},
		"a browser's choice":  {"/", "fr, es-MX;q=0.9, en;q=0.8", spanish},
		"the address decides": {"/?lang=es", "en", spanish},
		"unknown language":    {"/?lang=tlh", "es", spanish},
	} {
		t.Run(name, func(t *testing.T) {
			var given api.Start
			h := newTestServer(t, func(c *web.Config) {
				c.Body = func(start api.Start) string { given = start; return `<div id="app"></div>` }
			})
			got := h.send("GET", test.path, "", cookie, header{"Accept-Language", test.accept})
			document, err := html.Parse(strings.NewReader(got.body))
			require.NoError(t, err)
			tagged := test.want.Tag()
			assert.Equal(t, tagged, given.Locale)
			assert.Equal(t, tagged, attribute(tag(document, "html"), "lang"))
			assert.Equal(t, test.want.Text("authenticate")+" · "+test.want.Text("brand"), tag(document, "title").FirstChild.Data)
			if sentences := byID(document, "sentences"); sentences != nil { // a build has the program
				address := attribute(sentences, "href")
				assert.True(t, strings.HasSuffix(address, "/locale/"+tagged+".json"), address)
				loaded, err := locale.Parse(tagged, h.send("GET", address, "").body)
				require.NoError(t, err)
				assert.Equal(t, test.want.Text("continue.choose"), loaded.Text("continue.choose"))
				assert.False(t, loaded.Has("cli.backup-exists"), "the page does not load the server's sentences")
			}
		})
	}
}

// The language of ?lang= stays while somebody goes from page to page.
func TestPagesRememberTheChosenLanguage(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	lang := func(path string, headers ...header) (tag, set string) {
		got := h.send("GET", path, "", append(headers, header{"Accept-Language", "en"})...)
		return got.Header.Get("Content-Language"), got.Header.Get("Set-Cookie")
	}
	tag, set := lang("/sign-in?lang=es")
	assert.Equal(t, "es", tag)
	assert.Equal(t, "paycorcred-language=es; Path=/; HttpOnly; SameSite=Lax", set)
	chosen := header{"Cookie", cookie.value + "; paycorcred-language=es"}
	for _, path := range []string{"/", "/hosts", "/sign-in", "/embed/doctor"} {
		tag, set = lang(path, chosen)
		assert.Equal(t, "es", tag, path)
		assert.Empty(t, set, path)
	}
	tag, set = lang("/?lang=en", chosen)
	assert.Equal(t, "en", tag)
	assert.Contains(t, set, "paycorcred-language=en")
	tag, set = lang("/?lang=es", chosen)
	assert.Equal(t, "es", tag)
	assert.Empty(t, set, "it is remembered already")
	tag, _ = lang("/", header{"Cookie", cookie.value + "; paycorcred-language=tlh"})
	assert.Equal(t, "en", tag, "no such language")

	tag, set = lang("/api/v1/credentials", chosen)
	assert.Equal(t, "en", tag, "each request of the API says its language")
	assert.Empty(t, set)
	tag, set = lang("/embed?host=console&lang=es")
	assert.Equal(t, "es", tag)
	assert.Empty(t, set, "frames have no cookies")
}

func TestTheAPISpeaksTheCallersLanguage(t *testing.T) {
	spanish, ok := locale.ByTag("es")
	require.True(t, ok)
	h := newTestServer(t)
	for name, test := range map[string]struct {
		accept string
		want   *locale.Catalogue
	}{
		"nothing asked": {"", locale.English},
		"Spanish":       {"es-MX", spanish},
	} {
		t.Run(name, func(t *testing.T) {
			language := header{"Accept-Language", test.accept}
			got := h.send("GET", "/api/v1/credentials?limit=0", "", bearer, language)
			assert.Equal(t, test.want.Tag(), got.Header.Get("Content-Language"))
			assert.Contains(t, got.body, `"detail":"`+test.want.Text("error.query-invalid")+`"`)
			assert.Contains(t, got.body, `"message":"`+test.want.Text("problem.query-limit")+`"`)
			got = h.send("POST", "/api/v1/credentials/a/activation", "", cookie, language)
			assert.Contains(t, got.body, `"warning":"`+test.want.Text("activation.warning")+`"`)
			got = h.send("GET", "/api/v1/nowhere", "", bearer, language)
			assert.Contains(t, got.body, test.want.Text("error.no-route"))
		})
	}
}

func TestTheAPINamesEnvironmentsInTheCallersLanguage(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	for _, tag := range []string{"en", "es"} {
		language, ok := locale.ByTag(tag)
		require.True(t, ok)
		got := h.send("GET", "/api/v1/environments", "", bearer, header{"Accept-Language", tag})
		assert.Contains(t, got.body, `"title":"`+language.Text("environment.production")+`"`)
	}
}

// Pages offer the other languages by their own names. A person who opens an address
// without a page gets a page too, and a program a problem.
func TestPagesOfferOtherLanguages(t *testing.T) {
	t.Parallel()
	var given api.Start
	h := newTestServer(t, func(c *web.Config) {
		c.Body = func(start api.Start) string { given = start; return `<div id="app"></div>` }
	})
	h.send("GET", "/", "", cookie)
	assert.Equal(t, []api.Language{{Tag: "es", Name: "Español"}}, given.Languages)
	h.send("GET", "/?lang=es", "", cookie)
	assert.Equal(t, []api.Language{{Tag: "en", Name: "English"}}, given.Languages)

	person := header{"Accept", "text/html,application/xhtml+xml"}
	for _, path := range []string{"/nowhere", "/docs/", "/docs/nowhere", "/credentials/"} {
		page := h.send("GET", path, "", person, header{"Cookie", "paycorcred-language=es"})
		assert.Equal(t, 404, page.StatusCode, path)
		assert.Equal(t, "text/html; charset=utf-8", page.Header.Get("Content-Type"), path)
		assert.Contains(t, page.body, "No hay nada en esta dirección.", path)
		assert.Contains(t, h.send("GET", path, "").Header.Get("Content-Type"), "application/problem+json", path)
	}
	assert.Contains(t, h.send("GET", "/api/v1/nowhere", "", person).Header.Get("Content-Type"), "application/problem+json")
	assert.Contains(t, h.send("POST", "/nowhere", "", person).Header.Get("Content-Type"), "application/problem+json")
}
