package e2e_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/web/e2e/webdriver"
)

// window is a window of any browser and the person who uses it. In contrast to a tab, which
// looks into Chromium, it does what W3C WebDriver can do in all of them.
type window struct {
	t        testing.TB
	browser  string
	session  *webdriver.Session
	at       *string            // the ID of the frame that the session is in, shared by the windows of a session
	frame    *webdriver.Element // nil is the page itself
	outer    *window            // the window around a frame; nil for a window
	program  *program
	expected []*regexp.Regexp // console errors that are no failure
}

// browsers are the browsers that people use.
var browsers = map[string]func(testing.TB) *webdriver.Session{
	"firefox": webdriver.Firefox, "webkit": webdriver.WebKit, "chromium": webdriver.Chromium,
}

// inEveryBrowser runs a test in each browser: go test -run 'TestX/firefox'.
func inEveryBrowser(t *testing.T, test func(t *testing.T, open func(*program) *window)) {
	t.Helper()
	t.Parallel()
	for name, start := range browsers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, func(p *program) *window {
				t.Helper()
				w := &window{t: t, browser: name, session: start(t), at: new(string), program: p}
				t.Cleanup(w.checkAtEnd)
				w.size(1280, 900)
				return w
			})
		})
	}
}

// consoleErrors matches what the browsers print of an error in the console of a page.
var consoleErrors = map[string]*regexp.Regexp{
	"firefox":  regexp.MustCompile(`(?m)^(?:JavaScript error: http|console\.error: ").*(?:\n  .*)*`),
	"webkit":   regexp.MustCompile(`(?m)^.*CONSOLE (?:\S+ )?ERROR.*`),
	"chromium": regexp.MustCompile(`(?m)^.*:(?:ERROR|SEVERE):CONSOLE.*`),
}

// checkAtEnd checks the console when the test ends.
func (w *window) checkAtEnd() {
	w.t.Helper()
	for _, line := range consoleErrors[w.browser].FindAllString(w.session.Output(), 20) { // of a loop that does not end, 20 are enough
		known := false
		for _, pattern := range w.expected {
			known = known || pattern.MatchString(line)
		}
		assert.True(w.t, known, "the console of %s: %s", w.browser, line)
	}
	if w.t.Failed() {
		w.shoot("failed")
		w.t.Logf("the page reads:\n%s", tail(w.textOf(), 3000))
		if file, err := os.CreateTemp("", "e2e-browser-*.log"); err == nil {
			_, _ = file.WriteString(w.session.Output())
			_ = file.Close()
			w.t.Logf("what the browser wrote: %s", file.Name())
		}
	}
}

// expect names console errors that are no failure.
func (w *window) expect(pattern string) { w.expected = append(w.expected, regexp.MustCompile(pattern)) }

// picturesVariable names a directory that gets a picture of every screen that fits checks.
const picturesVariable = "E2E_PICTURES"

// here returns the session with the window's page, or its frame, as the place where scripts
// run and elements are. If the frame is gone, the session fails what comes next.
func (w *window) here() *webdriver.Session {
	w.t.Helper()
	wanted := ""
	if w.frame != nil {
		wanted = w.frame.ID
	}
	if *w.at != wanted {
		require.NoError(w.t, w.session.LeaveFrames())
		*w.at = ""
		if w.frame != nil && w.session.EnterFrame(*w.frame) == nil {
			*w.at = wanted
		}
	}
	return w.session
}

// inOpened waits for the window that the page opened, runs a part of a test in it and closes
// it. first is the handle of the page's own window.
func (w *window) inOpened(first string, part func(opened *window)) {
	w.t.Helper()
	var handle string
	w.until("another window", func() bool {
		handles, err := w.session.Windows()
		if i := slices.IndexFunc(handles, func(one string) bool { return one != first }); err == nil && i >= 0 {
			handle = handles[i]
		}
		return handle != ""
	})
	require.NoError(w.t, w.session.Switch(handle))
	part(&window{t: w.t, browser: w.browser, session: w.session, at: new(string), program: w.program})
	require.NoError(w.t, w.session.CloseWindow())
	require.NoError(w.t, w.session.Switch(first))
	*w.at = ""
}

// framed waits for the frame of the site's page and for its program, and returns it as a window.
func (w *window) framed(p *program) *window {
	w.t.Helper()
	f := w.framedWithoutProgram(p)
	f.until("the frame's program", func() bool {
		settled, err := tryLook[bool](f, `(`+isSettled+`)`)
		return err == nil && settled
	})
	return f
}

