package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
)

// behind puts a server before p, which passes requests on to the handler that wrap is given.
func behind(t *testing.T, p *program, wrap func(http.Handler) http.Handler) {
	t.Helper()
	target, err := url.Parse(p.address)
	require.NoError(t, err)
	front := httptest.NewServer(wrap(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}))
	t.Cleanup(front.Close)
	p.address = strings.Replace(front.URL, "127.0.0.1", "localhost", 1)
}

// withoutProgram answers requests for the page's program once the returned function is
// called: with that status, or with the program if it is 0.
func withoutProgram(t *testing.T, p *program, status int) (release func()) {
	t.Helper()
	held := make(chan struct{})
	behind(t, p, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, ".wasm") {
				select {
				case <-held:
				case <-r.Context().Done():
					return
				}
				if status != 0 {
					w.WriteHeader(status)
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	})
	return func() { close(held) }
}

// A frame shows its list at once, and a person can search and choose before the program
// has loaded.
func TestAFrameIsUsedBeforeItsProgram(t *testing.T) {
	t.Parallel()
	p := start(t)
	bakery := sample(t, paycortest.SunriseBakery).body(t)
	saved := p.save(bakery, "")
	p.save(bakery.with("name", "Moonlight Bakery").with("legal_entity_id", 600001), "?verify=false")
	p.save(bakery.with("name", "Cedar Print").with("client_secret", wrongSecret), "")
	release := withoutProgram(t, p, 0)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.size(800, 900)
	b.mount(`{purpose: "destination"}`)
	b.waitForMessage("ready")
	f := b.frameWithoutProgram(p)
	f.get("radio", "~Sunrise Bakery")
	assert.True(t, eval[bool](f, `document.getElementById("purpose-destination").checked`))

	f.press("button", say("continue"))
	f.alert(say("continue.choose"))
	f.press("searchbox", say("search"))
	f.paste("sunrise")
	shown := func() []any {
		return eval[[]any](f, `[...document.querySelectorAll(".grid .tile:not(.tile-add):not([hidden]) .tile-name")].map(e => e.textContent)`)
	}
	assert.Equal(t, []any{"Sunrise Bakery"}, shown())
	f.press("radio", "~Sunrise Bakery")
	f.until("the choice", func() bool {
		return eval[string](f, `document.getElementById("unchosen").textContent`) == say("continue.selected")+saved.Name
	})
	f.press("button", say("continue"))
	assert.Equal(t, map[string]any{"id": saved.ID, "name": saved.Name, "purpose": "destination", "state": "verified"}, b.waitForMessage("selected"))
	f.status(say("embed.chosen", saved.Name))

	f.press("searchbox", say("search"))
	f.paste("600001 with what no tile shows")
	f.seesText(say("boot.search"))
	assert.Len(t, shown(), 3, "until the server has searched")
	f.key(kb.Escape)
	f.until("the search to end", func() bool { return !strings.Contains(f.textOf(), say("boot.search")) })
	assert.Len(t, shown(), 3)
	f.press("button", say("add"))
	f.get("dialog", say("add.title"))
	f.complete(sample(t, paycortest.SunriseBakery))
	eval[any](b, `mounted.select(`+strconv.Quote(saved.ID)+`), null`) // without effect on what is typed
	f.focusOn("textbox", "Legal Entity ID")
	release()
	f.mounted()
	f.focusOn("textbox", "Legal Entity ID")
	f.holds(sample(t, paycortest.SunriseBakery))
	ready := 0
	for _, m := range b.messages() {
		if m.Name == "ready" {
			ready++
		}
	}
	assert.Equal(t, 1, ready, "the frame is ready once")
}

// During an upgrade, a server of the version before answers the exchange without the screen,
// and the program shows it.
func TestAFrameWhoseServerKnowsNoScreen(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "")
	behind(t, p, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/embed/exchange") {
				r.Header.Set("Accept", "application/json")
			}
			next.ServeHTTP(w, r)
		})
	})
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.mount("")
	b.waitForMessage("ready")
	f := b.frame(p)
	f.press("radio", "~"+saved.Name)
	f.press("button", say("continue"))
	assert.Equal(t, saved.ID, b.waitForMessage("selected")["id"])
}

