package e2e_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
