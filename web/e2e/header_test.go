package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"

	"paycorcred/app/locale"
	"paycorcred/paycor/paycortest"
)

// headerRows is how many rows of text the header has.
const headerRows = `new Set([...document.querySelectorAll(".top > *, .nav-items > *, .who > *")].filter(e => e.checkVisibility() && e.getBoundingClientRect().height > 4 && !e.matches(":popover-open"))
	.map(e => { const r = e.getBoundingClientRect(); return Math.round((r.top + r.height / 2) / 8) })).size`

// The header is one row at every width, in every language. Where the pages do not fit, a
// button opens them, before the program runs and by the keyboard alone.
func TestTheHeaderIsOneRow(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := open(t, p).signIn()
	for _, language := range []string{"en", "es"} {
		for _, width := range []int64{320, 390, 768, 1024, 1279, 1280, 1440, 1920} {
			t.Run(fmt.Sprint(language, " ", width), func(t *testing.T) {
				b.size(width, 900)
				b.visit("/?lang=" + language)
				assert.Equal(t, 1, eval[int](b, headerRows))
				assert.LessOrEqual(t, eval[int](b, `document.documentElement.scrollWidth`), int(width))
			})
		}
	}
	b.size(390, 900)
	b.visit("/?lang=en")
	b.hold(wasmFiles)
	b.navigate(p.address + "/")
	b.get("button", say("menu"))
	for _, key := range []string{kb.Tab, kb.Tab, kb.Tab} { // the skip link and the brand come first
		b.key(key)
	}
	b.focusOn("button", say("menu"))
	assert.False(t, b.has("link", say("nav.audit")))
	b.key(kb.Enter)
	b.get("link", say("nav.audit"))
	b.key(kb.Escape)
	b.absent("link", say("nav.audit"))
	b.focusOn("button", say("menu"))
	b.release()
	b.mounted()
	b.press("button", say("menu"))
	b.press("link", say("nav.audit"))
	b.get("heading", say("audit"))
}

// A person chooses the theme, which stays on every page until they choose another.
func TestTheChosenThemeStays(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := open(t, p)
	b.media(map[string]string{"prefers-color-scheme": "light"})
	b.signIn()
	// A document that is being replaced has no body.
	page := func() string {
		color, _ := tryEval[string](b, `document.body ? getComputedStyle(document.body).backgroundColor : ""`, 0)
		return color
	}
	light, dark := page(), ""
	shows := func(color string) {
		t.Helper()
		b.until("the page in the color "+color, func() bool { return page() == color })
	}
	b.pressInAccount("link", say("theme.dark"))
	b.until("a dark page", func() bool { dark = page(); return dark != "" && dark != light })
	b.visit("/audit")
	shows(dark)
	b.navigate(p.address + "/docs")
	b.get("heading", "Help")
	shows(dark)
	b.visit("/")
	b.media(map[string]string{"prefers-color-scheme": "dark"})
	b.pressInAccount("link", say("theme.light"))
	shows(light) // also if the browser prefers dark pages
	b.mounted()
	b.pressInAccount("link", say("theme.system"))
	shows(dark)
}

// The choice of a language or a theme keeps what the address says of the list.
func TestAChoiceKeepsTheFilters(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	b := open(t, p).signIn()
	b.visit("/?view=table&state=not_verified")
	shown := func(parameter string) func() bool {
		return func() bool {
			return eval[bool](b, `["view=table", "state=not_verified", "`+parameter+`"].every(one => location.search.slice(1).split("&").includes(one))`)
		}
	}
	b.pressInAccount("link", "Español")
	b.until("Spanish with the filters", shown("lang=es"))
	b.mounted()
	spanish, _ := locale.ByTag("es")
	b.pressInAccount("link", spanish.Text("theme.dark"))
	b.until("the dark theme with the filters", shown("theme=dark"))
}
