package e2e_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// restricted starts a browser of its own that blocks third-party cookies, as
// browsers do more and more, beside the storage partitioning it always has.
func restricted(t testing.TB) context.Context {
	t.Helper()
	flags := append(browserFlags(), chromedp.Flag("test-third-party-cookie-phaseout", true))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(stopAllocator)
	browser, stopBrowser := chromedp.NewContext(allocator)
	t.Cleanup(stopBrowser)
	require.NoError(t, chromedp.Do(browser))
	return browser
}

// visitHost opens a page of a host's in a new tab of a browser.
func visitHost(t testing.TB, p *program, browser context.Context, address string) *tab {
	t.Helper()
	b := newTab(t, &program{t: t, output: p.output}, browser)
	b.navigate(address)
	return b
}

// hands is the tab that keys and mouse are sent to: the browser itself brings
// them into a frame.
func (b *tab) hands() *tab {
	if b.outer != nil {
		return b.outer
	}
	return b
}

// place is where a frame stands in the tab around it, once that stands still:
// scrolling goes from one process to the other and takes a moment.
func (b *tab) place() point {
	b.t.Helper()
	return eval[point](b.outer, `(async () => {
		const frame = document.querySelector("iframe"), wait = (ms) => new Promise((done) => setTimeout(done, ms));
		let before, r = {};
		for (let same = 0; same < 3; same = before === r.y ? same + 1 : 0) {
			before = r.y;
			await wait(40);
			r = frame.getBoundingClientRect();
		}
		return {X: r.x, Y: r.y};
	})()`)
}

// frame waits for the frame with the page of the program's, and returns it as
// a tab of its own.
func (b *tab) frame(p *program) *tab {
	b.t.Helper()
	var id target.ID
	b.until("the frame", func() bool {
		found, err := chromedp.CallBrowser(b.ctx, target.GetTargets, target.GetTargetsParams{})
		if err != nil {
			return false
		}
		for _, info := range found.TargetInfos {
			if info.Type == "iframe" && strings.HasPrefix(info.URL, p.address+"/embed") {
				id = info.TargetID
			}
		}
		return id != ""
	})
	w := &watch{origin: p.address, seen: map[network.RequestID]string{}, paused: make(chan *fetch.EventRequestPaused, 64)}
	ctx, _ := chromedp.NewContext(b.ctx, chromedp.WithTargetID(id), chromedp.WithListener(w.observe))
	f := &tab{t: b.t, ctx: ctx, program: p, watch: w, outer: b}
	require.NoError(b.t, chromedp.Do(ctx))
	b.t.Cleanup(func() {
		if b.t.Failed() {
			b.picture()
			f.picture()
		}
	})
	call(f, runtime.AddBinding, runtime.AddBindingParams{Name: violationBinding})
	call(f, accessibility.Enable, cdp.Empty{})
	_, err := tryEval[any](f, watchScript+"null", 0)
	require.NoError(b.t, err)
	return f
}
