package app

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor/fields"
)

// renderSecret is a field of a secret: empty, then being typed (masked, and
// readable on demand), then configured, when it can only be replaced. A stored
// secret is not on this page in any form.
func (e *editor) renderSecret(field fields.Field) goapp.UI {
	kept := e.kept(field)
	shape, reveal := "password", say("show")
	if e.shown[field] {
		shape, reveal = "text", say("hide")
	}
	typing := dom.El("div", dom.Class("secret"), dom.Flag("hidden", kept),
		dom.El("input", dom.Attr("type", shape), dom.Class("input", "code"), dom.Attr("autocomplete", "new-password"), dom.Attr("spellcheck", "false"), dom.Attr("autocapitalize", "off"),
			e.described(field)),
		dom.El("button", dom.Attr("type", "button"), dom.Attr("id", "reveal-"+string(field)), dom.Class("button", "small"), dom.Attr("aria-controls", inputID(field)),
			dom.Attr("data-reveals", inputID(field)), dom.Attr("data-show", say("show")), dom.Attr("data-hide", say("hide")),
			dom.Click("reveal/"+string(field), func() { e.shown[field] = !e.shown[field] }),
			dom.Attr("aria-describedby", labelID(field)), dom.El("span", reveal)),
	)
	return e.renderField(field, []goapp.UI{typing, dom.Slot(e.renderConfigured(field))}, nil)
}

// renderConfigured says that a secret is saved, and offers to replace or to
// keep it, unless another environment was chosen than the one it is for.
func (e *editor) renderConfigured(field fields.Field) any {
	switch {
	case e.moved(field):
		return dom.El("p", dom.Class("hint"), say("secret.other-environment", e.page.environment(e.base.Environment).Title))
	case e.kept(field):
		since := e.base.ClientSecretSavedAt
		if field == fields.SubscriptionKey {
			since = e.base.SubscriptionKeySavedAt
		}
		return dom.El("div", dom.Class("configured"), dom.Icon("verified"), savedOn(since),
			dom.Button("small", "replace-"+string(field), say("replace"), dom.Attr("aria-describedby", labelID(field)),
				dom.Click("replace/"+string(field), func() { e.replace(field, true) })))
	case e.replacing[field]:
		return dom.Button("small", "keep-"+string(field), say("keep"), dom.Attr("aria-describedby", labelID(field)),
			dom.Click("keep/"+string(field), func() { e.replace(field, false) }))
	}
	return nil
}

func savedOn(at time.Time) goapp.UI {
	if at.IsZero() {
		return dom.El("span", say("saved"))
	}
	return timeElement(say("saved.on", formatTime(at, locale.Date)), at)
}
