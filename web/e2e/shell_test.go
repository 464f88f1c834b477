package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/paycortest"
)

// Text typed before the page's program starts stays, with focus, caret and
// selection.
func TestTypingBeforeTheProgramArrivesIsKept(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := open(t, p)
	b.hold(wasmFiles)
	b.enter()
	bakery := sample(t, paycortest.SunriseBakery)
	b.press("button", say("add"))
	b.get("dialog", say("add.title"))
	b.focusOn("textbox", say("label.name"))
	b.complete(bakery)
	b.press("textbox", "~Credential Name")
	b.key(kb.Tab) // moves past the name and back
	b.key(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift))
	b.key(kb.End)
	for range 6 {
		b.key(kb.ArrowLeft, chromedp.KeyModifiers(chromedp.ModifierShift))
	}
	caret := `(a => [a.id, a.selectionStart, a.selectionEnd, a.selectionDirection])(document.activeElement)`
	before := eval[[]any](b, caret)
	assert.NotEqual(t, before[1], before[2], "something is selected")

	b.release()
	b.mounted()
	b.get("dialog", say("add.title"))
	assert.Equal(t, before, eval[[]any](b, caret), "focus, caret and selection")
	b.holds(bakery)
	b.key("X")
	assert.Equal(t, "Sunrise X", strings.Replace(b.value("Credential Name"), "  ", " ", 1), "typing goes on where it was")
	b.press("button", say("save"))
	b.absent("dialog", say("add.title"))
	b.get("radio", "~Sunrise X")
}

// Save pressed before the program starts takes effect once it has.
func TestAnEarlySaveIsHonored(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := open(t, p)
	b.hold(wasmFiles)
	b.enter()
	b.press("button", say("add"))
	b.complete(sample(t, paycortest.SunriseBakery))
	b.press("button", say("save"))
	b.status(say("boot.early"))
	b.release()
	b.mounted()
	b.absent("dialog", say("add.title"))
	b.status(say("saved.verified", "Sunrise Bakery"))
	assert.Equal(t, []string{"Sunrise Bakery"}, p.names())
}

// Before the program starts, Escape closes an empty form at once, and asks
// first if text was typed.
func TestEscapeBeforeTheProgramArrives(t *testing.T) {
	t.Parallel()
	b := open(t, start(t))
	b.hold(wasmFiles)
	b.enter()
	b.press("button", say("add"))
	b.get("dialog", say("add.title"))
	b.key(kb.Escape)
	b.absent("dialog", say("add.title"))
	b.focusOn("button", say("add"))
	b.key(kb.Enter)
	b.get("dialog", say("add.title"))
	b.key("typed")
	b.key(kb.Escape)
	b.release()
	b.mounted()
	b.alert(say("discard"))
	assert.Equal(t, "typed", b.value("Credential Name"))
}

// If the program cannot start, for any reason, the page says so and keeps what
// is typed.
func TestAProgramThatDoesNotComeIsSaid(t *testing.T) {
	t.Parallel()
	offline := say("boot.offline")
	cases := []struct {
		name   string
		says   string
		script string // runs before the page's own scripts
		decide func(*tab)
	}{
		{"blocked on the network", offline, "", func(b *tab) { b.refuse(b.pausedRequest(), network.ErrorReasonBlockedByClient) }},
		{"cut off", offline, "", func(b *tab) { b.refuse(b.pausedRequest(), network.ErrorReasonConnectionReset) }},
		{"not there", say("boot.missing"), "", func(b *tab) { b.answer(b.pausedRequest(), 404, "text/plain", []byte("no")) }},
		{"corrupted", say("boot.blocked"), "", func(b *tab) {
			b.answer(b.pausedRequest(), 200, "application/wasm", []byte("\x00asm\x01\x00\x00\x00 and then something else"))
		}},
		{"no WebAssembly", say("boot.blocked"), `delete window.WebAssembly`, func(b *tab) { b.release() }},
	}
	bakery := sample(t, paycortest.SunriseBakery)
	p := start(t)
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, p)
			b.watch.expect(`Failed to load resource|was preloaded|CompileError|WebAssembly`)
			if c.script != "" {
				b.before(c.script)
			}
			b.hold(wasmFiles)
			if i > 0 {
				p.link = newLink(t, p)
			}
			b.enter()
			if c.name != "no WebAssembly" { // the page says so before anyone can type
				b.press("button", say("add"))
				b.complete(bakery)
			}
			c.decide(b)
			b.alert(c.says)
			b.alert(say("boot.title"))
			b.get("button", say("boot.reload"))
			if c.name != "no WebAssembly" {
				b.alert(say("boot.typed"))
				b.holds(bakery)
			}
		})
	}
}

