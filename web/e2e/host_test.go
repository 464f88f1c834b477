package e2e_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
)

// pick() shows the page in a modal dialog of the site and returns the focus.
func TestPick(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "")
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.size(320, 640)
	b.hasModule()
	begin := `document.getElementById("before").focus(), window.picked = undefined, sdk.pick(options()).then(one => window.picked = one), null`

	eval[any](b, begin)
	f := b.frame(p)
	b.waitForMessage("ready")
	assert.True(t, eval[bool](b, `document.activeElement.tagName === "IFRAME"`), "the focus is handed over")
	assert.Zero(t, eval[int](f, `Math.max(0, document.documentElement.scrollWidth - innerWidth)`), "nothing to scroll sideways at 320 px")
	f.press("radio", "~Sunrise Bakery")
	f.press("button", say("continue"))
	b.until("the choice", func() bool { return eval[bool](b, `!!window.picked`) })
	assert.Equal(t, map[string]any{"id": saved.ID, "name": saved.Name, "purpose": "source", "state": "verified"}, eval[map[string]any](b, `picked`))
	assert.Equal(t, saved.ID, b.waitForMessage("selected")["id"], "onSelect is called, too")
	assert.Equal(t, "before", eval[string](b, `document.activeElement.id`), "the focus is handed back")
	assert.Equal(t, 0, eval[int](b, `document.querySelectorAll("iframe, dialog").length`))

	eval[any](b, begin)
	f = b.frame(p)
	f.get("button", say("add"))
	b.until("the frame to have the focus", func() bool { return eval[bool](b, `document.activeElement.tagName === "IFRAME"`) })
	f.key(kb.Escape)
	b.until("Escape to end it", func() bool { return eval[bool](b, `window.picked === null`) })
	assert.Equal(t, "before", eval[string](b, `document.activeElement.id`))
}

// If the guide comes before the form, it is collapsed, so that the focused
// field is visible.
func TestAddingInANarrowDialogOfTheHost(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.size(900, 720)
	b.pick()
	f := b.frame(p)
	b.waitForMessage("ready")
	f.press("button", say("add"))
	f.get("dialog", say("add.title"))
	f.until("the first field in sight", func() bool {
		return eval[bool](f, `(() => { const field = document.activeElement, at = field.getBoundingClientRect(); return field.id === "field-name" && at.top > 0 && at.bottom < innerHeight })()`)
	})
	assert.Equal(t, 0, eval[int](f, `Math.max(0, innerWidth - document.documentElement.clientWidth)`), "no strip beside the veil")
}

// Escape inside the frame does not discard what is typed.
func TestEscapeInAFrame(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.mount(``)
	f := b.frame(p)
	f.press("searchbox", say("search"))
	f.paste("half a word")
	f.get("button", say("list.show-all"))
	f.key(kb.Escape)
	f.absent("button", say("list.show-all"))
	assert.Empty(t, eval[string](f, `document.getElementById("search").value`))
	assert.NotContains(t, b.names(), "close", "the search was meant")

	f.press("button", say("add"))
	f.get("dialog", say("add.title"))
	f.fill("~Credential Name", "half a name")
	f.key(kb.Escape)
	f.get("button", say("discard.no"))
	assert.NotContains(t, b.names(), "close", "the overlay was meant")
	f.press("button", say("discard.yes"))
	f.absent("dialog", say("add.title"))
	f.key(kb.Escape)
	b.waitForMessage("close")
	assert.Equal(t, []string{"ready", "dirty", "dirty", "close"}, b.names())
}

// names returns the names of the module's events, in order.
func (b *tab) names() []string {
	names := []string{}
	for _, m := range b.messages() {
		names = append(names, m.Name)
	}
	return names
}

