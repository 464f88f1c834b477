package app

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// renderSecret is a field of a secret: empty, then being typed (masked, and
// readable on demand), then configured, when it can only be replaced. A stored
// secret is not on this page in any form.
func (e *editor) renderSecret(field paycor.Field) goapp.UI {
	kept := e.kept(field)
	shape, reveal := "password", say("show")
	if e.shown[field] {
		shape, reveal = "text", say("hide")
	}
	typing := el("div", class("secret"), flag("hidden", kept),
		el("input", at("type", shape), class("input", "code"), at("autocomplete", "new-password"), at("spellcheck", "false"), at("autocapitalize", "off"),
			e.described(field)),
		el("button", at("type", "button"), at("id", "reveal-"+string(field)), class("button", "small"), at("aria-controls", inputID(field)),
			at("data-reveals", inputID(field)), at("data-show", say("show")), at("data-hide", say("hide")),
			click("reveal/"+string(field), func() { e.shown[field] = !e.shown[field] }),
			at("aria-describedby", labelID(field)), el("span", reveal)),
	)
	return e.renderField(field, []goapp.UI{typing, slot(e.renderConfigured(field))}, nil)
}

// renderConfigured says that a secret is saved, and offers to replace or to
// keep it, unless another environment was chosen than the one it is for.
func (e *editor) renderConfigured(field paycor.Field) any {
	switch {
	case e.moved(field):
		return el("p", class("hint"), say("secret.moved", e.page.environment(e.base.Environment).Title))
	case e.kept(field):
		since := e.base.ClientSecretSavedAt
		if field == paycor.FieldSubscriptionKey {
			since = e.base.SubscriptionKeySavedAt
		}
		return el("div", class("configured"), icon("verified"), savedOn(since),
			button("small", "replace-"+string(field), say("replace"), at("aria-describedby", labelID(field)),
				click("replace/"+string(field), func() { e.replace(field, true) })))
	case e.replacing[field]:
		return button("small", "keep-"+string(field), say("keep"), at("aria-describedby", labelID(field)),
			click("keep/"+string(field), func() { e.replace(field, false) }))
	}
	return nil
}

func savedOn(at time.Time) goapp.UI {
	if at.IsZero() {
		return el("span", say("saved"))
	}
	return moment(say("saved.on", day(at)), at)
}
