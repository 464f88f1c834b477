package app

import (
	"context"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

// Config is what a page needs.
type Config struct {
	Start    api.Start
	Service  api.Service       // nil if the page is only rendered
	Calls    api.TestCalls     // likewise
	Document dom.Document      // nil means the browser's document
	Clock    func() time.Time  // nil means time.Now
	Host     HostBridge        // to the embedding site; nil if there is none
	Language *locale.Catalogue // nil means English
}

// Page is the whole page at one address: one screen, with the header.
type Page struct {
	goapp.Compo
	words

	start    api.Start
	service  api.Service
	calls    api.TestCalls
	document dom.Document
	clock    func() time.Time
	skew     time.Duration // the server's clock minus this one

	content        content // what its program shows
	screen         screen  // the part of it below the header
	changes        *changeFeed
	sessionMonitor *sessionMonitor

	status    *statusBar
	lastError errorMessage // why the last action failed
	copied    string       // ID of the last button that copied

	ctx  context.Context // ends with the page
	end  context.CancelFunc
	loop *dom.Loop

	forms form.Context // what forms use of this page
}

// content is what one of the page's programs shows, besides the header. Each program
// contains only its own.
type content interface {
	render() goapp.UI
	prefill()                   // puts initial values into the document's inputs
	restore(before goapp.Value) // takes over what was done before this program started
	mounted()                   // begins what needs the document
	changesEachSecond() bool    // rather than each minute
	tick()                      // shows that time has passed
	awaitsEvent() bool          // an event may have been missed before the page was listening
	isChangedByCommands() bool  // of which the server sends no events
}

// New returns the page that start describes, with the content of either program. A
// program of the page calls NewCredentials or NewAdministration instead, so that it does
// not contain the other one's screens.
func New(config Config) *Page {
	if api.ProgramAt(config.Start.Path) == api.ProgramAdministration {
		return NewAdministration(config)
	}
	return NewCredentials(config)
}

// newPage returns a page without content.
func newPage(config Config) *Page {
	p := &Page{words: words{config.Language}, start: config.Start, service: config.Service, calls: config.Calls, document: config.Document, clock: config.Clock}
	if p.catalogue == nil {
		p.catalogue = locale.English
	}
	if p.document == nil {
		p.document = dom.Browser{}
	}
	if p.clock == nil {
		p.clock = time.Now
	}
	if !p.start.Now.IsZero() {
		p.skew = p.start.Now.Sub(p.clock())
	}
	if p.start.Purpose == "" {
		p.start.Purpose = paycor.PurposeSource
	}
	p.status = &statusBar{page: p}
	p.ctx, p.end = context.WithCancel(context.Background())
	p.loop = dom.NewLoop()
	p.sessionMonitor = newSessionMonitor(p)
	p.forms = p.formContext()
	p.changes = &changeFeed{page: p}
	return p
}

// formContext returns what forms use of the page.
func (p *Page) formContext() form.Context {
	return form.Context{
		Document: p.document, Loop: p.loop, Language: func() *locale.Catalogue { return p.catalogue }, SessionNotice: p.sessionMonitor.render,
		SignInLink: func() goapp.UI {
			if p.embedded() {
				return nil // the embedding site signs people in
			}
			return p.newTabLink("/sign-in", p.say("session.link"))
		},
	}
}

// OnInit captures what was typed and opened before this program started, while
// it is still in the document.
func (p *Page) OnInit() {
	if goapp.IsClient {
		captureState()
	}
}

// OnMount starts the background work: the change feed, the session monitor and
// the clock.
func (p *Page) OnMount(ctx goapp.Context) {
	p.loop.Update = func(do func()) { ctx.Dispatch(func(goapp.Context) { dom.Protect(do) }) }
	p.loop.UpdateIf = func(do func() bool) {
		ctx.Dispatch(func(ctx goapp.Context) {
			changed := false
			if dom.Protect(func() { changed = do() }); !changed {
				ctx.PreventUpdate()
			}
		})
	}
	p.loop.Async = func(do func()) { ctx.Async(func() { dom.Protect(do) }) }
	p.loop.AfterRender = func(do func()) { ctx.Defer(func(goapp.Context) { dom.Protect(do) }) }

	p.loop.Wipe = func() { p.loop.Async(dom.Wipe) }

	// Links load pages, so go-app's navigation is switched off.
	for _, name := range []string{"onclick", "onpopstate"} {
		goapp.Window().Set(name, nil)
	}
	dom.Protect(func() {
		p.content.prefill()
		p.restoreState()
		p.content.mounted()
		p.changes.start()
		p.sessionMonitor.start()
		p.tick()
	})
}

// OnDismount stops what the page runs.
func (p *Page) OnDismount() {
	p.end()
	p.changes.stop()
}

// tick renders the page every minute, for "3 minutes ago", and every second while the
// content needs it.
func (p *Page) tick() {
	p.loop.Async(func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for second := 1; ; second++ {
			select {
			case <-ticker.C:
				if second%60 == 0 || p.content.changesEachSecond() {
					p.loop.Update(p.content.tick)
				}
			case <-p.ctx.Done():
				return
			}
		}
	})
}

// now returns the time of the server.
func (p *Page) now() time.Time { return p.clock().Add(p.skew) }

// can reports whether the caller has a right. It decides what the page offers; the
// server decides what is done.
func (p *Page) can(right paycor.Right) bool { return p.start.Caller.Rights.Has(right) }

// canAdd reports whether the caller can add credentials. Whom an embedding site shows
// only some of them would not see a new one.
func (p *Page) canAdd() bool {
	return p.can(paycor.RightEdit) && !p.start.Caller.OnlyListed()
}

// environment returns the environment with a name, or one with only that name if it
// is unknown.
func (p *Page) environment(name string) paycor.Environment {
	for _, environment := range p.start.Environments {
		if environment.Name == name {
			return environment
		}
	}
	return paycor.Environment{Name: name}
}

// copy copies text to the clipboard and shows the result next to the button.
func (p *Page) copy(id, text string) {
	p.copied = ""
	p.setStatus("", nil)
	p.document.Copy(text, func(done bool) {
		p.loop.Update(func() {
			if !done {
				p.showError(copyFailure(id), p.say("copy.failed"))
				return
			}
			p.copied = id
			p.setStatus(p.say("copy.done"), nil)
		})
	})
}

// copyFailure returns the ID of the element for an error next to a button that
// copies.
func copyFailure(id string) string { return id + "-failure" }

// Render renders the page.
func (p *Page) Render() goapp.UI { return p.content.render() }

// renderWith renders the page with its header, its screen and some dialogs.
func (p *Page) renderWith(dialogs ...any) goapp.UI {
	parts := []any{dom.Attr("id", "app"), dom.Class("app"),
		dom.El("a", dom.Class("skip"), dom.Attr("href", "#main"), p.say("skip")),
		p.renderHeader(),
		dom.El("main", dom.Attr("id", "main"), dom.Attr("tabindex", "-1"), dom.Class("main"), p.sessionMonitor.render("page"), p.status.render(), p.renderError(errorAtTop), p.screen.render()),
	}
	return dom.El("div", append(append(parts, dialogs...), p.renderBootMessages())...)
}
