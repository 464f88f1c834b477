package app

import (
	"net/url"
	"slices"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
)

// HostBridge is the host around the frame, once it has been met. What is sent to
// it holds no value of a field but a name.
type HostBridge interface {
	Send(message string, payload map[string]any)

	// Receive calls take with each message that is for the page: its type, and
	// the id and view it names, which may be empty.
	Receive(take func(message, id, view string))
}

// embedded reports whether the page is in a host's frame.
func (p *Page) embedded() bool { return p.start.Embed != nil }

// sendToHost tells the host something, where there is one.
func (p *Page) sendToHost(message string, payload map[string]any) {
	if p.host != nil {
		p.host.Send(message, payload)
	}
}

// connectHost tells the host that the page can be used, and begins to listen to it.
func (p *Page) connectHost() {
	if p.host == nil {
		return
	}
	p.host.Receive(func(message, id, view string) { p.loop.Update(func() { p.handleHostMessage(message, id, view) }) })
	p.loop.AfterRender(func() { p.sendToHost("initialized", map[string]any{"version": 1, "locale": locale.Current().Tag()}) })
}

// handleHostMessage does what the host asks for. What cannot be done now is left undone:
// nothing that is typed is lost to a message.
func (p *Page) handleHostMessage(message, id, view string) {
	switch message {
	case "open":
		switch {
		case p.editor.IsOpen() || p.deletion.IsOpen() || p.activation != nil && p.activation.IsOpen() || p.rotation != nil && p.rotation.IsOpen():
		case view == "credential" && id != "":
			p.openCredential(id, false)
		case view == "add" && p.can(paycor.RightEdit):
			p.showList()
			p.editor.openFor(opCreate, paycor.Credential{}, addID)
		}
	case "select":
		p.selectForHost(id)
	case "locale":
		if err := LoadLanguage(); err != nil {
			p.sendToHost("error", map[string]any{"code": "locale", "message": err.Error()})
		}
	case "focus":
		if p.list.selected.ID != "" && p.detail == nil {
			p.document.Focus(tileID(p.list.selected.ID))
			return
		}
		p.document.Focus("main")
	case "close":
		p.editor.Close()
	case "ended":
		p.sessionMonitor.phase = sessionEnded
	}
}

// selectForHost selects what the host names, also where its tile is not read yet.
// That there is none is for the host to know: it may have kept the id for long.
func (p *Page) selectForHost(id string) {
	if id == "" || p.list.selectCredential(id) {
		return
	}
	p.loop.Async(func() {
		credential, err := p.service.Credential(p.ctx, id)
		p.loop.Update(func() {
			switch {
			case paycor.KindOf(err) == paycor.KindNotFound:
				p.sendToHost("error", map[string]any{"code": "credential_unknown",
					"message": "select() named a credential that is not here for this person: it was deleted, or is not shared."})
			case err != nil:
				p.showError(errorAtTop, client.ErrorText(err))
			default:
				p.list.selected, p.list.selectionMissing = credential, false
			}
		})
	})
}

// reportSelection is Continue in a frame: the host gets the id.
func (p *Page) reportSelection(credential paycor.Credential, purpose paycor.Purpose) {
	if p.sessionMonitor.phase == sessionEnded {
		return // what stands above says why
	}
	p.setStatus(say("embed.chosen", credential.Name), nil)
	p.sendToHost("credential.selected", map[string]any{"id": credential.ID, "name": credential.Name, "purpose": string(purpose)})
}

// reportChange tells the host what was done with a credential.
func (p *Page) reportChange(action audit.Action, credential paycor.Credential) {
	what := map[string]any{"id": credential.ID, "state": string(credential.State)}
	switch action {
	case audit.ActionCreate:
		p.sendToHost("credential.created", what)
	case audit.ActionUpdate:
		p.sendToHost("credential.updated", what)
	case audit.ActionDelete:
		p.sendToHost("credential.deleted", map[string]any{"id": credential.ID})
		return
	}
	if action == audit.ActionVerify || credential.Verdict != nil {
		p.sendToHost("verification.finished", what)
	}
}

