package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor/fields"
)

// render is the overlay: a native modal dialog with the form, the guide beside
// it, and Save at the bottom. It is always in the document, closed, so that it
// can be opened before this program has come.
func (e *editor) render() goapp.UI {
	title := say("add.title")
	if e.mode == editing {
		title = say("edit.title")
	}
	return dom.El("dialog", dom.Attr("id", editorID), dom.Class("dialog", "wide"), dom.Attr("aria-labelledby", "editor-title"),
		dom.OnCancel("editor", e.leave),
		dom.On("close", "editor", func(event goapp.Event) { e.closed(event.Get("target").Get("open").Bool()) }),
		dom.El("form", dom.Attr("id", "editor-form"), dom.Class("dialog-form"), dom.Attr("method", "dialog"), dom.Flag("novalidate", true), dom.Attr("autocomplete", "off"),
			dom.On("submit", "editor", func(event goapp.Event) {
				event.PreventDefault()
				e.save()
			}),
			dom.On("input", "editor", func(event goapp.Event) { e.changed(dom.String(event.Get("target").Get("id"))) }),
			dom.El("div", dom.Class("dialog-head"), dom.El("h2", dom.Attr("id", "editor-title"), title), e.page.sessionMonitor.render("editor")),
			dom.El("div", dom.Class("dialog-body", "split"), dom.Attr("id", "editor-body"), dom.Attr("tabindex", "-1"),
				dom.El("div", dom.Class("form"),
					e.renderSummary(),
					e.renderIntro(),
					e.renderName(), e.renderDescription(), e.renderEnvironment(),
					e.renderText(fields.ClientID, nil),
					e.renderSecret(fields.ClientSecret),
					e.renderSecret(fields.SubscriptionKey),
					e.renderText(fields.LegalEntityID, e.renderFinder()),
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
		return dom.El("p", dom.Class("intro"), say("edit.intro"))
	case duplicating:
		return dom.El("p", dom.Class("intro", "warn"), say("duplicate.intro", e.base.Name))
	}
	return dom.El("p", dom.Class("intro"), say("add.intro"))
}

// renderFoot is the bar with Save: what is going on above, the buttons below.
func (e *editor) renderFoot() goapp.UI {
	save := say("save")
	buttons := []any{dom.Class("buttons")}
	if e.asking {
		buttons = append(buttons,
			dom.El("p", dom.Class("question"), dom.Attr("role", "alert"), say("discard")),
			dom.Button("", "stay", say("discard.no"), dom.Click("stay", e.stay)),
			dom.Button("danger", "discard", say("discard.yes"), dom.Click("discard", e.close)),
		)
	} else {
		buttons = append(buttons, dom.Button("", "cancel", say("cancel"), dom.Click("cancel", e.leave)))
		if e.stopped != nothing && e.work == idle {
			buttons = append(buttons, dom.Button("", "save-anyway", say("save.anyway"), dom.Click("save-anyway", e.saveAnyway)))
		}
		buttons = append(buttons, dom.El("button", dom.Attr("type", "submit"), dom.Attr("id", "save"), dom.Class("button", "primary"), dom.El("span", save)))
	}
	return dom.El("div", dom.Class("dialog-foot"),
		dom.El("div", dom.Class("foot-status"),
			dom.El("p", dom.Attr("id", "save-status"), dom.Class("foot-words"), dom.Attr("role", "status"), e.doing()),
			dom.Slot(e.renderSteps()),
		),
		dom.El("div", buttons...),
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
		return say("save.duplicate")
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
	opened := e.fault(fields.Scope) != "" || e.fault(fields.Grant) != "" || e.fault(fields.RotateBy) != "" || e.mode != adding && e.base.Scope != "" || e.mode == editing && e.base.RotateBy != ""
	return dom.El("details", dom.Attr("id", "advanced"), dom.Class("advanced"), dom.Flag("open", opened),
		dom.El("summary", say("advanced")),
		dom.El("div", dom.Class("advanced-body"),
			e.renderText(fields.Scope, nil),
			e.renderGrant(),
			e.renderRotateBy(),
		),
	)
}