// A credential whose calls fail is asked about, which takes the program.
func TestAFrameAsksBeforeAChoiceThatFails(t *testing.T) {
	t.Parallel()
	p := start(t)
	rejected := p.save(sample(t, paycortest.SunriseBakery).body(t).with("name", "Cedar Print").with("client_secret", wrongSecret), "")
	release := withoutProgram(t, p, 0)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.size(320, 480)
	b.mount("")
	b.waitForMessage("ready")
	f := b.frameWithoutProgram(p)
	f.press("radio", "~Cedar Print")
	eval[any](f, `scrollTo(0, document.body.scrollHeight), null`)
	f.press("button", say("continue"))
	f.status(say("boot.press"))
	assert.GreaterOrEqual(t, eval[float64](f, `document.getElementById("status").getBoundingClientRect().top`), 0.0, "in sight")
	release()
	f.mounted()
	f.get("dialog", say("use.rejected", rejected.Name))
	for _, m := range b.messages() {
		assert.NotEqual(t, "selected", m.Name)
	}
}

// What is pressed before the program is done then, also if something else is changed after it.
func TestAFrameKeepsWhatIsPressed(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.saveSix(t)
	release := withoutProgram(t, p, 0)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.size(800, 900)
	b.mount("")
	b.waitForMessage("ready")
	f := b.frameWithoutProgram(p)
	f.press("button", say("details")+" "+say("details.of", saved.Name))
	f.status(say("boot.press"))
	f.sortByLastName()
	release()
	f.mounted()
	f.get("heading", saved.Name)
}

// saveSix saves so many credentials that the list has filters, and returns the first.
func (p *program) saveSix(t *testing.T) paycor.Credential {
	t.Helper()
	body := sample(t, paycortest.SunriseBakery).body(t)
	first := p.save(body, "?verify=false")
	for n := range 5 {
		p.save(body.with("name", "Bakery "+strconv.Itoa(n)).with("legal_entity_id", 600000+n), "?verify=false")
	}
	return first
}

// sortByLastName chooses another order of the list.
func (b *tab) sortByLastName() {
	b.t.Helper()
	eval[any](b, `(e => { e.value = "-name"; e.dispatchEvent(new Event("change", {bubbles: true})) })(document.getElementById("sort")), null`)
}

// A site learns that the program of a frame did not load, even though the frame was ready.
// What the page said that it will do then, it takes back.
func TestAFrameWhoseProgramIsMissing(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.saveSix(t)
	fail := withoutProgram(t, p, http.StatusBadGateway)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.size(800, 900)
	b.mount("")
	b.waitForMessage("ready")
	f := b.frameWithoutProgram(p)
	status := func() string { return eval[string](f, `document.getElementById("status").textContent`) }
	for _, early := range []func(){
		func() { f.press("button", say("details")+" "+say("details.of", saved.Name)) },
		f.sortByLastName,
	} {
		eval[any](f, `document.getElementById("status").textContent = "", null`)
		early()
		f.status(say("boot.press"))
	}
	fail()
	assert.Equal(t, "program", b.waitForMessage("error")["code"])
	f.alert(say("boot.missing"))
	assert.Empty(t, status(), "the page takes it back")
	f.press("button", say("details")+" "+say("details.of", saved.Name))
	f.focusOn("button", say("boot.reload"))
	assert.Empty(t, status(), "the page promises nothing anymore")

	f.press("searchbox", say("search"))
	f.paste("sunrise")
	f.seesText(say("list.some", "1", "6"))
	f.press("radio", "~Sunrise Bakery")
	f.press("button", say("continue"))
	assert.Equal(t, saved.ID, b.waitForMessage("selected")["id"], "to choose takes no program")
}