func TestWhatTheHostAsksFor(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.mount(`{theme: "dark", minHeight: 200}`)
	f := b.frame(p)
	b.waitForMessage("ready")
	assert.Equal(t, "dark", eval[string](f, `document.documentElement.dataset.theme`))
	eval[any](b, `mounted.setTheme("light"), mounted.setLocale("de"), null`)
	f.until("the light theme", func() bool { return eval[string](f, `document.documentElement.dataset.theme`) == "light" })
	eval[any](b, `mounted.select("`+saved.ID+`"), null`)
	f.seesText("Selected: " + saved.Name)
	f.watch.expect("404")
	eval[any](b, `mounted.select("cred_00000000000000000000000000"), null`)
	assert.Equal(t, "credential_unknown", b.waitForMessage("error")["code"])
	eval[any](b, `mounted.open("credential", "`+saved.ID+`"), null`)
	f.get("heading", saved.Name)
	eval[any](b, `mounted.open("add"), null`)
	f.get("dialog", say("add.title"))
	assert.GreaterOrEqual(t, eval[int](b, `mounted.frame.offsetHeight`), 700, "an overlay has room")
	// The frame shows changes by another page without a reload.
	f.press("button", say("cancel"))
	p.api("PATCH", "/credentials/"+saved.ID+"?verify=false", body{"name": "Another name"})
	f.seesText("Another name")
	eval[any](b, `mounted.destroy(), null`)
	assert.Equal(t, 0, eval[int](b, `document.querySelectorAll("iframe").length`))
	before := len(b.messages())
	eval[any](b, `postMessage({source: "paycor-credentials", v: 1, id: "x", type: "ready", payload: {nonce: "x"}}, "*"), new Promise(done => setTimeout(done, 200))`)
	assert.Len(t, b.messages(), before, "nothing is left behind")
	assert.Equal(t, 1, c.tokens())
}

// What a site asks for with mount(), or before the frame is ready, is shown once it is.
func TestViewsOfAMount(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	opens := func(view, want string) *tab {
		b.mount(`{view: "` + view + `", credentialId: "` + saved.ID + `"}`)
		f := b.frame(p)
		f.get("dialog", want)
		return f
	}
	for view, title := range map[string]string{"edit": say("edit.title"), "rotate": say("rotate.title"), "activate": say("activate.title")} {
		f := opens(view, title)
		eval[any](b, `mounted.open("add"), null`)
		assert.Equal(t, "busy", b.waitForMessage("error")["code"], view)
		f.get("dialog", title)
		eval[any](b, `mounted.destroy(), said.splice(0), null`)
	}

	b.mount(`{view: "add", prefill: {name: "From the host", legalEntityId: 501123, tags: ["east"], client_secret: "canary", description: {}}}`)
	f := b.frame(p)
	f.get("dialog", say("add.title"))
	assert.Equal(t, []any{"From the host", "501123", ""}, eval[[]any](f, `["name", "legal_entity_id", "client_secret"].map(name => document.getElementById("field-" + name).value)`))
	f.key(kb.Escape)
	f.absent("dialog", say("add.title"))
	f.key(kb.Escape)
	assert.Equal(t, "escape", b.waitForMessage("close")["reason"])
	eval[any](b, `mounted.destroy(), said.splice(0), null`)

	eval[any](b, `window.mounted = sdk.mount(place, options()), mounted.open("credential", "`+saved.ID+`"), null`)
	b.frame(p).get("heading", saved.Name)
	eval[any](b, `mounted.destroy(), window.mounted = sdk.mount(place, options({credentialId: "`+saved.ID+`"})), null`)
	b.frame(p).seesText("Selected: " + saved.Name)
	eval[any](b, `mounted.destroy(), null`)

	refused := func(script string) string {
		return eval[string](b, `(() => { try { `+script+`; return "" } catch (error) { return error.code + " " + error.message } })()`)
	}
	assert.Equal(t, `options There is no view "nothing". There are list, add, credential, edit, rotate, activate.`, refused(`sdk.mount(place, options({view: "nothing"}))`))
	assert.Equal(t, `options The view "edit" needs the ID of a credential.`, refused(`sdk.mount(place, options({view: "edit"}))`))
	assert.Equal(t, "options", eval[string](b, `sdk.pick(options({view: "nothing"})).catch(error => error.code)`))
	assert.Equal(t, "aborted", eval[string](b, `sdk.pick(options({signal: AbortSignal.abort()})).catch(error => error.code)`))
	assert.Equal(t, 0, eval[int](b, `document.querySelectorAll("iframe, dialog").length`), "nothing is left behind")
}