// framedWithoutProgram waits for the frame of the site's page and returns it as a window.
func (w *window) framedWithoutProgram(p *program) *window {
	w.t.Helper()
	frame := w.get("iframe", "~").Element
	return &window{t: w.t, browser: w.browser, session: w.session, at: w.at, frame: &frame, outer: w, program: p}
}

// gone reports whether the frame is no longer in the page, for example because the person chose.
func (w *window) gone() bool {
	w.t.Helper()
	if w.outer == nil {
		return false
	}
	var there bool
	err := w.outer.here().Execute(&there, `return arguments[0].isConnected`, *w.frame)
	return err != nil || !there
}

// shoot writes a picture of the window into that directory, or a temporary one.
func (w *window) shoot(name string) {
	w.t.Helper()
	if w.outer != nil {
		w.outer.shoot(name)
		return
	}
	picture, err := w.here().Screenshot()
	if err != nil {
		w.t.Logf("no picture: %v", err)
		return
	}
	directory := os.Getenv(picturesVariable)
	if directory == "" {
		directory, err = os.MkdirTemp("", "e2e-failed-")
		require.NoError(w.t, err)
	}
	path := filepath.Join(directory, strings.ReplaceAll(w.browser+" "+name+".png", " ", "-"))
	require.NoError(w.t, os.WriteFile(path, picture, 0o600))
	w.t.Logf("the screen: %s", path)
}

// size sets the size of the page in the window.
func (w *window) size(width, height int) {
	w.t.Helper()
	if w.outer != nil {
		w.outer.size(width, height)
		return
	}
	outer := []int{width, height}
	for range 3 { // the frame of the window is known once there is one
		require.NoError(w.t, w.session.Resize(outer[0], outer[1]))
		var inner []int
		require.NoError(w.t, w.here().Execute(&inner, `return [innerWidth, innerHeight]`))
		if inner[0] == width && inner[1] == height {
			return
		}
		outer[0], outer[1] = outer[0]+width-inner[0], outer[1]+height-inner[1]
	}
}

// until waits for a condition, which the description names.
func (w *window) until(description string, holds func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(timeout); !holds(); time.Sleep(30 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain for %s", description)
		}
	}
}

// look evaluates an expression, which may be a promise, and decodes its value.
func look[T any](w *window, expression string) T {
	w.t.Helper()
	value, err := tryLook[T](w, expression)
	require.NoError(w.t, err, expression)
	return value
}

func tryLook[T any](w *window, expression string) (T, error) {
	var result struct {
		Value T
		Error string
	}
	err := w.here().ExecuteAsync(&result, `const done = arguments[arguments.length - 1];
		(async () => (`+expression+`))().then(value => done({Value: value === undefined ? null : value}), error => done({Error: String(error)}))`)
	if err == nil && result.Error != "" {
		err = errors.New(result.Error)
	}
	return result.Value, err
}

// visit opens an address of the program and waits until the page is ready.
func (w *window) visit(path string) {
	w.t.Helper()
	w.navigate(w.program.address + path)
	w.mounted()
}

func (w *window) navigate(address string) {
	w.t.Helper()
	require.NoError(w.t, w.here().Navigate(address))
}

// mounted waits until the page's program has started.
func (w *window) mounted() {
	w.t.Helper()
	w.until("the program of the page", func() bool {
		var there bool
		return w.here().Execute(&there, `return performance.getEntriesByName("app-mounted").length > 0`) == nil && there
	})
}

// follow presses what leads to another page and waits for that page's program.
func (w *window) follow(role, name string) {
	w.t.Helper()
	var left, origin float64
	const started = `return performance.timeOrigin`
	require.NoError(w.t, w.here().Execute(&left, started))
	w.press(role, name)
	w.until("the next page", func() bool { return w.here().Execute(&origin, started) == nil && origin != left })
	w.mounted()
}

// signIn opens the sign-in link and waits for the page it leads to.
func (w *window) signIn() *window {
	w.t.Helper()
	w.navigate(w.program.link)
	w.mounted()
	return w
}

