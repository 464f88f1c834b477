package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// activationOf is the address that opens the dialog on a credential's page.
func activationOf(id string) string { return pathOf(id) + "?" + queryActivate }

// arrive does, once, what the address of a credential's own page asks for.
func (p *Page) arrive() {
	p.greet()
	if p.own == nil {
		return
	}
	p.surface.Take(queryActivated)
	if p.surface.Take(queryActivate) && !p.own.gone && !p.editor.open && p.may(paycor.RightEdit) {
		p.activation.begin(p.own.credential, activationButton)
	}
}

func (p *Page) renderActivation() any {
	if p.activation == nil {
		return nil
	}
	return p.activation.render()
}

func wayID(w way) string { return "activation-way-" + string(w) }

// render is the dialog. All ways are always in the document, so that changing
// the way loses nothing that was typed.
func (a *activation) render() goapp.UI {
	ways := []any{class("ways"), el("legend", say("activate.how"))}
	if !a.page.embedded() { // Paycor's page refuses to be framed, and leads back to a browser that is signed in
		ways = append(ways, a.renderWay(wayPaycor))
	}
	ways = append(ways, a.renderWay(wayCode), a.renderWay(wayToken))
	return el("dialog", at("id", activationID), class("dialog", "medium"), at("aria-labelledby", "activation-title"),
		escape("activation", a.leave),
		on("close", "activation", func(event goapp.Event) { a.closed(event.Get("target").Get("open").Bool()) }),
		el("form", class("dialog-form"), at("method", "dialog"), flag("novalidate", true), at("autocomplete", "off"),
			on("submit", "activation", func(event goapp.Event) {
				event.PreventDefault()
				a.submit()
			}),
			on("input", "activation", func(event goapp.Event) { a.changed(text(event.Get("target").Get("id"))) }),
			el("div", class("dialog-head"), el("h2", at("id", "activation-title"), say("activate.title")), a.page.watch.render("activation")),
			el("div", class("dialog-body"), at("id", "activation-body"), at("tabindex", "-1"),
				a.renderSummary(),
				el("p", class("intro"), say("activate.intro", a.credential.Name)),
				el("fieldset", ways...),
				a.renderPaycor(), a.renderCode(), a.renderToken(),
			),
			a.renderFoot(),
		),
	)
}

func (a *activation) renderWay(w way) goapp.UI {
	return el("label", class("choice"),
		el("input", at("type", "radio"), at("name", "activation-way"), at("id", wayID(w)), at("value", string(w)), state("checked", a.way == w),
			on("change", wayID(w), func(goapp.Event) { a.choose(w) })),
		el("span", class("choice-text"), el("span", class("choice-name"), say("way."+string(w))), el("span", class("hint"), say("way.words."+string(w)))))
}

// panel is what belongs to one way.
func (a *activation) panel(w way, parts ...any) goapp.UI {
	return el("div", append([]any{class("way"), at("id", "activation-panel-"+string(w)), flag("hidden", a.way != w)}, parts...)...)
}

func (a *activation) renderPaycor() goapp.UI {
	address := a.redirectURI()
	return a.panel(wayPaycor,
		el("div", class("notice", "odd"), icon("warned"), el("p", paycor.ActivationWarning)),
		el("div", class("field"),
			el("p", class("term"), say("activate.register")),
			el("p", class("hint"), say("activate.register-where"), " ", a.renderLink(toPortal)),
			el("div", class("configured"), el("code", at("id", "activation-callback"), address),
				a.page.copyButton("copy-redirect", paycor.FieldRedirectURI.Label(), address)),
		),
		a.renderField(paycor.FieldScope),
		el("p", say("activate.who")),
	)
}

func (a *activation) renderCode() goapp.UI {
	return a.panel(wayCode,
		el("p", say("activate.form"), " ", a.renderLink(toActivate)),
		a.renderField(paycor.FieldCodeVerifier), a.renderField(paycor.FieldCode), a.renderField(paycor.FieldRedirectURI),
	)
}

func (a *activation) renderToken() goapp.UI {
	return a.panel(wayToken, a.renderField(paycor.FieldRefreshToken))
}

// renderLink leads to a place of the environment's, where it has such a place.
func (a *activation) renderLink(lead string) any {
	href, words := destination(a.environment(), lead)
	if href == "" {
		return nil
	}
	return a.page.outside(href, words)
}

// renderFoot is the bar with the button that goes on.
func (a *activation) renderFoot() goapp.UI {
	buttons := []any{class("buttons")}
	if a.asking {
		buttons = append(buttons,
			el("p", class("question"), at("role", "alert"), say("discard")),
			button("", "activation-stay", say("discard.no"), click("activation-stay", a.stay)),
			button("danger", "activation-discard", say("discard.yes"), click("activation-discard", a.close)),
		)
	} else {
		buttons = append(buttons, button("", "activation-cancel", say("cancel"), click("activation-cancel", a.leave)),
			el("button", at("type", "submit"), at("id", "activation-go"), class("button", "primary"), el("span", say("activate.go."+string(a.way)))))
	}
	return el("div", class("dialog-foot"),
		el("div", class("foot-status"), el("p", at("id", "activation-status"), class("foot-words"), at("role", "status"), a.doing)),
		el("div", buttons...),
	)
}
