package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// activationOf returns the address that opens the dialog on a credential's page.
func activationOf(id string) string { return pathOf(id) + "?" + queryActivate }

// openRequestedDialog opens, once, the dialog the page's address asks for.
func (p *credentialsPage) openRequestedDialog() {
	if p.detail == nil {
		return
	}
	p.document.Take(queryActivated)
	if p.document.Take(queryActivate) && !p.detail.deleted && !p.editor.IsOpen() && p.can(paycor.RightEdit) {
		p.activation.openFor(p.detail.credential, activationButton)
	}
}

// renderActivation renders the activation dialog, which only a detail page has.
func (p *credentialsPage) renderActivation() any {
	if p.activation == nil {
		return nil
	}
	return p.activation.render()
}

func methodID(method activationMethod) string { return "activation-method-" + string(method) }

// render renders the dialog. The fields of all methods are always in the document,
// so that switching loses nothing that was typed.
func (a *activationDialog) render() goapp.UI {
	methods := []any{dom.Class("choices"), dom.El("legend", a.page.say("activate.how"))}
	if a.leadsToPaycor() {
		methods = append(methods, a.renderMethod(methodPaycor))
	}
	methods = append(methods, a.renderMethod(methodCode), a.renderMethod(methodToken))
	return a.Render(form.View{
		Title: a.page.say("activate.title"),
		Body: []any{
			a.RenderSummary(a.page.say("activate.failed"), a.notice()),
			dom.El("p", dom.Class("intro"), a.page.say("activate.intro", a.credential.Name)),
			dom.Slot(a.page.detail.renderShared("activation-users")),
			dom.El("fieldset", methods...),
			a.renderPaycor(), a.renderCode(), a.renderToken(), a.renderScope(), a.links.render(),
		},
		Status: a.status,
		Submit: a.page.say("activate.go." + string(a.method)),
	})
}

// notice says why Paycor did not activate the application.
func (a *activationDialog) notice() *form.Notice {
	if a.Verdict == nil {
		return nil
	}
	body := []any{a.page.renderVerdict("activation", a.environment(), a.credential.ID, *a.Verdict)}
	if a.spent != "" {
		body = append(body, dom.El("p", a.spent))
	}
	if len(a.Verdict.Steps) > 0 {
		body = append(body, renderSteps(a.page.words, a.Verdict.Steps))
	}
	return &form.Notice{Title: a.page.say("activate.failed"), Severe: a.Verdict.Outcome == verdicts.OutcomeRejected, Body: body}
}

func (a *activationDialog) renderMethod(method activationMethod) goapp.UI {
	words := "activate.method.words." + string(method)
	if method == methodPaycor && a.page.embedded() {
		words = "activate.method.words.window"
	}
	return dom.El("label", dom.Class("choice"),
		dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", "activation-method"), dom.Attr("id", methodID(method)), dom.Attr("value", string(method)), dom.Property("checked", a.method == method),
			dom.On("change", methodID(method), func(goapp.Event) { a.choose(method) })),
		dom.El("span", dom.Class("choice-text"), dom.El("span", dom.Class("choice-name"), a.page.say("activate.method."+string(method))), dom.El("span", dom.Class("hint"), a.page.say(words))))
}

// panel renders the inputs of one method.
func (a *activationDialog) panel(method activationMethod, parts ...any) goapp.UI {
	return dom.El("div", append([]any{dom.Class("method-panel"), dom.Attr("id", "activation-panel-"+string(method)), dom.Flag("hidden", a.method != method)}, parts...)...)
}

func (a *activationDialog) renderPaycor() goapp.UI {
	address := a.redirectURI()
	return a.panel(methodPaycor,
		dom.El("div", dom.Class("notice", "odd"), dom.Icon("warned"), dom.El("p", a.page.sentence(paycor.ActivationWarning))),
		dom.El("div", dom.Class("field"),
			dom.El("p", dom.Class("term"), a.page.say("activate.register")),
			dom.El("p", dom.Class("hint"), a.page.say("activate.register-where"), " ", a.renderLink(linkPortal)),
			dom.El("div", dom.Class("configured"), dom.El("code", dom.Attr("id", "activation-callback"), address),
				a.page.copyButton("copy-redirect", a.page.fieldLabel(fields.RedirectURI), address)),
		),
		dom.El("p", a.page.say("activate.who")),
	)
}

// renderScope renders the input for the Scope ID, without which nobody gets to Paycor's
// page.
func (a *activationDialog) renderScope() goapp.UI {
	return dom.El("div", dom.Class("method-panel"), dom.Flag("hidden", !a.Visible(fields.Scope)), a.RenderInput(fields.Scope, "", nil))
}

func (a *activationDialog) renderCode() goapp.UI {
	return a.panel(methodCode,
		dom.El("p", a.page.say("activate.form"), " ", a.renderLink(linkActivation)),
		a.RenderSecret(fields.CodeVerifier), a.RenderSecret(fields.Code), a.RenderInput(fields.RedirectURI, "", nil),
	)
}

func (a *activationDialog) renderToken() goapp.UI {
	return a.panel(methodToken, a.RenderSecret(fields.RefreshToken))
}

// renderLink links to a page of the environment, if it has one.
func (a *activationDialog) renderLink(target string) any {
	href, text := environmentLink(a.page.words, a.environment(), target)
	if href == "" {
		return nil
	}
	return a.page.newTabLink(href, text)
}
