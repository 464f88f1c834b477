package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// activationOf is the address that opens the dialog on a credential's page.
func activationOf(id string) string { return pathOf(id) + "?" + queryActivate }

// openRequestedDialog does, once, what the address of a credential's own page asks for.
func (p *Page) openRequestedDialog() {
	p.showArrivalStatus()
	if p.detail == nil {
		return
	}
	p.document.Take(queryActivated)
	if p.document.Take(queryActivate) && !p.detail.deleted && !p.editor.open && p.can(paycor.RightEdit) {
		p.activation.begin(p.detail.credential, activationButton)
	}
}

func (p *Page) renderActivation() any {
	if p.activation == nil {
		return nil
	}
	return p.activation.render()
}

func methodID(w activationMethod) string { return "activation-way-" + string(w) }

// render is the dialog. All ways are always in the document, so that changing
// the way loses nothing that was typed.
func (a *activationDialog) render() goapp.UI {
	ways := []any{dom.Class("ways"), dom.El("legend", say("activate.how"))}
	if !a.page.embedded() { // Paycor's page refuses to be framed, and leads back to a browser that is signed in
		ways = append(ways, a.renderMethod(methodPaycor))
	}
	ways = append(ways, a.renderMethod(methodCode), a.renderMethod(methodToken))
	return dom.El("dialog", dom.Attr("id", activationID), dom.Class("dialog", "medium"), dom.Attr("aria-labelledby", "activation-title"),
		dom.OnCancel("activation", a.leave),
		dom.On("close", "activation", func(event goapp.Event) { a.closed(event.Get("target").Get("open").Bool()) }),
		dom.El("form", dom.Class("dialog-form"), dom.Attr("method", "dialog"), dom.Flag("novalidate", true), dom.Attr("autocomplete", "off"),
			dom.On("submit", "activation", func(event goapp.Event) {
				event.PreventDefault()
				a.submit()
			}),
			dom.On("input", "activation", func(event goapp.Event) { a.changed(dom.String(event.Get("target").Get("id"))) }),
			dom.El("div", dom.Class("dialog-head"), dom.El("h2", dom.Attr("id", "activation-title"), say("activate.title")), a.page.sessionMonitor.render("activation")),
			dom.El("div", dom.Class("dialog-body"), dom.Attr("id", "activation-body"), dom.Attr("tabindex", "-1"),
				a.renderSummary(),
				dom.El("p", dom.Class("intro"), say("activate.intro", a.credential.Name)),
				dom.El("fieldset", ways...),
				a.renderPaycor(), a.renderCode(), a.renderToken(),
			),
			a.renderFoot(),
		),
	)
}

func (a *activationDialog) renderMethod(w activationMethod) goapp.UI {
	return dom.El("label", dom.Class("choice"),
		dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", "activation-way"), dom.Attr("id", methodID(w)), dom.Attr("value", string(w)), dom.Property("checked", a.method == w),
			dom.On("change", methodID(w), func(goapp.Event) { a.choose(w) })),
		dom.El("span", dom.Class("choice-text"), dom.El("span", dom.Class("choice-name"), say("activate.method."+string(w))), dom.El("span", dom.Class("hint"), say("activate.method.words."+string(w)))))
}

// panel is what belongs to one way.
func (a *activationDialog) panel(w activationMethod, parts ...any) goapp.UI {
	return dom.El("div", append([]any{dom.Class("way"), dom.Attr("id", "activation-panel-"+string(w)), dom.Flag("hidden", a.method != w)}, parts...)...)
}

func (a *activationDialog) renderPaycor() goapp.UI {
	address := a.redirectURI()
	return a.panel(methodPaycor,
		dom.El("div", dom.Class("notice", "odd"), dom.Icon("warned"), dom.El("p", paycor.ActivationWarning)),
		dom.El("div", dom.Class("field"),
			dom.El("p", dom.Class("term"), say("activate.register")),
			dom.El("p", dom.Class("hint"), say("activate.register-where"), " ", a.renderLink(linkPortal)),
			dom.El("div", dom.Class("configured"), dom.El("code", dom.Attr("id", "activation-callback"), address),
				a.page.copyButton("copy-redirect", fields.RedirectURI.Label(), address)),
		),
		a.renderField(fields.Scope),
		dom.El("p", say("activate.who")),
	)
}

func (a *activationDialog) renderCode() goapp.UI {
	return a.panel(methodCode,
		dom.El("p", say("activate.form"), " ", a.renderLink(linkActivation)),
		a.renderField(fields.CodeVerifier), a.renderField(fields.Code), a.renderField(fields.RedirectURI),
	)
}

func (a *activationDialog) renderToken() goapp.UI {
	return a.panel(methodToken, a.renderField(fields.RefreshToken))
}

// renderLink leads to a place of the environment's, where it has such a place.
func (a *activationDialog) renderLink(lead string) any {
	href, words := environmentLink(a.environment(), lead)
	if href == "" {
		return nil
	}
	return a.page.newTabLink(href, words)
}

// renderFoot is the bar with the button that goes on.
func (a *activationDialog) renderFoot() goapp.UI {
	buttons := []any{dom.Class("buttons")}
	if a.asking {
		buttons = append(buttons,
			dom.El("p", dom.Class("question"), dom.Attr("role", "alert"), say("discard")),
			dom.Button("", "activation-stay", say("discard.no"), dom.Click("activation-stay", a.stay)),
			dom.Button("danger", "activation-discard", say("discard.yes"), dom.Click("activation-discard", a.close)),
		)
	} else {
		buttons = append(buttons, dom.Button("", "activation-cancel", say("cancel"), dom.Click("activation-cancel", a.leave)),
			dom.El("button", dom.Attr("type", "submit"), dom.Attr("id", "activation-go"), dom.Class("button", "primary"), dom.El("span", say("activate.go."+string(a.method)))))
	}
	return dom.El("div", dom.Class("dialog-foot"),
		dom.El("div", dom.Class("foot-status"), dom.El("p", dom.Attr("id", "activation-status"), dom.Class("foot-words"), dom.Attr("role", "status"), a.doing)),
		dom.El("div", buttons...),
	)
}