// A frame that is taller than the window, or partly scrolled out of sight, opens its dialogs
// where the person looks.
func TestDialogsOpenInSight(t *testing.T) {
	t.Parallel()
	p := start(t)
	for i := range 12 {
		sample := sample(t, paycortest.SunriseBakery).body(t)
		sample["name"], sample["legal_entity_id"] = fmt.Sprint("Export ", i), 600000+i
		p.save(sample, "?verify=false")
	}
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.size(900, 700)
	b.mount(`{minHeight: 2000, maxHeight: 2000}`)
	f := b.frame(p)
	b.waitForMessage("ready")
	eval[any](b, `document.body.style.setProperty("padding-bottom", "1000px"), scrollTo(0, 900), null`)
	eval[any](b, `mounted.open("add"), null`)
	f.get("dialog", say("add.title"))
	f.until("the dialog to be in sight", func() bool { // the frame learns of the scrolling with the next paint
		top := eval[float64](b, `mounted.frame.getBoundingClientRect().top`)
		edges := eval[[]float64](f, `(() => { const { top, bottom } = document.querySelector("dialog[open]").getBoundingClientRect(); return [top, bottom] })()`)
		return top+edges[0] >= 0 && top+edges[1] <= eval[float64](b, `innerHeight`)
	})

	eval[any](b, `mounted.destroy(), null`)
	b.mount(`{minHeight: 100}`)
	b.waitForMessage("ready")
	height := func() int { return eval[int](b, `mounted.frame.offsetHeight`) }
	b.until("a frame as tall as the window", func() bool { return height() == 700 })
	b.size(900, 500)
	b.until("it to follow the window", func() bool { return height() == 500 })
}

func TestMountedTwiceAndTakenAwayEarly(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.mount(``)
	eval[any](b, `window.second = sdk.mount(place, options()), window.early = sdk.mount(place, options()), early.destroy(), null`)
	assert.Equal(t, "destroyed", eval[string](b, `early.ready.catch(error => error.code)`))
	eval[any](b, `Promise.all([mounted.ready, second.ready]).then(() => null)`)
	assert.Equal(t, 2, eval[int](b, `document.querySelectorAll("iframe").length`))
	assert.Equal(t, []string{"ready", "ready"}, b.names())
	eval[any](b, `mounted.destroy(), second.destroy(), second.destroy(), null`)
	assert.Equal(t, 0, eval[int](b, `document.querySelectorAll("iframe").length`))
}

// Errors are reported to the site with a code and the address of the doctor
// page.
func TestWhatIsWrongIsToldToTheHost(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newConsole(t, p, "view,edit")
	stranger := startConsole(t, p, "stranger")
	tests := map[string]struct {
		host    *console
		options string
		before  string // runs in the page first
		code    string
	}{
		"not registered":     {stranger, `{timeout: 1500}`, ``, "no_answer"},
		"hanging getToken":   {c, `{getToken: () => new Promise(() => {})}`, ``, "no_token"},
		"no token":           {c, `{getToken: async () => { throw new Error("backend down") }}`, ``, "no_token"},
		"token of no use":    {c, `{getToken: async () => "a.b.c"}`, ``, "token_malformed"},
		"server unreachable": {c, `{server: "http://localhost:1", timeout: 1500}`, ``, "host_policy"},
		"sandbox too tight":  {c, ``, `const set = Element.prototype.setAttribute; Element.prototype.setAttribute = function(name, value) { return set.call(this, name, name === "sandbox" ? "allow-scripts allow-forms" : value) }`, "sandbox"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := visitHost(t, p, chrom, test.host.address)
			b.watch.expect(".*")
			b.hasModule()
			if test.before != "" {
				eval[any](b, test.before+"; null")
			}
			b.mount(test.options)
			told := b.waitForMessage("error")
			assert.Equal(t, test.code, told["code"], told)
			assert.Contains(t, told["message"], "/embed/doctor?host=")
			b.navigate("about:blank")
		})
	}
}

// When a session ends, the site's next token renews it and typed text stays.
// Removing a site ends its frames.
func TestASessionIsRenewed(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.mount(``)
	f := b.frame(p)
	b.waitForMessage("ready")
	f.watch.expect("401")
	// Registering the site again ends its sessions.
	c.registerAgain("view", "edit")
	f.press("button", "~Details")
	f.get("heading", saved.Name)
	c.renewed()

	f.press("button", say("edit"))
	f.fill("~Credential Name", "Typed before the end")
	c.differ(map[string]any{"sub": "somebody-else"})
	c.registerAgain("view", "edit")
	f.press("button", say("save"))
	assert.Equal(t, "caller_changed", b.waitForMessage("error")["code"], "another person does not take over what is open")
	assert.Equal(t, "Typed before the end", f.value("~Credential Name"))
}

// The page works in a browser that blocks all storage in third-party frames.
func TestWithoutAnyStorage(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	b.mount(``)
	f := b.frame(p)
	assert.Empty(t, eval[[]string](f, `[...(document.cookie ? [document.cookie] : [])]`))
	f.get("button", say("add"))
	f.storesNothing()
	for name, address := range f.watch.requested() {
		assert.NotContains(t, address, "token", name)
		assert.NotContains(t, address, "pce_", name)
	}
}

