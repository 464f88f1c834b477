package app

import (
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// activationInput is the id of a field's input. The overlay on the same page
// has a Scope ID too.
func activationInput(field paycor.Field) string { return "activation-" + string(field) }

// fault returns what is wrong with a field, or "".
func (a *activation) fault(field paycor.Field) string {
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
func (a *activation) mendable(field paycor.Field) bool {
	if a.fault(field) == "" {
		return false
	}
	_, soil := paycor.Mend(a.value(field))
	return len(soil) > 0
}

// renderField is one field: label, hint, what is wrong, the control. What is
// secret is masked, and readable on demand while it is typed.
func (a *activation) renderField(field paycor.Field) goapp.UI {
	id := activationInput(field)
	by := id + "-hint"
	if a.fault(field) != "" {
		by += " " + id + "-error"
	}
	shape := "text"
	if field.Secret() && !a.shown[field] {
		shape = "password"
	}
	control := []any{el("input", at("type", shape), at("id", id), class("input", "code"), at("autocomplete", a.completes(field)),
		at("spellcheck", "false"), at("autocapitalize", "off"), at("aria-describedby", by), at("aria-required", "true"), at("aria-invalid", yes(a.fault(field) != "")))}
	if field.Secret() {
		reveal := say("show")
		if a.shown[field] {
			reveal = say("hide")
		}
		control = append(control, class("secret"), button("small", id+"-reveal", reveal, at("aria-controls", id), at("aria-describedby", id+"-label"),
			click(id+"-reveal", func() { a.shown[field] = !a.shown[field] })))
	}
	return el("div", class("field", faulty(a.fault(field) != "")),
		el("div", class("label"), el("label", at("id", id+"-label"), at("for", id), field.Label())),
		el("p", at("id", id+"-hint"), class("hint"), say("activate.hint."+string(field))),
		a.renderFault(field),
		el("div", class("control"), el("div", control...)),
	)
}

// completes keeps browsers from offering, and from keeping, a secret.
func (a *activation) completes(field paycor.Field) string {
	if field.Secret() {
		return "new-password"
	}
	return "off"
}

// renderFault says what is wrong, and what was mended.
func (a *activation) renderFault(field paycor.Field) goapp.UI {
	id := activationInput(field)
	parts := []any{at("id", id+"-error"), class("fault")}
	if fault := a.fault(field); fault != "" {
		parts = append(parts, el("p", class("error"), unseen(say("error")), el("span", fault)))
	}
	if a.mendable(field) {
		parts = append(parts, button("small", id+"-mend", say("mend"), at("aria-describedby", id+"-label"), click(id+"-mend", func() { a.mend(field) })))
	}
	if mended := a.mended[field]; mended != "" {
		parts = append(parts, el("p", class("mended"), at("role", "status"), icon("verified"), el("span", mended)))
	}
	return el("div", parts...)
}

// renderSummary is what is said at the top when an attempt came to nothing. It
// takes the focus, and each of its links leads to its field.
func (a *activation) renderSummary() goapp.UI {
	parts := []any{at("id", activationSummary), at("tabindex", "-1"), at("role", "alert")}
	look := "summary"
	switch {
	case len(a.problems) > 0:
		look = "summary shown bad"
		items := []any{}
		for _, problem := range a.problems {
			items = append(items, el("li", a.renderPointer(problem)))
		}
		parts = append(parts, el("h3", say("summary.problems")), el("ul", items...))
	case a.failure != "":
		look = "summary shown bad"
		parts = append(parts, el("h3", say("activate.failed")), el("p", a.failure), a.renderSignIn())
	case a.verdict != nil:
		look = "summary shown odd"
		if a.verdict.Outcome == paycor.OutcomeRejected {
			look = "summary shown bad"
		}
		parts = append(parts, el("h3", say("activate.failed")), a.page.renderVerdict("activation", a.page.environment(a.credential.Environment), a.credential.ID, *a.verdict))
		if a.spent != "" {
			parts = append(parts, el("p", a.spent))
		}
		if len(a.verdict.Steps) > 0 {
			parts = append(parts, renderSteps(a.verdict.Steps))
		}
	}
	return el("div", append(parts, class(look))...)
}

func (a *activation) renderSignIn() any {
	if !a.session {
		return nil
	}
	return el("p", a.page.outside("/sign-in", say("session.link")), el("span", say("activate.session-then")))
}

// renderPointer leads to the field of a problem. What stands on no field here
// is said without a link.
func (a *activation) renderPointer(problem paycor.Problem) goapp.UI {
	if slices.Contains(a.way.fields(), problem.Field) {
		return a.page.pointer(activationInput(problem.Field), problem.Message)
	}
	return el("span", problem.Message)
}
