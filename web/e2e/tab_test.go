package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tab is a browser tab and the person who uses it.
type tab struct {
	t       testing.TB
	ctx     context.Context // all commands to the tab use it
	program *program
	watch   *watch
	width   int64
	outer   *tab // the tab around a third-party frame; nil for a tab
}

// open returns a new tab in a new browser profile.
func open(t testing.TB, p *program) *tab {
	t.Helper()
	return newTab(t, p, chrom, chromedp.WithNewBrowserContext())
}

// another returns a second tab with the same session.
func (b *tab) another() *tab {
	b.t.Helper()
	return newTab(b.t, b.program, b.ctx)
}

func newTab(t testing.TB, p *program, parent context.Context, options ...chromedp.ContextOption) *tab {
	t.Helper()
	w := &watch{origin: p.address, seen: map[network.RequestID]string{}, paused: make(chan *fetch.EventRequestPaused, 64)}
	ctx, closeTab := chromedp.NewContext(parent, append(options, chromedp.WithListener(w.observe))...)
	t.Cleanup(closeTab)
	b := &tab{t: t, ctx: ctx, program: p, watch: w}
	require.NoError(t, chromedp.Do(ctx)) // a tab lives as long as the context of its first command
	t.Cleanup(b.checkAtEnd)
	call(b, runtime.AddBinding, runtime.AddBindingParams{Name: violationBinding})
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watchScript})
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	call(b, accessibility.Enable, cdp.Empty{})
	b.size(1280, 900)
	return b
}

// call sends a command of the DevTools protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := attempt(b, command, params)
	require.NoError(b.t, err, command.Method)
	return result
}

// attempt sends a command that may fail, for example because the tab navigated
// away.
func attempt[P, R any](b *tab, command cdp.Command[P, R], params P) (R, error) {
	ctx, cancel := context.WithTimeout(b.ctx, timeout)
	defer cancel()
	return chromedp.Call(ctx, command, params)
}

// size sets the window size.
func (b *tab) size(width, height int64) {
	b.t.Helper()
	b.width = width
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
}

// media emulates features such as prefers-color-scheme; none resets them.
func (b *tab) media(features map[string]string) {
	b.t.Helper()
	params := emulation.SetEmulatedMediaParams{}
	for name, value := range features {
		params.Features = append(params.Features, &emulation.MediaFeature{Name: name, Value: value})
	}
	call(b, emulation.SetEmulatedMedia, params)
}

// eval evaluates an expression in the page and decodes its value.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := tryEval[T](b, expression, 0)
	require.NoError(b.t, err, expression)
	return value
}

func tryEval[T any](b *tab, expression string, world runtime.ExecutionContextID) (value T, err error) {
	result, err := attempt(b, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, ReturnByValue: new(true), AwaitPromise: new(true), ContextID: world,
	})
	if err != nil {
		return value, err
	}
	if failure := result.ExceptionDetails; failure != nil {
		text := failure.Text
		if failure.Exception != nil {
			text += " " + failure.Exception.Description
		}
		return value, fmt.Errorf("%s", text)
	}
	if len(result.Result.Value) == 0 {
		return value, nil
	}
	return value, json.Unmarshal(result.Result.Value, &value)
}

// isolatedWorld returns an isolated world of the page. It shares the document
// but has the browser's original objects, even if the page's scripts replaced
// them, and the page's policy does not apply.
func (b *tab) isolatedWorld() runtime.ExecutionContextID {
	b.t.Helper()
	frame := call(b, page.GetFrameTree, cdp.Empty{}).FrameTree.Frame.ID
	return call(b, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame, WorldName: "e2e"}).ExecutionContextID
}

// until waits for a condition, which the description names.
func (b *tab) until(description string, holds func() bool) {
	b.t.Helper()
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-deadline.C:
			b.t.Fatalf("waited in vain for %s", description)
		}
	}
}

// visit opens an address of the program and waits until the page is ready.
func (b *tab) visit(path string) {
	b.t.Helper()
	b.navigate(b.program.address + path)
	b.mounted()
}

func (b *tab) navigate(address string) {
	b.t.Helper()
	result := call(b, page.Navigate, page.NavigateParams{URL: address})
	require.Empty(b.t, result.ErrorText, "opening the page")
}

// mark waits for a performance mark of the current page.
func (b *tab) mark(name string) {
	b.t.Helper()
	b.until("the mark "+name, func() bool {
		there, err := tryEval[bool](b, `performance.getEntriesByName("`+name+`").length > 0`, 0)
		return err == nil && there
	})
}

func (b *tab) mounted() { b.t.Helper(); b.mark("app-mounted") }

// nextPage waits until the program of the page that act leads to has started. Without the
// comparison of the documents, the page that is left would count while the next one loads.
func (b *tab) nextPage(act func()) {
	b.t.Helper()
	left := eval[float64](b, `performance.timeOrigin`)
	act()
	b.until("the next page", func() bool {
		origin, err := tryEval[float64](b, `performance.timeOrigin`, 0)
		return err == nil && origin != left
	})
	b.mounted()
}

// signIn opens the sign-in link and waits for the page it leads to.
func (b *tab) signIn() *tab {
	b.t.Helper()
	b.navigate(b.program.link)
	b.mounted()
	return b
}

// checkAtEnd checks what the tab did and stored, when its test ends.
func (b *tab) checkAtEnd() {
	b.t.Helper()
	if !b.t.Failed() {
		b.storesNothing()
		assert.Empty(b.t, b.watch.violations(), "what the tab must not do")
	}
	if b.t.Failed() {
		b.picture()
	}
}

// storesNothing checks the browser's storage and history. The history must not
// contain addresses that only redirected, such as the sign-in link.
func (b *tab) storesNothing() {
	b.t.Helper()
	stored, err := tryEval[[]string](b, `(async () => {
		const found = [];
		if (location.protocol !== "http:") return found;
		for (let i = 0; i < localStorage.length; i++) found.push("localStorage " + localStorage.key(i));
		for (let i = 0; i < sessionStorage.length; i++) found.push("sessionStorage " + sessionStorage.key(i));
		for (const d of await indexedDB.databases()) found.push("IndexedDB " + d.name);
		for (const c of await caches.keys()) found.push("CacheStorage " + c);
		if (navigator.serviceWorker) for (const s of await navigator.serviceWorker.getRegistrations()) found.push("service worker " + s.scope);
		if (document.cookie) found.push("cookie that scripts can read");
		return found;
	})()`, b.isolatedWorld())
	require.NoError(b.t, err)
	assert.Empty(b.t, stored, "what the page keeps in the browser")
	if b.outer != nil {
		return // only the tab has a history
	}
	for _, entry := range call(b, page.GetNavigationHistory, cdp.Empty{}).Entries {
		assert.NotContains(b.t, entry.URL, "code=", "the sign-in link is in the history")
	}
}

// picture saves a screenshot of a failed test.
func (b *tab) picture() {
	b.t.Helper()
	shot, err := attempt(b, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	if err == nil {
		directory, err := os.MkdirTemp("", "e2e-failed-")
		if err == nil {
			path := filepath.Join(directory, "screen.png")
			if os.WriteFile(path, shot.Data, 0o600) == nil {
				b.t.Logf("the screen: %s", path)
			}
		}
	}
	if words, err := tryEval[string](b, `document.body.innerText`, 0); err == nil {
		b.t.Logf("the page reads:\n%s", tail(words, 3000))
	}
	b.watch.mu.Lock()
	defer b.watch.mu.Unlock()
	for _, line := range b.watch.console {
		b.t.Logf("the browser wrote: %s", line)
	}
}
