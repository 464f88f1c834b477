package e2e_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
)

// axeRun runs axe-core with the WCAG 2.2 AA and best-practice rules.
const axeRun = `(async () => {
	const found = await axe.run(document, {
		runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
		resultTypes: ["violations"], preload: false,
	});
	return {checked: found.passes.length, violations: found.violations.map(v => v.id + " (" + v.help + "): " +
		v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + " — " + n.failureSummary.replace(/\s+/g, " ")).join(" | "))};
})()`

// axe returns the violations that axe-core finds on the page now.
func (b *tab) axe(source string) []string {
	b.t.Helper()
	world := b.isolatedWorld()
	_, err := tryEval[any](b, source+";null", world)
	require.NoError(b.t, err)
	found, err := tryEval[struct {
		Checked    int
		Violations []string
	}](b, axeRun, world)
	require.NoError(b.t, err)
	require.Greater(b.t, found.Checked, 5, "axe has looked at the page")
	return found.Violations
}

// layout finds parts wider than the window, controls that overlap, and IDs that are
// not unique.
const layout = `(() => {
	const found = [], dialog = document.querySelector("dialog[open]"), root = dialog || document.body;
	const name = e => (e.id ? "#" + e.id : e.tagName.toLowerCase() + "." + e.className) + " “" + (e.innerText || e.value || "").slice(0, 30) + "”";
	if (document.documentElement.scrollWidth > document.documentElement.clientWidth) found.push("the page scrolls sideways: " + document.documentElement.scrollWidth + " in " + innerWidth);
	for (const e of root.querySelectorAll("*")) {
		const r = e.getBoundingClientRect();
		if (r.width < 2 || r.height < 2 || getComputedStyle(e).visibility === "hidden" || e.closest("pre")) continue;
		if (e.closest("[class*=unseen], [class*=skip]")) continue;
		if (e.closest(".quick-filters, .list-choices") && e.closest(".quick-filters, .list-choices") !== e) continue; // these scroll sideways
		if (r.left < -1 || r.right > innerWidth + 1) { found.push("wider than the window: " + name(e) + " " + Math.round(r.left) + "…" + Math.round(r.right)); if (found.length > 5) break; }
	}
	const ids = new Set(); // a label leads to the first element with its ID
	for (const e of document.querySelectorAll("[id]")) ids.has(e.id) ? found.push("an ID twice: " + e.id) : ids.add(e.id);
	const sticky = e => { for (; e && e !== root; e = e.parentElement) if (/sticky|fixed/.test(getComputedStyle(e).position)) return true; return false };
	const controls = [...root.querySelectorAll("button, a[href], input, select, textarea, summary")].filter(e =>
		e.type !== "radio" && e.checkVisibility() && e.getBoundingClientRect().width > 2 && !sticky(e) && !e.closest("[class*=skip]"));
	const visible = e => { // without what scrolls out of sight in an element around it
		const r = e.getBoundingClientRect(), v = {left: r.left, right: r.right, top: r.top, bottom: r.bottom};
		for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
			if (getComputedStyle(p).overflowY === "visible") continue;
			const c = p.getBoundingClientRect();
			v.left = Math.max(v.left, c.left), v.right = Math.min(v.right, c.right), v.top = Math.max(v.top, c.top), v.bottom = Math.min(v.bottom, c.bottom);
		}
		return v;
	};
	for (let i = 0; i < controls.length; i++) for (let j = i + 1; j < controls.length; j++) {
		const a = controls[i], b = controls[j];
		if (a.contains(b) || b.contains(a)) continue;
		const r = visible(a), s = visible(b);
		if (Math.min(r.right, s.right) - Math.max(r.left, s.left) > 2 && Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top) > 2)
			found.push("one over the other: " + name(a) + " and " + name(b));
	}
	return found;
})()`

// view is a theme and a window width to check a page in.
type view struct {
	theme string
	width int64
}

// widths are those of a phone that is zoomed in, a phone, a tablet and a screen, in pixels.
var widths = []int64{320, 390, 1024, 1440}

// In every state of the screen, light and dark, narrow and wide, left to right
// and right to left, axe finds no violation and everything fits.
func TestEveryStateIsAccessible(t *testing.T) {
	t.Parallel()
	t.Run("before anything is saved", func(t *testing.T) {
		t.Parallel()
		p := start(t)
		playScenes(t, p, open(t, p), []scene{
			{"sign-in", func(b *tab) { b.navigate(p.address + "/sign-in"); b.get("heading", say("action.access.sign_in")) }},
			{"empty", func(b *tab) { b.signIn(); b.seesText(say("list.empty")) }},
		})
	})
	for name := range sceneGroups(&program{t: t}, nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			b := open(t, p)
			states := everyState(t, p)
			playScenes(t, p, b.signIn(), sceneGroups(p, states)[name])
		})
	}
}