// example starts one of the example sites and registers it with the commands it
// prints.
func example(t *testing.T, p *program, binary string, arguments ...string) string {
	t.Helper()
	address, out := background(t, exec.Command(binary, arguments...), `Then open (http://\S+)\s`)
	for _, line := range regexp.MustCompile(`(?:host add|token create) .*`).FindAllString(out.String(), -1) {
		line = strings.Replace(line, "--data .data", "--data "+p.data, 1)
		made := exec.Command("sh", "-c", raced+" "+line)
		said, err := made.CombinedOutput()
		require.NoError(t, err, "%s", said)
	}
	return address
}

// background runs a program until the test ends. It returns what the pattern finds in its
// output, once it does, and the output.
func background(t testing.TB, run *exec.Cmd, pattern string) (string, *testkit.Output) {
	t.Helper()
	out := &testkit.Output{}
	run.Stdout, run.Stderr, run.WaitDelay = out, out, timeout
	require.NoError(t, run.Start())
	ended := make(chan struct{}) // closed when the programs that it started have ended, too
	go func() { _ = run.Wait(); close(ended) }()
	t.Cleanup(func() {
		timer := time.AfterFunc(timeout, func() { _ = run.Process.Kill() })
		defer timer.Stop()
		_ = run.Process.Signal(syscall.SIGTERM) // in contrast to a kill, it is passed on to those
		<-ended
		if t.Failed() {
			t.Logf("%s wrote:\n%s", filepath.Base(run.Path), tail(out.String(), 3000))
		}
	})
	found, ok := out.Await(regexp.MustCompile(pattern), ended)
	require.True(t, ok, out.String())
	return found, out
}

func TestThePlainExample(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	binary := filepath.Join(t.TempDir(), "plain")
	built, err := exec.Command("go", "build", "-o", binary, "paycorcred/web/examples/plain").CombinedOutput()
	require.NoError(t, err, "%s", built)
	address := example(t, p, binary, "-listen", "127.0.0.1:0", "-credentials", p.address, "-token-file", filepath.Join(t.TempDir(), "token"))
	b := visitHost(t, p, chrom, address)
	b.until("the page", func() bool {
		there, _ := tryEval[bool](b, `"loaded" in document.documentElement.dataset`, 0)
		return there
	})
	b.press("button", "Choose a credential")
	f := b.frame(p)
	f.press("radio", "~Sunrise Bakery")
	f.press("button", say("continue"))
	b.seesText("Chosen: Sunrise Bakery (cred_")
	b.press("button", "Show them here")
	b.seesText("ready {", `"version":1`)
	b.press("button", "Take them away")
	assert.Equal(t, 0, eval[int](b, `document.querySelectorAll("iframe").length`))
	refused, err := http.Post(address+"/token", "text/plain", nil)
	require.NoError(t, err)
	require.NoError(t, refused.Body.Close())
}

// The components of the npm package work in a page that loads nothing from the server but
// the frame.
func TestTheExamplesWithABundler(t *testing.T) {
	t.Parallel()
	for _, framework := range []string{"react", "vue"} {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			page := "../examples/" + framework + "/dist/main.js"
			if _, err := os.Stat(page); err != nil {
				t.Fatal("the example is not built; run: make tools")
			}
			p := start(t)
			p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
			address := example(t, p, "node", "../examples/react/server.mjs", "--page", page, "--listen", "127.0.0.1:0", "--credentials", p.address, "--keys", t.TempDir())
			b := visitHost(t, p, chrom, address)
			b.press("button", "Show the credentials")
			f := b.frame(p)
			f.press("radio", "~Sunrise Bakery")
			f.press("button", say("continue"))
			b.seesText("Chosen: Sunrise Bakery (cred_")
			eval[any](b, `(() => { const select = document.querySelector("select"); select.value = "dark"; select.dispatchEvent(new Event("change", {bubbles: true})) })()`)
			f.until("the dark theme", func() bool { return eval[string](f, `document.documentElement.dataset.theme`) == "dark" })
			eval[any](f, `window.same = true, null`)
			b.press("checkbox", "Compact")
			f.until("the compact look", func() bool { return eval[string](f, `getComputedStyle(document.documentElement).fontSize`) == "14px" })
			assert.True(t, eval[bool](f, `window.same`), "the frame was not loaded again")
			b.press("button", "Hide the credentials")
			assert.Equal(t, 0, eval[int](b, `document.querySelectorAll("iframe").length`))
			b.press("button", "Show the credentials")
			f = b.frame(p)
			f.press("button", say("cancel"))
			b.get("button", "Show the credentials")
			assert.Equal(t, 0, eval[int](b, `document.querySelectorAll("iframe").length`), "the person closed it")
		})
	}
}

