package app

import (
	"encoding/json"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
)

// embedHost is the site that embeds the page in a frame. It is notified of
// changes to credentials, and can open and select them.
type embedHost struct {
	page   *credentialsPage
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
	h.bridge.Receive(func(message HostMessage) { h.page.loop.Update(func() { h.handle(message) }) })
	h.page.loop.AfterRender(func() { h.send("initialized", map[string]any{"version": 1, "locale": h.page.catalogue.Tag()}) })
}

// handle handles a message from the site.
func (h *embedHost) handle(message HostMessage) {
	p := h.page
	switch message.Type {
	case "open":
		h.open(message)
	case "select":
		h.selectCredential(message.ID)
	case "locale":
		language, err := LoadLanguage()
		if err != nil {
			h.sendError("locale", err.Error())
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

// open opens what the site asks for, unless a dialog is open: no message may discard
// typed text. If it opens nothing, the site is told why.
func (h *embedHost) open(message HostMessage) {
	p := h.page
	edits := message.View != "list" && message.View != "credential"
	switch {
	case p.hasOpenDialog():
		h.sendError("busy", "open() did nothing, because the person is using a form.")
		return
	case edits && !p.can(paycor.RightEdit), message.View == "add" && !p.canAdd():
		h.sendError("not_allowed", "open() did nothing, because this person can’t edit or add credentials. The rights and credentials in the token and the site’s rights decide that.")
		return
	}
	switch message.View {
	case "list":
		p.showList()
	case "add":
		p.showList()
		p.editor.openFor(opCreate, suggestedCredential(message.Prefill), addID)
	case "credential":
		h.openCredential(message.ID, func() {})
	case "edit":
		h.openCredential(message.ID, func() { p.editor.openFor(opUpdate, p.detail.credential, "edit") })
	case "rotate":
		h.openCredential(message.ID, func() { p.rotation.openForNew() })
	case "activate":
		h.openCredential(message.ID, func() { p.activation.openFor(p.detail.credential, activationButton) })
	default:
		h.sendError("view_unknown", "open() named a view that this server doesn’t have.")
	}
}

// openCredential shows the credential that the site names, and then calls opened.
func (h *embedHost) openCredential(id string, opened func()) {
	h.page.openCredential(id, opened, func(err error) {
		if paycor.KindOf(err) == paycor.KindNotFound {
			h.sendUnknown("open()")
			return
		}
		h.page.showError(errorAtTop, h.page.errorText(err))
	})
}

// suggestedCredential returns what a site suggests for a new credential. It can't suggest
// a value that Paycor knows the application by: a person has to recognize those.
func suggestedCredential(prefill string) paycor.Credential {
	var draft paycor.Draft
	if json.Unmarshal([]byte(prefill), &draft) != nil {
		return paycor.Credential{}
	}
	entity, _ := draft.LegalEntityID.LegalEntityID() // 0 if there is none
	return paycor.Credential{Name: draft.Name, Description: draft.Description, LegalEntityID: entity, Tags: draft.Tags}
}

func (h *embedHost) sendError(code, message string) {
	h.send("error", map[string]any{"code": code, "message": message})
}

// sendUnknown tells the site that it named a credential that does not exist.
func (h *embedHost) sendUnknown(call string) {
	h.sendError("credential_unknown", call+" named a credential that was deleted or that this person can’t see.")
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
				h.sendUnknown("select()")
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
	return dom.Button("", "close-frame", h.page.say("cancel"), dom.Click("close-frame", func() { h.send("close", map[string]any{"reason": "cancel"}) }))
}