// finder finds the elements of a role that a person can reach now, without those that are
// hidden or behind a modal dialog, by their accessible names. A name that starts with "~"
// matches a part. A description, if one is given, has to contain the text.
const finder = `
const [role, wanted, description] = arguments;
const selector = {
	button: "button, [role=button]", link: "a[href]", heading: "h1, h2, h3, h4", dialog: "dialog[open]", iframe: "iframe",
	textbox: "textarea, input:not([type]), input[type=text], input[type=password], input[type=date]", searchbox: "input[type=search]",
	radio: "input[type=radio]", checkbox: "input[type=checkbox]", status: "[role=status]", alert: "[role=alert]", summary: "summary",
}[role];
const top = [...document.querySelectorAll("dialog[open]")].filter(d => d.matches(":modal")).pop() || document;
const words = e => {
	if (e.nodeType === Node.TEXT_NODE) return e.nodeValue;
	if (e.nodeType !== Node.ELEMENT_NODE || e.getAttribute("aria-hidden") === "true" || !e.checkVisibility()) return "";
	if (e.hasAttribute("aria-label")) return " " + e.getAttribute("aria-label") + " ";
	const inside = [...e.childNodes].map(words).join("");
	return getComputedStyle(e).display.startsWith("inline") ? inside : " " + inside + " ";
};
const name = e => {
	const by = e.getAttribute("aria-labelledby");
	if (by) return by.split(" ").map(id => document.getElementById(id)).filter(Boolean).map(words).join(" ");
	if (e.hasAttribute("aria-label")) return e.getAttribute("aria-label");
	return e.labels && e.labels.length ? [...e.labels].map(words).join(" ") : words(e);
};
const found = [];
for (const e of document.querySelectorAll(selector)) {
	if (!(top.contains(e) || e === top) || !e.checkVisibility({visibilityProperty: true})) continue;
	const own = name(e).replace(/\s+/g, " ").trim();
	if (description && !(e.getAttribute("aria-describedby") || "").split(" ").some(id => document.getElementById(id)?.textContent.includes(description))) continue;
	if (wanted.startsWith("~") ? !own.includes(wanted.slice(1)) : own !== wanted) continue;
	found.push({Element: e, Name: own});
}
return found;`

// thing is an element that a person finds by its role and name.
type thing struct {
	Element webdriver.Element
	Name    string
}

// all returns the elements with that role and name, and a part of their description if one is given.
func (w *window) all(role, name string, description ...string) []thing {
	var found []thing
	if err := w.here().Execute(&found, finder, role, name, strings.Join(description, "")); err != nil {
		return nil // the page is just being replaced
	}
	return found
}

// get waits for the only element with that role and name.
func (w *window) get(role, name string, description ...string) thing {
	w.t.Helper()
	var found []thing
	w.until(fmt.Sprintf("one %s named %q", role, name), func() bool {
		found = w.all(role, name, description...)
		return len(found) == 1
	})
	return found[0]
}

func (w *window) has(role, name string) bool { return len(w.all(role, name)) > 0 }

// absent waits until no element with that role and name exists.
func (w *window) absent(role, name string) {
	w.t.Helper()
	w.until(fmt.Sprintf("the %s %q to go", role, name), func() bool { return !w.has(role, name) })
}

// free scrolls an element into the middle of the window and returns what a person clicks: the
// element, or its label where that is what is seen. Nothing may cover it.
const free = `
const [e] = arguments;
for (const at of [e, ...(e.labels || [])]) {
	at.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
	const box = at.getClientRects()[0];
	if (!box || box.width < 4 || box.height < 4) continue;
	const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
	if (hit && at.contains(hit)) return at;
}
return null;`

// press clicks with the mouse.
func (w *window) press(role, name string, description ...string) {
	w.t.Helper()
	w.attempt(fmt.Sprintf("the %s %q to take a click", role, name), func() error {
		var target *webdriver.Element
		if err := w.here().Execute(&target, free, w.get(role, name, description...).Element); err != nil {
			return err
		}
		if target == nil {
			return &webdriver.Error{Code: "covered", Message: "something else is where it would be clicked"}
		}
		err := w.here().Click(*target)
		if err != nil && w.gone() {
			return nil // the click took the frame away
		}
		return err
	})
}

// attempt repeats what a browser refuses while the page changes under the pointer.
func (w *window) attempt(description string, try func() error) {
	w.t.Helper()
	var refused *webdriver.Error
	var err error
	defer func() {
		if w.t.Failed() {
			w.t.Logf("the last try: %v", err)
		}
	}()
	w.until(description, func() bool {
		err = try()
		if err != nil && !errors.As(err, &refused) {
			require.NoError(w.t, err, description)
		}
		return err == nil
	})
}

// fill replaces the content of a field by typing.
func (w *window) fill(label, value string) {
	w.t.Helper()
	w.attempt(fmt.Sprintf("to type into %q", label), func() error {
		field := w.get("textbox", label).Element
		if w.content(field) != "" {
			if err := w.here().Clear(field); err != nil {
				return err
			}
		}
		return w.here().Type(field, value)
	})
}

// value returns the content of a field.
func (w *window) value(label string) string {
	w.t.Helper()
	return w.content(w.get("textbox", label).Element)
}