// bundle bundles a file of the npm package as sites do.
func bundle(t *testing.T, name string) []byte {
	t.Helper()
	bundled, err := exec.Command("../examples/react/node_modules/.bin/esbuild", "--bundle", "--minify", "--format=esm", "../examples/client/"+name).Output()
	require.NoError(t, err, "run: make tools")
	return bundled
}

func TestTheModuleIsSmall(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	require.NoError(t, err)
	_, err = w.Write(bundle(t, "sdk.js"))
	require.NoError(t, errors.Join(err, w.Close()))
	assert.Less(t, packed.Len(), 4096)
}

// The custom element is shown once it has what it needs, follows its attributes, and tells
// with events what mount() tells with callbacks.
func TestTheCustomElement(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	c := newConsole(t, p, "view,edit")
	c.script = bundle(t, "element.js")
	b := visitHost(t, p, chrom, c.address)
	b.hasModule()
	eval[any](b, `(async () => {
		const element = document.createElement("paycor-credentials");
		element.getToken = options().getToken; // before the class is known
		element.setAttribute("host-id", document.documentElement.dataset.host);
		for (const name of ["ready", "select", "close", "error"]) document.addEventListener(name, ({detail}) => said.push({name, detail}));
		place.append(element);
		await import("/bundle.js");
		window.element = element;
	})()`)
	assert.Equal(t, 0, eval[int](b, `document.querySelectorAll("iframe").length`), "it does not know the server yet")
	eval[any](b, `element.setAttribute("server", "`+p.address+`"), null`)
	f := b.frame(p)
	b.waitForMessage("ready")
	eval[any](b, `element.setAttribute("theme", "dark"), element.select("`+saved.ID+`"), null`)
	f.until("the dark theme", func() bool { return eval[string](f, `document.documentElement.dataset.theme`) == "dark" })
	f.seesText("Selected: " + saved.Name)
	eval[any](b, `element.appearance = {dark: {background: "#101014"}}, null`)
	f.until("the look", func() bool {
		return eval[string](f, `getComputedStyle(document.body).backgroundColor`) == "rgb(16, 16, 20)"
	})
	f.press("button", say("continue"))
	assert.Equal(t, saved.ID, b.waitForMessage("select")["id"])
	eval[any](b, `element.setAttribute("view", "add"), null`)
	b.frame(p).get("dialog", say("add.title"))
	assert.Equal(t, 1, eval[int](b, `document.querySelectorAll("iframe").length`))
	eval[any](b, `element.remove(), null`)
	assert.Equal(t, 0, eval[int](b, `document.querySelectorAll("iframe").length`))
	code := eval[string](b, `import("/bundle.js").then(({PaycorCredentials}) => new PaycorCredentials() instanceof HTMLElement ? "" : "no element")`)
	assert.Empty(t, code, "a second import does no harm")
}

// While a page is rendered on a server, nothing of the package needs a document: a component
// is the element in which the browser shows the frame.
func TestThePackageInAServer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ example, script, out string }{
		"module":  {"react", `await import("@paycorcred/embed")`, ""},
		"element": {"react", `await import("@paycorcred/embed/element")`, ""},
		"react": {"react", `
			import { createElement } from "react";
			import { renderToString } from "react-dom/server";
			import { Credentials } from "@paycorcred/embed/react";
			process.stdout.write(renderToString(createElement(Credentials, options)))`, "<div></div>"},
		"vue": {"vue", `
			import { createSSRApp, h } from "vue";
			import { renderToString } from "vue/server-renderer";
			import { Credentials } from "@paycorcred/embed/vue";
			process.stdout.write(await renderToString(createSSRApp(() => h(Credentials, options))))`, "<div></div>"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			const options = `const options = { server: "https://credentials.example", hostId: "console", getToken() {} };`
			run := exec.Command("node", "--preserve-symlinks", "--input-type=module", "--eval", options+test.script)
			run.Dir = "../examples/" + test.example
			out, err := run.CombinedOutput()
			require.NoError(t, err, "%s", out)
			assert.Equal(t, test.out, string(out))
		})
	}
}

