package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// render is the overlay: a native modal dialog with the form, the guide beside
// it, and Save at the bottom. It is always in the document, closed, so that it
// can be opened before this program has come.
func (e *editor) render() goapp.UI {
	title := say("add.title")
	if e.mode == editing {
		title = say("edit.title")
	}
	return el("dialog", at("id", editorID), class("dialog", "wide"), at("aria-labelledby", "editor-title"),
		escape("editor", e.leave),
		on("close", "editor", func(event goapp.Event) { e.closed(event.Get("target").Get("open").Bool()) }),
		el("form", at("id", "editor-form"), class("dialog-form"), at("method", "dialog"), flag("novalidate", true), at("autocomplete", "off"),
			on("submit", "editor", func(event goapp.Event) {
				event.PreventDefault()
				e.save()
			}),
			on("input", "editor", func(event goapp.Event) { e.changed(text(event.Get("target").Get("id"))) }),
			el("div", class("dialog-head"), el("h2", at("id", "editor-title"), title), e.page.watch.render("editor")),
			el("div", class("dialog-body", "split"), at("id", "editor-body"), at("tabindex", "-1"),
				el("div", class("form"),
					e.renderSummary(),
					e.renderIntro(),
					e.renderName(), e.renderDescription(), e.renderEnvironment(),
					e.renderText(paycor.FieldClientID, nil),
					e.renderSecret(paycor.FieldClientSecret),
					e.renderSecret(paycor.FieldSubscriptionKey),
					e.renderText(paycor.FieldLegalEntityID, e.renderFinder()),
					e.renderAdvanced(),
				),
				e.renderGuide(),
			),
			e.renderFoot(),
		),
	)
}

// renderIntro says what has to be known before the first field.
func (e *editor) renderIntro() goapp.UI {
	switch e.mode {
	case editing:
		return el("p", class("intro"), say("edit.intro"))
	case duplicating:
		return el("p", class("intro", "warn"), say("duplicate.intro", e.base.Name))
	}
	return el("p", class("intro"), say("add.intro"))
}

// renderFoot is the bar with Save: what is going on above, the buttons below.
func (e *editor) renderFoot() goapp.UI {
	save := say("save")
	buttons := []any{class("buttons")}
	if e.asking {
		buttons = append(buttons,
			el("p", class("question"), at("role", "alert"), say("discard")),
			button("", "stay", say("discard.no"), click("stay", e.stay)),
			button("danger", "discard", say("discard.yes"), click("discard", e.close)),
		)
	} else {
		buttons = append(buttons, button("", "cancel", say("cancel"), click("cancel", e.leave)))
		if e.stopped != nothing && e.work == idle {
			buttons = append(buttons, button("", "save-anyway", say("save.anyway"), click("save-anyway", e.saveAnyway)))
		}
		buttons = append(buttons, el("button", at("type", "submit"), at("id", "save"), class("button", "primary"), el("span", save)))
	}
	return el("div", class("dialog-foot"),
		el("div", class("foot-status"),
			el("p", at("id", "save-status"), class("foot-words"), at("role", "status"), e.doing()),
			slot(e.renderSteps()),
		),
		el("div", buttons...),
	)
}

// doing says in one line what Save is about.
func (e *editor) doing() string {
	switch {
	case e.work == verifying && e.slow:
		return say("verify.slow")
	case e.work == verifying:
		return say("verify.running")
	case e.work == saving:
		return say("save.running")
	case e.stopped == swapped:
		return say("save.swapped")
	case e.stopped == alike:
		return say("save.alike")
	case e.stopped == unsettled && e.verdict != nil:
		return say("save.as." + string(e.verdict.Outcome))
	}
	return ""
}

func (e *editor) renderSteps() any {
	if e.work == idle && e.verdict == nil {
		return nil
	}
	return renderSteps(e.steps)
}

// renderAdvanced holds what few people need.
func (e *editor) renderAdvanced() goapp.UI {
	opened := e.fault(paycor.FieldScope) != "" || e.fault(paycor.FieldGrant) != "" || e.fault(paycor.FieldRotateBy) != "" || e.mode != adding && e.base.Scope != "" || e.mode == editing && e.base.RotateBy != ""
	return el("details", at("id", "advanced"), class("advanced"), flag("open", opened),
		el("summary", say("advanced")),
		el("div", class("advanced-body"),
			e.renderText(paycor.FieldScope, nil),
			e.renderGrant(),
			e.renderRotateBy(),
		),
	)
}