func (w *window) content(field webdriver.Element) string {
	var content string
	_ = w.here().Execute(&content, `return arguments[0].value`, field) // a field that is gone has none
	return content
}

// complete fills in the overlay.
func (w *window) complete(f form) {
	w.t.Helper()
	for _, entry := range [][2]string{
		{"~Credential Name", f.Name}, {"~Credential Description", f.Description}, {"Client ID", f.ClientID},
		{"Client Secret", f.ClientSecret}, {"APIM Subscription Key", f.Key}, {"Legal Entity ID", f.LEI},
	} {
		if entry[1] != "" {
			w.fill(entry[0], entry[1])
		}
	}
}

// key presses keys, wherever the focus is.
func (w *window) key(keys string) {
	w.t.Helper()
	if w.outer != nil && w.browser == "chromium" {
		// Keys reach what has the focus from the page around as well.
		require.NoError(w.t, w.outer.here().PressUnanswered(keys))
		return
	}
	if err := w.here().Press(keys); err != nil && !w.gone() {
		require.NoError(w.t, err)
	}
}

// textOf returns all visible text, with white space collapsed.
func (w *window) textOf() string {
	var words string
	_ = w.here().Execute(&words, `return document.body ? document.body.innerText : ""`) // a page that is just being replaced has none
	return strings.Join(strings.Fields(words), " ")
}

// seesText waits until the page shows the text.
func (w *window) seesText(words ...string) {
	w.t.Helper()
	for _, one := range words {
		w.until(fmt.Sprintf("the words %q", one), func() bool { return strings.Contains(w.textOf(), one) })
	}
}

// status and alert wait until a region of that role contains the text.
func (w *window) status(words string) { w.t.Helper(); w.region("status", words) }
func (w *window) alert(words string)  { w.t.Helper(); w.region("alert", words) }

// hasModule waits until the site's page has loaded our module.
func (w *window) hasModule() {
	w.t.Helper()
	w.until("the module", func() bool { loaded, _ := tryLook[bool](w, `!!window.sdk`); return loaded })
}

// mount waits for the module and mounts the page.
func (w *window) mount(options string) {
	w.t.Helper()
	w.hasModule()
	look[any](w, `(window.mounted = sdk.mount(place, options(`+options+`)), null)`)
}

// waitForMessage waits until the module reported an event with that name to the site.
func (w *window) waitForMessage(name string) map[string]any {
	w.t.Helper()
	var detail map[string]any
	w.until("the module to tell "+name, func() bool {
		messages, _ := tryLook[[]message](w, `window.said`)
		for _, m := range messages {
			if m.Name == name {
				detail = m.Detail
				return true
			}
		}
		return false
	})
	return detail
}

func (w *window) region(role, words string) {
	w.t.Helper()
	w.until(fmt.Sprintf("a region of role %s that says %q", role, words), func() bool { return w.has(role, "~"+words) })
}

// dialogs finds dialogs that are collapsed: their last button is outside of them or of the
// window, or what scrolls in them has no height.
const dialogs = `
const found = [];
for (const e of document.querySelectorAll("dialog[open]")) {
	const box = e.getBoundingClientRect(), name = e.id + " of " + Math.round(box.width) + "×" + Math.round(box.height);
	const last = [...e.querySelectorAll("button")].filter(b => b.checkVisibility({visibilityProperty: true})).pop();
	const end = last ? last.getBoundingClientRect().bottom : box.top;
	if (!last || end > box.bottom || end > innerHeight) found.push("collapsed: " + name + ", its last button ends at " + Math.round(end));
	for (const part of [e, ...e.querySelectorAll("*")])
		if (/auto|scroll/.test(getComputedStyle(part).overflowY) && part.checkVisibility() && part.clientHeight < Math.min(60, part.scrollHeight))
			found.push("collapsed: " + (part.id || part.className || part.tagName) + " in " + name);
}
return found;`

// fits checks, at the width of a desk and of a phone, that nothing is wider than the window,
// that nothing covers something else, and that no dialog is collapsed.
func (w *window) fits(what string) {
	w.t.Helper()
	for _, width := range []int{320, 1280} {
		w.size(width, 900)
		var wrong []string
		require.NoError(w.t, w.here().Execute(&wrong, dialogs))
		for _, misfit := range append(wrong, look[[]string](w, layout)...) {
			assert.Fail(w.t, "something does not fit", "%s, %s at %d: %s", w.browser, what, width, misfit)
		}
		if os.Getenv(picturesVariable) != "" {
			w.shoot(fmt.Sprint(what, " ", width))
		}
	}
}