// The doctor page shows what is wrong without the page's program.
func TestTheDoctor(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newConsole(t, p, "view")
	b := open(t, p)
	b.navigate(fmt.Sprintf("%s/embed/doctor?host=%s&origin=%s", p.address, c.id, "http://127.0.0.1:1"))
	b.seesText(say("doctor.bad"), "isn’t registered for this site")
	b.fill("~A token your server signed", c.token(map[string]any{"aud": "https://elsewhere.example"}))
	b.press("button", say("doctor.check"))
	b.seesText(say("doctor.bad"), "It must be this server’s origin")
	assert.Empty(t, b.value("~A token your server signed"))
}

// On all screens about embedding (the page in a frame, the sites' page and the
// doctor page), axe finds no violation and everything fits.
func TestEmbeddingIsAccessible(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	require.NoError(t, err)
	p := start(t)
	p.save(sample(t, paycortest.SunriseBakery).body(t), "")
	c := newConsole(t, p, "view,edit")
	b := open(t, p).signIn()
	look := func(name string, at *tab) {
		t.Helper()
		for _, violation := range at.axe(string(source)) {
			assert.Fail(t, "axe found something", "%s: %s", name, violation)
		}
		for _, misfit := range eval[[]string](at, layout) {
			assert.Fail(t, "something does not fit", "%s: %s", name, misfit)
		}
	}
	for _, theme := range []string{"light", "dark"} {
		b.media(map[string]string{"prefers-color-scheme": theme, "prefers-reduced-motion": "reduce"})
		for _, width := range []int64{1280, 320} {
			b.size(width, 900)
			b.visit("/hosts")
			b.press("button", say("embed-hosts.add"))
			b.press("button", say("embed-hosts.save"))
			b.alert(problems(2))
			look(fmt.Sprint("hosts ", theme, width), b)
			b.navigate(p.address + "/embed/doctor?host=console&origin=null&sandbox=allow-scripts")
			b.seesText(say("doctor.findings"))
			look(fmt.Sprint("doctor ", theme, width), b)
		}
	}
	h := visitHost(t, p, chrom, c.address)
	for _, theme := range []string{"light", "dark"} {
		h.size(320, 800)
		h.mount(`{theme: "` + theme + `"}`)
		h.waitForMessage("ready")
		f := h.frame(p)
		f.get("radio", "~Sunrise Bakery")
		look("frame "+theme, f)
		f.press("button", "~Details")
		f.get("heading", "Sunrise Bakery")
		look("details in a frame "+theme, f)
		eval[any](h, `mounted.destroy(), said.length = 0, null`)
	}
}

// Sites are registered on the page, and removed after a confirmation.
func TestHostsOnThePage(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := startConsole(t, p, "console")
	b := open(t, p).signIn()
	b.press("link", say("nav.hosts"))
	b.press("button", say("embed-hosts.add"))
	b.get("dialog", say("embed-hosts.add"))
	b.fill("Name", "Console")
	b.fill("~"+say("embed-hosts.field.id"), c.id)
	b.fill(say("embed-hosts.field.origins"), c.address+"/")
	b.fill("~"+say("embed-hosts.field.keys"), c.jwks())
	b.press("button", say("embed-hosts.save"))
	b.alert("Write " + c.address)
	b.fill(say("embed-hosts.field.origins"), c.address)
	b.press("button", say("embed-hosts.save"))
	b.status(say("embed-hosts.added", "Console", "console"))
	b.focusOn("button", say("embed-hosts.add"))
	b.press("button", "~"+say("embed-hosts.edit"))
	b.fill("Name", "The console")
	b.press("button", say("dialog.close"))
	b.alert(say("discard"))
	b.press("button", say("discard.no"))
	b.press("button", say("embed-hosts.update"))
	b.status(say("embed-hosts.changed", "The console"))
	b.focusOn("button", "~"+say("embed-hosts.edit"))
	h := visitHost(t, p, chrom, c.address)
	h.watch.expect("403|401")
	c.differ(map[string]any{"rights": []string{"view"}})
	h.mount(``)
	f := h.frame(p)
	f.watch.expect("403|401|404")
	h.waitForMessage("ready")
	b.press("button", "~"+say("embed-hosts.remove"))
	b.press("button", say("embed-hosts.remove"))
	b.status(say("embed-hosts.removed", "The console"))
	f.seesText(say("embed.ended"))
	assert.Equal(t, "host_unknown", h.waitForMessage("error")["code"], "nobody pressed anything in the frame")
	b.seesText(say("embed-hosts.none"))
}
