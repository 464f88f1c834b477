package app

import (
	"net/url"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
)

// embedded reports whether the page is in the frame of an embedding site.
func (p *Page) embedded() bool { return p.start.Embed != nil }

// embeddedDocument is the document in a frame. Loading another page would add
// to the embedding site's history, so other pages are shown in the same
// document.
type embeddedDocument struct {
	dom.Document
	page *credentialsPage
}

// Open shows another page in place of the current one.
func (d embeddedDocument) Open(href string) {
	address, err := url.Parse(href)
	if err != nil {
		return
	}
	id, isDetail := strings.CutPrefix(address.Path, credentialsPath)
	switch {
	case isDetail:
		page := d.page
		page.openCredential(id, func() {
			if address.Query().Has(queryActivate) && page.can(paycor.RightEdit) {
				page.activation.openFor(page.detail.credential, activationButton)
			}
		}, func(err error) { page.showError(errorAtTop, page.errorText(err)) })
	case address.Path == "/":
		d.page.showList()
	}
}

// OpenWith shows another page in place of the current one, and says there that the
// credential whose name is the note was deleted.
func (d embeddedDocument) OpenWith(href, note string) {
	d.Open(href)
	d.page.setStatus(d.page.say("deleted", note), nil)
}

// Take returns false: the address of a frame has no parameters.
func (embeddedDocument) Take(string) bool { return false }

// SetAddress does nothing: what is shown in a frame is no matter of the embedding site,
// whose history it would be in.
func (embeddedDocument) SetAddress(string, bool) {}

// OnHistory does nothing.
func (embeddedDocument) OnHistory(func(string)) {}

// ShowAttention does nothing: the tab is the embedding site's.
func (embeddedDocument) ShowAttention(int) {}

// openCredential reads a credential and shows its detail page in place of the list. Then it
// calls opened, or failed.
func (p *credentialsPage) openCredential(id string, opened func(), failed func(error)) {
	p.loop.Async(func() {
		credential, err := p.service.Credential(p.ctx, id)
		var history audit.History
		if err == nil {
			history, _ = p.service.History(p.ctx, id) // the page is shown without the history if it cannot be read
		}
		p.loop.Update(func() {
			if err != nil {
				failed(err)
				return
			}
			if !p.editor.IsOpen() {
				p.setStatus("", nil)
			}
			p.start.Credential, p.start.History, p.start.Activation, p.start.Application = &credential, history, nil, nil
			p.openDetail()
			p.screen = p.detail
			p.detail.refreshApplication()
			p.loop.AfterRender(func() {
				p.document.Focus("back")
				p.loop.Update(opened)
			})
		})
	})
}

// showList shows the list in place of a detail page.
func (p *credentialsPage) showList() {
	if p.detail == nil {
		return
	}
	id := p.detail.credential.ID
	p.detail, p.activation, p.rotation, p.start.Credential, p.start.History = nil, nil, nil, nil, audit.History{}
	p.screen = p.list
	p.list.refresh()
	p.loop.AfterRender(func() {
		if slices.ContainsFunc(p.list.items, func(c paycor.Credential) bool { return c.ID == id }) {
			p.document.Focus("details-" + id)
		} else {
			p.document.Focus(p.list.firstChoice())
		}
	})
}

// renderEmbedded renders the page in a frame, without a header. Before the site
// is connected there is no caller to show credentials to.
func (p *credentialsPage) renderEmbedded() goapp.UI {
	if p.start.Caller.ID == "" {
		return dom.El("div", dom.Attr("id", "app"), dom.Class("app"),
			dom.El("main", dom.Attr("id", "main"), dom.Attr("tabindex", "-1"), dom.Class("main"),
				dom.El("div", dom.Class("screen"), dom.El("h1", dom.Class("visually-hidden"), p.say("authenticate")),
					dom.El("p", dom.Class("quiet-line"), dom.Attr("role", "status"), p.say("embed.waiting", p.start.Embed.Name)))),
			p.renderBootMessages(),
		)
	}
	return dom.El("div", dom.Attr("id", "app"), dom.Class("app"),
		dom.El("main", dom.Attr("id", "main"), dom.Attr("tabindex", "-1"), dom.Class("main"), p.sessionMonitor.render("page"), p.status.render(), p.renderError(errorAtTop), dom.El("div", p.screen.render()), p.host.renderHelp()),
		p.editor.render(),
		p.deletion.render(),
		dom.El("div", p.renderActivation()),
		dom.El("div", p.renderRotation()),
		p.renderBootMessages(),
	)
}
