package e2e_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// restricted starts a separate browser that blocks third-party cookies in
// addition to partitioning storage.
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

// visitHost opens a page of an embedding site in a new tab.
func visitHost(t testing.TB, p *program, browser context.Context, address string) *tab {
	t.Helper()
	b := newTab(t, &program{t: t, output: p.output}, browser)
	b.navigate(address)
	return b
}

// hands returns the tab that receives keyboard and mouse input. The browser
// routes input to frames itself.
func (b *tab) hands() *tab {
	if b.outer != nil {
		return b.outer
	}
	return b
}

// place returns the position of a frame in its tab once it stops moving:
// scrolling is passed between processes, which takes a moment.
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

// frames returns the frames with the program's page, in any tab.
func (b *tab) frames(p *program) []target.ID {
	found, err := chromedp.CallBrowser(b.ctx, target.GetTargets, target.GetTargetsParams{})
	if err != nil {
		return nil
	}
	var ids []target.ID
	for _, info := range found.TargetInfos {
		if info.Type == "iframe" && strings.HasPrefix(info.URL, p.address+"/embed") {
			ids = append(ids, info.TargetID)
		}
	}
	return ids
}

// settles is how long a frame has until its program runs or the page says why it can't.
const settles = 10 * time.Second

// isSettled is true then.
const isSettled = `document.documentElement.dataset.mounted !== undefined || document.documentElement.dataset.failure !== undefined`

// frame waits for the frame with the program's page, and for its program unless that can't
// start, and returns it as a tab.
func (b *tab) frame(p *program) *tab {
	b.t.Helper()
	f := b.frameWithoutProgram(p)
	for end := time.Now().Add(settles); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if settled, err := tryEval[bool](f, isSettled, 0); err == nil && settled {
			break
		}
	}
	return f
}

// frameWithoutProgram waits for the frame with the program's page and returns it as a tab.
func (b *tab) frameWithoutProgram(p *program) *tab {
	b.t.Helper()
	var id target.ID
	b.until("the frame", func() bool {
		ids := b.frames(p)
		if len(ids) > 0 {
			id = ids[len(ids)-1]
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
