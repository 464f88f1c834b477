package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/paycortest"
)

// spanish returns the page's sentences in Spanish.
func spanish(t *testing.T) *locale.Catalogue {
	t.Helper()
	es, ok := locale.ByTag("es")
	require.True(t, ok)
	return es
}

// A browser that prefers Spanish gets the page in Spanish, including the
// server's errors.
func TestTheBrowserChoosesTheLanguage(t *testing.T) {
	t.Parallel()
	es := spanish(t)
	p := start(t)
	b := open(t, p)
	call(b, network.Enable, network.EnableParams{})
	call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": "es-MX, en;q=0.5"}})
	b.signIn()
	assert.Equal(t, "es", eval[string](b, `document.documentElement.lang`))
	b.press("button", es.Text("add"))
	b.get("dialog", es.Text("add.title"))
	b.press("button", es.Text("save"))
	b.alert(es.Plural("summary.problems", 5))
}

// The language that a person chooses stays on the pages behind it, past the end of
// the session, until they choose another.
func TestTheChosenLanguageStays(t *testing.T) {
	t.Parallel()
	es := spanish(t)
	p := start(t)
	b := open(t, p).signIn()
	b.pressInAccount("link", es.Text("language"))
	b.get("button", es.Text("add"))
	b.pressInAccount("link", say("language"))
	b.get("button", say("add"))
	b.pressInAccount("link", es.Text("language"))
	b.press("link", es.Text("nav.audit"))
	b.get("heading", es.Text("audit"))
	b.press("button", es.Text("audit.search"))
	b.until("the search", func() bool { return strings.Contains(b.address(), "/audit?") })
	b.mounted()
	b.watch.expect("status of 404")
	b.navigate(p.address + "/nowhere")
	b.get("heading", es.Text("page.missing"))
	b.press("link", es.Text("signin.back"))
	b.get("button", es.Text("add"))
	b.pressInAccount("button", es.Text("sign-out"))
	b.until("the sign-in page", func() bool { return strings.HasSuffix(b.address(), "/sign-in") })
	assert.Equal(t, "es", eval[string](b, `document.documentElement.lang`))
}

// An embedding site sets the language of the frame, and can change it while the
// page is open.
func TestAnEmbeddingSiteChoosesTheLanguage(t *testing.T) {
	t.Parallel()
	es := spanish(t)
	p := start(t)
	p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.mount(`{locale: "es-US"}`)
	f := b.frame(p)
	assert.Equal(t, map[string]any{"version": 1.0, "locale": "es"}, b.waitForMessage("ready"))
	f.get("button", es.Text("continue"))
	eval[any](b, `mounted.setLocale("en-GB"), null`)
	f.get("button", say("continue"))
	assert.Equal(t, "en", eval[string](f, `document.documentElement.lang`))
}
