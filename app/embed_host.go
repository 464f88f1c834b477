package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
)

// embedHost is the site that embeds the page in a frame. It is notified of
// changes to credentials, and can open and select them.
type embedHost struct {
	page   *Page
	bridge HostBridge // nil without a site
}

// send sends a message to the site. Messages may name fields but must not
// contain their values.
func (h *embedHost) send(message string, payload map[string]any) {
	if h.bridge != nil {
		h.bridge.Send(message, payload)
	}
}

// connect notifies the site that the page is ready, and listens for its
// messages.
func (h *embedHost) connect() {
	if h.bridge == nil {
		return
	}
	h.bridge.Receive(func(message, id, view string) { h.page.loop.Update(func() { h.handle(message, id, view) }) })
	h.page.loop.AfterRender(func() { h.send("initialized", map[string]any{"version": 1, "locale": h.page.catalogue.Tag()}) })
}

// handle handles a message from the site, unless a dialog is open: no message
// may discard typed text.
func (h *embedHost) handle(message, id, view string) {
	p := h.page
	switch message {
	case "open":
		switch {
		case p.hasOpenDialog():
		case view == "credential" && id != "":
			p.openCredential(id, false)
		case view == "add" && p.can(paycor.RightEdit):
			p.showList()
			p.editor.openFor(opCreate, paycor.Credential{}, addID)
		}
	case "select":
		h.selectCredential(id)
	case "locale":
		language, err := LoadLanguage()
		if err != nil {
			h.send("error", map[string]any{"code": "locale", "message": err.Error()})
			return
		}
		p.catalogue = language
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

// selectCredential selects the credential that the site names, even if its tile
// is not loaded yet. The site may have stored the ID long ago, so it is
// notified if the credential does not exist.
func (h *embedHost) selectCredential(id string) {
	p := h.page
	if id == "" || p.list.selectCredential(id) {
		return
	}
	p.loop.Async(func() {
		credential, err := p.service.Credential(p.ctx, id)
		p.loop.Update(func() {
			switch {
			case paycor.KindOf(err) == paycor.KindNotFound:
				h.send("error", map[string]any{"code": "credential_unknown",
					"message": "select() named a credential that was deleted or that this person can’t see."})
			case err != nil:
				p.showError(errorAtTop, h.page.errorText(err))
			default:
				p.list.selected, p.list.selectionMissing = credential, false
			}
		})
	})
}

// reportSelection tells the site which credential was chosen with Continue.
func (h *embedHost) reportSelection(credential paycor.Credential, purpose paycor.Purpose) {
	if h.page.sessionMonitor.phase == sessionEnded {
		return // the warning above says why
	}
	h.page.setStatus(h.page.say("embed.chosen", credential.Name), nil)
	h.send("credential.selected", map[string]any{"id": credential.ID, "name": credential.Name, "purpose": string(purpose), "state": string(credential.State)})
}

// reportChange notifies the site of a change to a credential.
func (h *embedHost) reportChange(action audit.Action, credential paycor.Credential) {
	what := map[string]any{"id": credential.ID, "state": string(credential.State)}
	switch action {
	case audit.ActionCreate:
		h.send("credential.created", what)
	case audit.ActionUpdate:
		h.send("credential.updated", what)
	case audit.ActionDelete:
		h.send("credential.deleted", map[string]any{"id": credential.ID})
		return
	}
	if action == audit.ActionVerify || credential.Verdict != nil {
		h.send("verification.finished", what)
	}
}

// renderHelp links to the manual if the frame can open another tab.
func (h *embedHost) renderHelp() goapp.UI {
	if !h.page.start.Embed.Popups {
		return dom.Slot()
	}
	return dom.Slot(dom.El("p", dom.Class("help", "small"), h.page.newTabLink(helpPath, h.page.say("help"))))
}

// renderCancel renders the button that closes the frame without a choice.
func (h *embedHost) renderCancel() any {
	if !h.page.embedded() {
		return nil
	}
	return dom.Button("", "close-frame", h.page.say("cancel"), dom.Click("close-frame", func() { h.send("close", map[string]any{}) }))
}