// playScenes plays the scenes in order and checks each with axe and for layout.
func playScenes(t *testing.T, p *program, b *tab, scenes []scene) {
	t.Helper()
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	require.NoError(t, err)
	for _, scene := range scenes {
		ok := t.Run(strings.ReplaceAll(scene.name, ",", ""), func(t *testing.T) {
			was := b.t
			b.t, p.t = t, t
			defer func() { b.t, p.t = was, was }()
			scene.set(b)
			checkScene(t, b, scene, string(source))
		})
		if !ok && b.ctx.Err() != nil {
			t.FailNow()
		}
	}
}

// checkScene runs axe in both themes, narrow and wide. It checks that
// everything fits at each width in both writing directions, and with text at twice the size.
func checkScene(t *testing.T, b *tab, scene scene, axe string) {
	t.Helper()
	for _, view := range []view{{"light", 1440}, {"dark", 1024}, {"dark", 320}, {"light", 390}} {
		b.media(map[string]string{"prefers-color-scheme": view.theme, "prefers-reduced-motion": "reduce"})
		b.size(view.width, 900)
		b.awaitPaint()
		for _, violation := range b.axe(axe) {
			assert.Fail(t, "axe found something", "%s, %s, %d px: %s", scene.name, view.theme, view.width, violation)
		}
		b.screenshot(fmt.Sprintf("%s, %s, %d", scene.name, view.theme, view.width))
	}
	for _, view := range []struct {
		name, set string
		widths    []int64
	}{
		{"left to right", ``, widths},
		{"right to left", `document.documentElement.dir = "rtl"`, widths},
		{"text twice as large", `document.documentElement.style.fontSize = "200%"`, []int64{720}},
	} {
		eval[any](b, view.set+`;null`)
		for _, width := range view.widths {
			b.size(width, 900)
			b.awaitPaint()
			for _, misfit := range eval[[]string](b, layout) {
				assert.Fail(t, "something does not fit", "%s, %s, %d px: %s", scene.name, view.name, width, misfit)
			}
		}
		eval[any](b, `document.documentElement.removeAttribute("dir"), document.documentElement.style.fontSize = "", null`)
	}
	b.size(1280, 900)
	b.media(nil)
	b.awaitPaint()
}

// Proves that the layout check finds what it looks for.
func TestTheChecksOfAccessSeeFaults(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	require.NoError(t, err)
	b := open(t, start(t)).signIn()
	b.size(320, 900)
	b.awaitPaint()
	require.Empty(t, b.axe(string(source)))
	require.Empty(t, eval[[]string](b, layout))
	eval[any](b, `(() => {
		const main = document.querySelector("main"), add = (tag, style) => { const e = main.appendChild(document.createElement(tag)); Object.assign(e.style, style); return e };
		add("p", {color: "#999", background: "#aaa"}).textContent = "hardly to be read";
		add("input", {});
		add("div", {width: "500px", height: "9px"});
		add("button", {}).textContent = "under";
		add("button", {marginTop: "-40px"}).textContent = "over";
		main.lastChild.style.display = main.lastChild.previousSibling.style.display = "block";
	})()`)
	b.awaitPaint()
	found := strings.Join(b.axe(string(source)), "\n")
	assert.Contains(t, found, "color-contrast")
	assert.Contains(t, found, "label")
	misfits := strings.Join(eval[[]string](b, layout), "\n")
	assert.Contains(t, misfits, "wider than the window")
	assert.Contains(t, misfits, "one over the other")
}

// awaitPaint waits until changes are laid out and painted.
func (b *tab) awaitPaint() {
	b.t.Helper()
	eval[bool](b, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
}

// The page follows forced colors and reduced motion.
func TestForcedColorsAndReducedMotion(t *testing.T) {
	t.Parallel()
	p := start(t)
	states := everyState(t, p)
	b := open(t, p)
	b.media(map[string]string{"forced-colors": "active", "prefers-reduced-motion": "reduce"})
	b.signIn()
	require.True(t, eval[bool](b, `matchMedia("(forced-colors: active)").matches`))
	words := map[paycor.State]string{paycor.StateVerified: "Bakery Verified", paycor.StateRejected: "key Rejected", paycor.StateNotVerified: "kitchen Not verified",
		paycor.StateNeedsActivation: "Logistics Needs activation", paycor.StateNotReachable: "timesheets Paycor error"}
	for state := range states {
		b.get("radio", "~"+words[state])
	}
	b.press("radio", "~Test kitchen")
	distinct := eval[bool](b, `(() => { const tiles = [...document.querySelectorAll("input[name=credential]")];
		const look = e => { const s = getComputedStyle(e.labels[0]), p = getComputedStyle(e.parentElement), r = getComputedStyle(e.labels[0].querySelector("[class*=radio]") || e);
			return [s.outline, s.borderColor, s.borderWidth, p.outline, p.borderColor, p.borderWidth, r.backgroundColor, r.borderColor, r.borderWidth, r.boxShadow].join() };
		return look(tiles.find(e => e.checked)) !== look(tiles.find(e => !e.checked)) })()`)
	assert.True(t, distinct, "the selected tile looks different with the system’s colors too")
	moving := eval[[]string](b, `document.getAnimations().filter(a => a.effect.getComputedTiming().duration > 50 && a.playState === "running").map(a => a.animationName || a.transitionProperty || "?")`)
	assert.Empty(t, moving, "what moves although motion is unwanted")
}
