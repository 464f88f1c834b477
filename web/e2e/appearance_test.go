package e2e_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/paycortest"
)

// A site's look is there with the first paint, and stays accessible; one that would not be is
// refused, and the doctor that the error links to says why.
func TestAppearanceOfAFrame(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	require.NoError(t, err)
	p := start(t)
	p.save(sample(t, paycortest.SunriseBakery).body(t), "")
	p.save(sample(t, paycortest.SunriseBakery).body(t).with("name", "Never checked"), "?verify=false")
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	const look = `appearance: {light: {accent: "#9a3412", background: "#fffdf5", surface: "#fffefa", text: "#3b2f20"},
		dark: {accent: "#52a8ff", background: "#000000", surface: "#0a0a0a", text: "#ededed"}, radius: 0, font: "Georgia, serif", density: "compact"}`
	for theme, background := range map[string]string{"light": "rgb(255, 253, 245)", "dark": "rgb(0, 0, 0)"} {
		b.navigate(c.address)
		b.hasModule()
		b.mount(`{theme: "` + theme + `", ` + look + `}`)
		f := b.frame(p)
		b.waitForMessage("ready")
		assert.Equal(t, background, eval[string](f, `getComputedStyle(document.body).backgroundColor`))
		assert.Equal(t, `Georgia, serif`, strings.ReplaceAll(eval[string](f, `getComputedStyle(document.body).fontFamily`), `"`, ""))
		f.get("button", say("add"))
		for _, width := range []int64{1280, 390} {
			b.size(width, 900)
			b.awaitPaint()
			for _, found := range append(f.axe(string(source)), eval[[]string](f, layout)...) {
				assert.Fail(t, "something is wrong", "%s list at %d: %s", theme, width, found)
			}
		}
		f.press("button", say("add"))
		f.get("dialog", say("add.title"))
		b.awaitPaint()
		for _, found := range append(f.axe(string(source)), eval[[]string](f, layout)...) {
			assert.Fail(t, "something is wrong", "%s overlay: %s", theme, found)
		}
		b.screenshot("appearance, " + theme)
		b.size(1280, 900)
	}

	b.navigate(c.address)
	b.hasModule()
	b.watch.expect("contrast")
	b.mount(`{theme: "light", appearance: {light: {accent: "#ffcc00"}}}`)
	f := b.frame(p)
	b.waitForMessage("ready")
	told := b.waitForMessage("error")
	assert.Equal(t, "appearance", told["code"])
	message, _ := told["message"].(string)
	assert.Contains(t, message, "#ffcc00 on #ffffff has a contrast of 1.5:1")
	assert.Equal(t, "rgb(244, 246, 248)", eval[string](f, `getComputedStyle(document.body).backgroundColor`), "the page's own look")
	f.get("button", say("add"))
	_, doctor, found := strings.Cut(message, "More: ")
	require.True(t, found, message)
	d := open(t, p)
	d.navigate(doctor)
	d.seesText("appearance", "light.accent makes text or borders hard to see", say("site.appearance.bad.fix"))
}

// A site changes the look of a frame that is there: nothing is loaded again, and what is typed
// stays. One that would be hard to read is told as that of mount() is.
func TestTheLookOfAFrameChanges(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.mount(`{theme: "light", appearance: {light: {background: "#fffdf5"}, radius: 0}}`)
	f := b.frame(p)
	b.waitForMessage("ready")
	f.press("button", say("add"))
	f.get("dialog", say("add.title"))
	f.fill("~Credential Name", "half a name")
	eval[any](f, `window.same = true, null`)
	background := func() string { return eval[string](f, `getComputedStyle(document.body).backgroundColor`) }
	require.Equal(t, "rgb(255, 253, 245)", background())

	eval[any](b, `mounted.update({theme: "dark", appearance: {dark: {background: "#101014", surface: "#18181c"}, density: "compact", font: "Georgia, serif"}}), null`)
	f.until("the new look", func() bool { return background() == "rgb(16, 16, 20)" })
	assert.Equal(t, "dark", eval[string](f, `document.documentElement.dataset.theme`))
	assert.Equal(t, "14px", eval[string](f, `getComputedStyle(document.documentElement).fontSize`))
	assert.NotEqual(t, "0px", eval[string](f, `getComputedStyle(document.documentElement).getPropertyValue("--round")`), "what the new look leaves out is the page's own")
	eval[any](b, `mounted.update({locale: "es"}), null`)
	spanish, _ := locale.ByTag("es")
	f.get("dialog", spanish.Text("add.title"))
	assert.Equal(t, "rgb(16, 16, 20)", background(), "what a change leaves out stays")

	b.watch.expect("contrast")
	eval[any](b, `mounted.update({theme: "light", appearance: {light: {accent: "#ffcc00"}}}), null`)
	told := b.waitForMessage("error")
	assert.Equal(t, "appearance", told["code"])
	assert.Contains(t, told["message"], "#ffcc00 on #ffffff has a contrast of 1.5:1")
	assert.Contains(t, told["message"], "%23ffcc00", "the doctor that it links to gets the new look")
	assert.Equal(t, "rgb(244, 246, 248)", background(), "the page's own look")
	eval[any](b, `{ // as a slider does
		for (let blue = 100; blue < 256; blue++) mounted.update({appearance: {light: {background: "#ffff" + blue.toString(16)}}});
		mounted.update({appearance: {light: {background: "#faf7ff"}}});
		null;
	}`)
	f.until("the latest look", func() bool { return background() == "rgb(250, 247, 255)" })
	assert.Equal(t, "half a name", eval[string](f, `document.getElementById("field-name").value`))
	assert.True(t, eval[bool](f, `window.same`), "the frame was not loaded again")
	assert.Equal(t, 1, c.tokens())

	// A frame that is loaded again has the latest look.
	eval[any](f, `setTimeout(() => location.reload()), null`)
	f.until("another document", func() bool { same, err := tryEval[bool](f, `window.same === true`, 0); return err == nil && !same })
	f.until("the latest look", func() bool {
		color, _ := tryEval[string](f, `getComputedStyle(document.body).backgroundColor`, 0)
		return color == "rgb(250, 247, 255)"
	})
	eval[any](b, `mounted.update({appearance: undefined, theme: undefined}), null`)
	f.until("the page's own look", func() bool { return background() == "rgb(244, 246, 248)" })
}

// A look that changes while the page starts does not keep it from starting, even if it is one
// that is not used.
func TestTheLookChangesBeforeTheStart(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.watch.expect("contrast")
	b.mount(`{}`)
	eval[any](b, `window.began = "", mounted.ready.then(() => began = "ready", error => began = error.message), mounted.update({appearance: {light: {accent: "#ffcc00"}}}), null`)
	f := b.frame(p)
	told := b.waitForMessage("error")
	assert.Equal(t, "appearance", told["code"])
	f.get("button", say("add"))
	b.until("the start", func() bool { return eval[string](b, `began`) == "ready" })
}