// embeddedDocument is the Surface in a frame. Leaving for another of our pages would add
// to the host's history, so that page comes into the same document.
type embeddedDocument struct {
	dom.Document
	page *Page
}

// Open shows another screen.
func (f embeddedDocument) Open(href string) {
	address, err := url.Parse(href)
	if err != nil {
		return
	}
	id, own := strings.CutPrefix(address.Path, "/credentials/")
	switch {
	case own:
		f.page.openCredential(id, address.Query().Has(queryActivate))
	case address.Path == "/":
		f.page.showList()
		if address.Query().Has(queryDeleted) {
			f.page.setStatus(say("deleted"), nil)
		}
	}
}

// Take finds nothing: the address of a frame asks for nothing.
func (embeddedDocument) Take(string) bool { return false }

// openCredential reads a credential and shows it in the place of the list.
func (p *Page) openCredential(id string, activate bool) {
	p.loop.Async(func() {
		credential, err := p.service.Credential(p.ctx, id)
		var history []audit.Entry
		if err == nil {
			history, _ = p.service.History(p.ctx, id) // who may not read it sees the page without
		}
		p.loop.Update(func() {
			if err != nil {
				p.showError(errorAtTop, client.ErrorText(err))
				return
			}
			if !p.editor.IsOpen() {
				p.setStatus("", nil)
			}
			p.start.Credential, p.start.History, p.start.Activation = &credential, history, nil
			p.detail, p.activation, p.rotation = newDetailPage(p), newActivationDialog(p), newRotationDialog(p)
			p.screen = p.detail
			p.loop.AfterRender(func() {
				p.document.Focus("back")
				if activate && p.can(paycor.RightEdit) {
					p.loop.Update(func() { p.activation.openFor(credential, activationButton) })
				}
			})
		})
	})
}

// showList shows the list again, as it is now.
func (p *Page) showList() {
	if p.detail == nil {
		return
	}
	id := p.detail.credential.ID
	p.detail, p.activation, p.rotation, p.start.Credential, p.start.History = nil, nil, nil, nil, nil
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

// renderEmbedded is the page in a frame: the host has a header of its own. As
// long as the host was not met, there is nobody to show credentials to.
func (p *Page) renderEmbedded() goapp.UI {
	if p.start.Caller.ID == "" {
		return dom.El("div", dom.Attr("id", "app"), dom.Class("app"),
			dom.El("main", dom.Attr("id", "main"), dom.Attr("tabindex", "-1"), dom.Class("main"),
				dom.El("div", dom.Class("screen"), dom.El("h1", dom.Class("unseen"), say("authenticate")),
					dom.El("p", dom.Class("quiet-line"), dom.Attr("role", "status"), say("embed.waiting", p.start.Embed.Name)))),
			p.renderBootMessages(),
		)
	}
	return dom.El("div", dom.Attr("id", "app"), dom.Class("app"),
		dom.El("main", dom.Attr("id", "main"), dom.Attr("tabindex", "-1"), dom.Class("main"), p.sessionMonitor.render("page"), p.renderStatus(), p.renderError(errorAtTop), dom.El("div", p.screen.render())),
		p.editor.render(),
		p.deletion.render(),
		dom.El("div", p.renderActivation()),
		dom.El("div", p.renderRotation()),
		p.renderBootMessages(),
	)
}

// renderEmbedCancel is the way out of a frame without a choice.
func (p *Page) renderEmbedCancel() any {
	if !p.embedded() {
		return nil
	}
	return dom.Button("", "leave", say("cancel"), dom.Click("leave", func() { p.sendToHost("close", map[string]any{}) }))
}

// stream listens to the server's events by a request of its own, because the
// browser's EventSource sends no Authorization.
func (l *changeFeed) stream() {
	for again := false; l.page.ctx.Err() == nil && l.page.sessionMonitor.phase != sessionEnded; again = true {
		if service, ok := l.page.service.(*client.Client); ok {
			_ = service.Listen(l.page.ctx, again, func(change events.Change) { l.page.loop.Update(func() { l.changed(change) }) })
		}
		select {
		case <-l.page.ctx.Done():
		case <-time.After(3 * time.Second):
		}
	}
}
