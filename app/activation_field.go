package app

import (
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// activationInput is the id of a field's input. The overlay on the same page
// has a Scope ID too.
func activationInput(field fields.Field) string { return "activation-" + string(field) }

// fault returns what is wrong with a field, or "".
func (a *activationDialog) fault(field fields.Field) string {
	for _, problem := range a.problems {
		if problem.Field == field {
			return problem.Message
		}
	}
	if a.verdict != nil {
		for _, blamed := range a.verdict.Fields {
			if blamed == field {
				return a.verdict.Message
			}
		}
	}
	return ""
}

// mendable reports whether "Remove it for me" can mend the field.
func (a *activationDialog) mendable(field fields.Field) bool {
	if a.fault(field) == "" {
		return false
	}
	_, soil := paycor.Mend(a.value(field))
	return len(soil) > 0
}

// renderField is one field: label, hint, what is wrong, the control. What is
// secret is masked, and readable on demand while it is typed.
func (a *activationDialog) renderField(field fields.Field) goapp.UI {
	id := activationInput(field)
	by := id + "-hint"
	if a.fault(field) != "" {
		by += " " + id + "-error"
	}
	shape := "text"
	if field.Secret() && !a.shown[field] {
		shape = "password"
	}
	control := []any{dom.El("input", dom.Attr("type", shape), dom.Attr("id", id), dom.Class("input", "code"), dom.Attr("autocomplete", a.completes(field)),
		dom.Attr("spellcheck", "false"), dom.Attr("autocapitalize", "off"), dom.Attr("aria-describedby", by), dom.Attr("aria-required", "true"), dom.Attr("aria-invalid", dom.AriaBool(a.fault(field) != "")))}
	if field.Secret() {
		reveal := say("show")
		if a.shown[field] {
			reveal = say("hide")
		}
		control = append(control, dom.Class("secret"), dom.Button("small", id+"-reveal", reveal, dom.Attr("aria-controls", id), dom.Attr("aria-describedby", id+"-label"),
			dom.Click(id+"-reveal", func() { a.shown[field] = !a.shown[field] })))
	}
	return dom.El("div", dom.Class("field", faulty(a.fault(field) != "")),
		dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("id", id+"-label"), dom.Attr("for", id), field.Label())),
		dom.El("p", dom.Attr("id", id+"-hint"), dom.Class("hint"), say("activate.hint."+string(field))),
		a.renderFault(field),
		dom.El("div", dom.Class("control"), dom.El("div", control...)),
	)
}

// completes keeps browsers from offering, and from keeping, a secret.
func (a *activationDialog) completes(field fields.Field) string {
	if field.Secret() {
		return "new-password"
	}
	return "off"
}

// renderFault says what is wrong, and what was mended.
func (a *activationDialog) renderFault(field fields.Field) goapp.UI {
	id := activationInput(field)
	parts := []any{dom.Attr("id", id+"-error"), dom.Class("fault")}
	if fault := a.fault(field); fault != "" {
		parts = append(parts, dom.El("p", dom.Class("error"), dom.VisuallyHidden(say("error")), dom.El("span", fault)))
	}
	if a.mendable(field) {
		parts = append(parts, dom.Button("small", id+"-mend", say("fix"), dom.Attr("aria-describedby", id+"-label"), dom.Click(id+"-mend", func() { a.mend(field) })))
	}
	if mended := a.mended[field]; mended != "" {
		parts = append(parts, dom.El("p", dom.Class("mended"), dom.Attr("role", "status"), dom.Icon("verified"), dom.El("span", mended)))
	}
	return dom.El("div", parts...)
}

// renderSummary is what is said at the top when an attempt came to nothing. It
// takes the focus, and each of its links leads to its field.
func (a *activationDialog) renderSummary() goapp.UI {
	parts := []any{dom.Attr("id", activationSummary), dom.Attr("tabindex", "-1"), dom.Attr("role", "alert")}
	look := "summary"
	switch {
	case len(a.problems) > 0:
		look = "summary shown bad"
		items := []any{}
		for _, problem := range a.problems {
			items = append(items, dom.El("li", a.renderPointer(problem)))
		}
		parts = append(parts, dom.El("h3", say("summary.problems")), dom.El("ul", items...))
	case a.failure != "":
		look = "summary shown bad"
		parts = append(parts, dom.El("h3", say("activate.failed")), dom.El("p", a.failure), a.renderSignIn())
	case a.verdict != nil:
		look = "summary shown odd"
		if a.verdict.Outcome == verdicts.OutcomeRejected {
			look = "summary shown bad"
		}
		parts = append(parts, dom.El("h3", say("activate.failed")), a.page.renderVerdict("activation", a.page.environment(a.credential.Environment), a.credential.ID, *a.verdict))
		if a.spent != "" {
			parts = append(parts, dom.El("p", a.spent))
		}
		if len(a.verdict.Steps) > 0 {
			parts = append(parts, renderSteps(a.verdict.Steps))
		}
	}
	return dom.El("div", append(parts, dom.Class(look))...)
}

func (a *activationDialog) renderSignIn() any {
	if !a.session {
		return nil
	}
	return dom.El("p", a.page.newTabLink("/sign-in", say("session.link")), dom.El("span", say("activate.session-then")))
}

// renderPointer leads to the field of a problem. What stands on no field here
// is said without a link.
func (a *activationDialog) renderPointer(problem fields.Problem) goapp.UI {
	if slices.Contains(a.method.fields(), problem.Field) {
		return a.page.pointer(activationInput(problem.Field), problem.Message)
	}
	return dom.El("span", problem.Message)
}