// newLink creates another sign-in link.
func newLink(t testing.TB, p *program) string {
	t.Helper()
	made := command(t, nil, "sign-in", "--data", p.data, "--listen", strings.TrimPrefix(p.address, "http://"))
	link := linkPattern.FindStringSubmatch(made.out)
	if link == nil {
		t.Fatalf("no link: %s%s", made.out, made.err)
	}
	return link[1]
}

// The page says that the program loads slowly, until it has loaded.
func TestASlowProgramIsSaid(t *testing.T) {
	t.Parallel()
	b := open(t, start(t))
	b.hold(wasmFiles)
	b.enter()
	b.status(say("boot.slow"))
	b.release()
	b.mounted()
	b.absent("button", say("boot.reload"))
}

// captureGo keeps a reference to the running program.
const captureGo = `(() => { let real; Object.defineProperty(window, "Go", {configurable: true, get: () => real, set(v) {
	real = v; const run = v.prototype.run; v.prototype.run = function (i) { window.journeyGo = this; return run.call(this, i) } }}) })()`

// The page also says when the program stops while in use.
func TestAProgramThatStopsIsSaid(t *testing.T) {
	t.Parallel()
	b := open(t, start(t))
	b.before(captureGo)
	b.signIn()
	bakery := sample(t, paycortest.SunriseBakery)
	b.press("button", say("add"))
	b.complete(bakery)
	b.watch.expect("Go program has already exited")
	eval[any](b, `journeyGo.exited = true, journeyGo._resolveExitPromise(), null`) // as the runtime does when a program panics
	b.alert(say("boot.broken"))
	b.holds(bakery)
}

// A browser stops the downloads of a page that is being left, and may keep the page. A person who
// comes back loads it again.
func TestAPageThatWasLeftWhileLoadingStartsAgain(t *testing.T) {
	t.Parallel()
	b := open(t, start(t))
	b.watch.expect("Failed to load resource")
	b.hold(wasmFiles)
	b.enter()
	b.refuse(b.pausedRequest(), network.ErrorReasonAborted)
	b.alert(say("boot.offline"))
	eval[any](b, `dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true})), null`)
	b.release()
	b.mounted()
	assert.False(t, b.has("button", say("boot.reload")))
}

func TestWithoutJavaScriptThePageSaysSo(t *testing.T) {
	t.Parallel()
	b := open(t, start(t))
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.navigate(b.program.link)
	b.seesText(say("page.noscript"))
	b.get("heading", say("authenticate"))
}

// Browsers that block site data throw on every access to storage.
func TestThePageRunsWhereStorageThrows(t *testing.T) {
	t.Parallel()
	b := open(t, start(t))
	b.before(`for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, {configurable: true,
		get() { throw new DOMException("The operation is insecure.", "SecurityError") }})`)
	b.signIn()
	b.get("button", say("add"))
}

// The program is downloaded once, and the second visit takes it from the cache.
func TestTheProgramIsFetchedOnce(t *testing.T) {
	t.Parallel()
	b := open(t, start(t))
	b.signIn()
	b.visit("/")
	fetched := 0
	for line := range strings.Lines(b.program.output.String()) {
		if strings.Contains(line, "bytes=") && strings.Contains(line, "/assets/") && bytesOf(line) > 500_000 {
			fetched++
		}
	}
	assert.Equal(t, 1, fetched, "how often the program came over the network")
}

func bytesOf(line string) int {
	n := 0
	_, after, _ := strings.Cut(line, "bytes=")
	for _, r := range after {
		if r < '0' || r > '9' {
			break
		}
		n = n*10 + int(r-'0')
	}
	return n
}
