package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// storageless starts a separate browser that blocks all site data.
func storageless(t *testing.T) context.Context {
	t.Helper()
	profile := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(profile, "Default"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(profile, "Default", "Preferences"), []byte(`{"profile":{"default_content_setting_values":{"cookies":2}}}`), 0o600))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), append(browserFlags(), chromedp.UserDataDir(profile))...)
	t.Cleanup(stopAllocator)
	browser, stopBrowser := chromedp.NewContext(allocator)
	t.Cleanup(stopBrowser)
	require.NoError(t, chromedp.Do(browser))
	return browser
}

// The frame works in a browser that throws on every access to storage.
func TestEmbeddedWithStorageRefused(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, storageless(t), c.address)
	b.mount(``)
	f := b.frame(p)
	b.waitForMessage("ready")
	// An isolated world does not have the page's shim, so it shows what the
	// browser itself does.
	for _, storage := range []string{"localStorage", "sessionStorage"} {
		threw, err := tryEval[string](f, `(() => { try { return String(`+storage+`.length) } catch (e) { return e.name } })()`, f.isolatedWorld())
		require.NoError(t, err)
		assert.Equal(t, "SecurityError", threw, storage)
	}
	f.press("button", say("add"))
	f.get("dialog", say("add.title"))
	bakery := sample(t, paycortest.SunriseBakery)
	f.complete(bakery)
	f.press("button", say("save"))
	f.absent("dialog", say("add.title"))
	id := b.waitForMessage("created")["id"]
	assert.Equal(t, map[string]any{"id": id, "state": "verified"}, b.waitForMessage("verified"))
	f.press("radio", "~"+bakery.Name)
	f.press("button", say("continue"))
	assert.Equal(t, id, b.waitForMessage("selected")["id"])
	assert.Empty(t, f.watch.violations())
	b.navigate("about:blank") // the final storage check would throw, too
}

// The server stops while the page is in use: the site is notified once, the
// person sees what happened, typed text stays, and the page continues when the
// server is back.
func TestEmbeddedWhileTheServerIsAway(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.mount(``)
	f := b.frame(p)
	b.waitForMessage("ready")
	f.watch.expect("ERR_|50[0-9]")
	f.press("button", say("add"))
	f.get("dialog", say("add.title"))
	bakery := sample(t, paycortest.SunriseBakery)
	f.complete(bakery)
	p.stop()
	f.press("button", say("save"))
	f.seesText(say("fail.offline"))
	assert.Equal(t, "offline", b.waitForMessage("error")["code"])
	assert.Equal(t, bakery.Name, f.value("~Credential Name"))
	assert.Equal(t, bakery.ClientSecret, f.value("Client Secret"))
	p.restart()
	f.press("button", say("save"))
	f.absent("dialog", say("add.title"))
	assert.NotEmpty(t, b.waitForMessage("created")["id"])
	errors := 0
	for _, name := range b.names() {
		if name == "error" {
			errors++
		}
	}
	assert.Equal(t, 1, errors, "once, however often it was tried: %v", b.messages())
}

// If the site has no token when the page asks, the page asks again by itself.
func TestARenewalIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.mount(`{getToken: async () => { if (window.down) throw new Error("backend down"); return (await fetch("/token", {method: "POST"})).text(); }}`)
	f := b.frame(p)
	b.waitForMessage("ready")
	f.watch.expect("401")
	eval[any](b, `window.down = true, null`)
	require.Zero(t, command(t, nil, "host", "remove", "--data", p.data, c.id).code)
	c.register("view,edit")
	f.press("button", "~Details")
	assert.Equal(t, "no_token", b.waitForMessage("error")["code"])
	f.seesText(say("fail.frame"))
	eval[any](b, `window.down = false, null`)
	f.until("another token, unasked by the person", func() bool { return c.tokens() == 2 })
	f.press("button", "~Details")
	f.get("heading", saved.Name)
}

// pick() keeps what is typed when the network fails.
func TestPickSurvivesACut(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.pick()
	f := b.frame(p)
	b.waitForMessage("ready")
	f.watch.expect("ERR_|50[0-9]")
	f.press("button", say("add"))
	f.get("dialog", say("add.title"))
	f.fill("~Credential Name", "half a name")
	p.stop()
	assert.Equal(t, "offline", b.waitForMessage("error")["code"])
	assert.Equal(t, 1, eval[int](b, `document.querySelectorAll("dialog[open] iframe").length`))
	assert.Equal(t, "half a name", f.value("~Credential Name"))
	p.restart()
}

// The frame uses English for a language it does not have, reports that, and
// keeps working inside a right-to-left page.
func TestALocaleThatIsNotThere(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.size(320, 800)
	eval[any](b, `document.documentElement.dir = "rtl", null`)
	b.mount(`{locale: "ar"}`)
	f := b.frame(p)
	assert.Equal(t, map[string]any{"version": 1.0, "locale": "en"}, b.waitForMessage("ready"))
	assert.Equal(t, []string{"en", ""}, eval[[]string](f, `[document.documentElement.lang, document.documentElement.dir]`), "English text runs from left to right")
	f.get("radio", "~Sunrise Bakery")
	assert.Empty(t, eval[[]string](f, layout))
	eval[any](f, `document.documentElement.dir = "rtl", null`)
	assert.Empty(t, eval[[]string](f, layout), "from right to left")
}

// When a site's registration changes, open frames lose the removed rights at
// once.
func TestAHostIsChangedOnThePage(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	c := newConsole(t, p, "view,edit")
	h := visitHost(t, p, chrom, c.address)
	h.mount(``)
	f := h.frame(p)
	f.get("button", say("add"))
	h.waitForMessage("ready")
	b := open(t, p).signIn()
	b.visit("/hosts")
	b.press("button", "~"+say("edit"))
	b.get("heading", say("embed-hosts.change", "Test console"))
	b.fill("Name", "Renamed console")
	b.press("checkbox", "~"+say("right.edit"))
	b.press("button", say("save"))
	b.status(say("embed-hosts.changed", "Renamed console"))
	b.seesText("Renamed console")
	f.seesText(say("add.forbidden"))
	f.absent("button", say("add"))
	f.press("radio", "~Sunrise Bakery")
	for _, name := range h.names() {
		assert.NotEqual(t, "created", name)
	}
	made := command(t, nil, "host", "set", "--data", p.data, c.id, "--origin", "https://elsewhere.example")
	require.Zero(t, made.code, made.err)
	assert.Contains(t, command(t, nil, "host", "list", "--data", p.data).out, "Renamed console\tview\thttps://elsewhere.example")
	f.watch.expect("403|401")
	f.press("button", "~Details")
	assert.Equal(t, "frame_origin", h.waitForMessage("error")["code"])
	f.seesText(say("embed.ended"))
	f.press("button", say("continue"))
	assert.NotContains(t, h.names(), "select", "nothing is chosen in a frame that has ended")
	assert.NotZero(t, command(t, nil, "host", "set", "--data", p.data, c.id).code, "nothing to change")
}
