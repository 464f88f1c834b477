package app

import (
	"slices"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

func (p *Page) renderRotation() any {
	if p.rotation == nil {
		return nil
	}
	return p.rotation.render()
}

// render is the dialog.
func (r *rotation) render() goapp.UI {
	return el("dialog", at("id", rotationID), class("dialog", "medium"), at("aria-labelledby", "rotation-title"),
		escape("rotation", r.leave),
		on("close", "rotation", func(event goapp.Event) { r.closed(event.Get("target").Get("open").Bool()) }),
		el("form", class("dialog-form"), at("method", "dialog"), flag("novalidate", true), at("autocomplete", "off"),
			on("submit", "rotation", func(event goapp.Event) {
				event.PreventDefault()
				r.submit(false, false)
			}),
			on("input", "rotation", func(event goapp.Event) { r.changed(text(event.Get("target").Get("id"))) }),
			el("div", class("dialog-head"), el("h2", at("id", "rotation-title"), say("rotate.title"))),
			el("div", class("dialog-body"), at("id", "rotation-body"), at("tabindex", "-1"),
				r.renderSummary(),
				el("p", class("intro"), say("rotate.intro")),
				r.renderSecret(paycor.FieldClientSecret),
				r.renderSecret(paycor.FieldSubscriptionKey),
				r.renderKeep(),
				r.renderRotateBy(),
			),
			r.renderFoot(),
		),
	)
}

// renderField is what all fields have in common.
func (r *rotation) renderField(field paycor.Field, label string, control goapp.UI) goapp.UI {
	id := rotationInput(field)
	name := []any{class("label"), el("label", at("id", id+"-label"), at("for", id), label)}
	if field != paycor.FieldKeep {
		name = append(name, " ", el("span", at("id", id+"-optional"), class("optional"), say("optional")))
	}
	fault := []any{at("id", id+"-error"), class("fault")}
	if words := r.fault(field); words != "" {
		fault = append(fault, el("p", class("error"), unseen(say("error")), el("span", words)))
	}
	return el("div", class("field", faulty(r.fault(field) != "")),
		el("div", name...),
		el("p", at("id", id+"-hint"), class("hint"), r.hint(field)),
		el("div", fault...),
		el("div", class("control"), control),
	)
}

// hint says besides what becomes of a value that is pending.
func (r *rotation) hint(field paycor.Field) string {
	words := say("rotate.hint." + string(field))
	if kept := r.page.own.credential.Rotation; kept != nil && kept.State == paycor.RotationPending && slices.Contains(kept.Fields(), field) {
		words += " " + say("rotate.replaces", field.Label())
	}
	return words
}

// described are the attributes that tie a control to its words.
func (r *rotation) described(field paycor.Field) []any {
	id := rotationInput(field)
	by := id + "-hint"
	if field != paycor.FieldKeep {
		by = id + "-optional " + by
	}
	if r.fault(field) != "" {
		by += " " + id + "-error"
	}
	return []any{at("id", id), at("aria-describedby", by), at("aria-invalid", yes(r.fault(field) != ""))}
}

func (r *rotation) renderSecret(field paycor.Field) goapp.UI {
	id := rotationInput(field)
	shape, reveal := "password", say("show")
	if r.shown[field] {
		shape, reveal = "text", say("hide")
	}
	return r.renderField(field, say("rotate.new", field.Label()), el("div", class("secret"),
		el("input", at("type", shape), class("input", "code"), at("autocomplete", "new-password"), at("spellcheck", "false"), at("autocapitalize", "off"),
			r.described(field)),
		button("small", id+"-reveal", reveal, at("aria-controls", id), at("aria-describedby", id+"-label"),
			click(id+"-reveal", func() { r.shown[field] = !r.shown[field] })),
	))
}

func (r *rotation) renderKeep() goapp.UI {
	parts := []any{class("input"), r.described(paycor.FieldKeep)}
	for _, keep := range paycor.Keeps() {
		parts = append(parts, el("option", at("value", string(keep)), preselected(keep == paycor.KeepDay), say("rotate.keep."+string(keep))))
	}
	return r.renderField(paycor.FieldKeep, say("rotate.keep"), el("select", parts...))
}

func (r *rotation) renderRotateBy() goapp.UI {
	return r.renderField(paycor.FieldRotateBy, say("rotate.next"),
		el("input", at("type", "date"), class("input", "date"), r.described(paycor.FieldRotateBy)))
}

// renderRotateBy is the date of the overlay.
func (e *editor) renderRotateBy() goapp.UI {
	return e.renderField(paycor.FieldRotateBy,
		el("input", at("type", "date"), class("input", "date"), e.described(paycor.FieldRotateBy), prefilled(string(e.draft().RotateBy))), nil)
}

// renderSummary is what is said at the top when the new secrets are not in use.
func (r *rotation) renderSummary() goapp.UI {
	parts := []any{at("id", rotationSummary), at("tabindex", "-1"), at("role", "alert")}
	look := "summary"
	switch {
	case len(r.problems) > 0:
		look = "summary shown bad"
		items := []any{}
		for _, problem := range r.problems {
			items = append(items, el("li", r.renderPointer(problem)))
		}
		parts = append(parts, el("h3", say("summary.problems")), el("ul", items...))
	case r.failure != "":
		look = "summary shown bad"
		parts = append(parts, el("h3", say("rotate.failed")), el("p", r.failure))
	case r.swapped:
		look = "summary shown odd"
		parts = append(parts, el("h3", say("summary.swapped")), r.page.renderVerdict("rotation", r.page.environment(r.page.own.credential.Environment), r.page.own.credential.ID, *r.verdict),
			el("p", button("", "rotation-sure", say("rotate.sure"), click("rotation-sure", func() { r.submit(false, true) }))))
	case r.verdict != nil:
		look = "summary shown odd"
		if r.verdict.Outcome == paycor.OutcomeRejected {
			look = "summary shown bad"
		}
		parts = append(parts, el("h3", say("rotate.refused")), r.page.renderVerdict("rotation", r.page.environment(r.page.own.credential.Environment), r.page.own.credential.ID, *r.verdict),
			el("p", say("rotate.still")),
			el("p", button("", "rotation-pend", say("rotate.pend"), click("rotation-pend", func() { r.submit(true, true) }))))
	}
	return el("div", append(parts, class(look))...)
}

// renderPointer leads to the field of a problem.
func (r *rotation) renderPointer(problem paycor.Problem) goapp.UI {
	if slices.Contains(rotationFields(), problem.Field) {
		return r.page.pointer(rotationInput(problem.Field), problem.Message)
	}
	return el("span", problem.Message)
}

func (r *rotation) renderFoot() goapp.UI {
	buttons := []any{class("buttons")}
	if r.asking {
		buttons = append(buttons,
			el("p", class("question"), at("role", "alert"), say("discard")),
			button("", "rotation-stay", say("discard.no"), click("rotation-stay", r.stay)),
			button("danger", "rotation-discard", say("discard.yes"), click("rotation-discard", r.close)),
		)
	} else {
		buttons = append(buttons, button("", "rotation-cancel", say("cancel"), click("rotation-cancel", r.leave)),
			el("button", at("type", "submit"), at("id", "rotation-go"), class("button", "primary"), el("span", say("rotate.go"))))
	}
	doing, steps := "", any(nil)
	if r.working {
		doing = say("rotate.testing")
	}
	if r.working || r.verdict != nil && !r.swapped {
		steps = renderSteps(r.steps)
	}
	return el("div", class("dialog-foot"),
		el("div", class("foot-status"), el("p", at("id", "rotation-status"), class("foot-words"), at("role", "status"), doing), slot(steps)),
		el("div", buttons...),
	)
}

// renderKept is the part of a credential's page about what a rotation keeps.
func (r *rotation) renderKept() any {
	c := r.page.own.credential
	switch {
	case c.Rotation == nil && r.page.failure.place == atRotation: // it is gone since something with it failed
		return r.page.renderFailure(atRotation)
	case c.Rotation == nil:
		return nil
	}
	names := make([]string, len(c.Rotation.Values))
	for i, value := range c.Rotation.Values {
		names[i] = value.Field.Label()
	}
	what := strings.Join(names, say("and"))
	parts := []any{class("card"), at("aria-labelledby", "kept"), el("h2", at("id", "kept"), say("rotation."+string(c.Rotation.State)))}
	if c.Rotation.State == paycor.RotationPrevious {
		parts = append(parts, el("p", say("rotation.previous.words", what)), r.renderEnd(*c.Rotation))
		if r.page.may(paycor.RightEdit) {
			parts = append(parts, el("p", class("muted", "small"), say("rotation.first"))) // there is no button Rotate
		}
	} else {
		parts = append(parts, el("p", say("rotation.pending.words", what)), r.renderPending(*c.Rotation))
	}
	parts = append(parts, r.page.renderFailure(atRotation), slot(r.renderStays(*c.Rotation)))
	if r.page.may(paycor.RightEdit) {
		parts = append(parts, el("div", class("actions"), r.renderChoices(*c.Rotation)))
	}
	return el("section", parts...)
}

// renderStays says why the way back was not taken.
func (r *rotation) renderStays(kept paycor.Rotation) any {
	if r.stays == nil || kept.State != paycor.RotationPrevious {
		return nil
	}
	return el("div", at("id", "rotation-stays"), at("tabindex", "-1"),
		r.page.renderVerdict("back", r.page.environment(r.page.own.credential.Environment), r.page.own.credential.ID, *r.stays))
}

// renderEnd says when the secrets before are destroyed.
func (r *rotation) renderEnd(kept paycor.Rotation) goapp.UI {
	if kept.EndsAt.IsZero() {
		return el("p", class("muted", "small"), say("rotation.until-told"))
	}
	return el("p", class("muted", "small"), el("span", say("rotation.until")), moment(dayAndTime(kept.EndsAt), kept.EndsAt))
}

// renderPending says what Paycor said of the new secrets, or until when they
// were in use.
func (r *rotation) renderPending(kept paycor.Rotation) goapp.UI {
	var parts []any
	if !kept.UsedUntil.IsZero() {
		parts = append(parts, el("p", class("muted", "small"), el("span", say("rotation.used")), moment(dayAndTime(kept.UsedUntil), kept.UsedUntil)))
	}
	switch {
	case kept.Verdict == nil && kept.UsedUntil.IsZero():
		return el("p", class("muted", "small"), say("rotation.untested"))
	case kept.Verdict == nil:
		return el("div", parts...)
	case kept.Verdict.Outcome == paycor.OutcomeVerified: // once: it is in use no more
		return el("div", append(parts, el("p", class("muted", "small"), el("span", say("rotation.accepted")), moment(dayAndTime(kept.Verdict.CheckedAt), kept.Verdict.CheckedAt)))...)
	}
	return el("div", append(parts, r.page.renderVerdict("pending", r.page.environment(r.page.own.credential.Environment), r.page.own.credential.ID, *kept.Verdict),
		el("p", class("muted", "small"), say("checked"), moment(ago(kept.Verdict.CheckedAt, r.page.now()), kept.Verdict.CheckedAt)))...)
}

func (r *rotation) renderChoices(kept paycor.Rotation) []goapp.UI {
	if r.ending {
		return []goapp.UI{
			el("p", class("question"), at("role", "alert"), say("rotation.sure."+string(kept.State))),
			button("", "rotation-keep", say("rotation.keep"), click("rotation-keep", r.dontEnd)),
			button("danger", "rotation-destroy", say("rotation.destroy"), click("rotation-destroy", r.end)),
		}
	}
	if kept.State == paycor.RotationPrevious {
		if r.stays != nil {
			return []goapp.UI{
				button("", "rotation-back", say("rotation.back.again"), click("rotation-back", func() { r.goBack(false) })),
				button("danger-quiet", "rotation-anyway", say("rotation.anyway"), click("rotation-anyway", func() { r.goBack(true) })),
				button("danger-quiet", "rotation-end", say("rotation.end"), click("rotation-end", r.ask)),
			}
		}
		return []goapp.UI{
			button("", "rotation-back", say("rotation.back"), click("rotation-back", func() { r.goBack(false) })),
			button("danger-quiet", "rotation-end", say("rotation.end"), click("rotation-end", r.ask)),
		}
	}
	return []goapp.UI{
		button("", "rotation-again", say("rotation.again"), click("rotation-again", r.testAgain)),
		button("danger-quiet", "rotation-end", say("rotation.discard"), click("rotation-end", r.ask)),
	}
}

// reminder says when the secrets are to be rotated, once that is near; "" where
// it is not.
func reminder(credential paycor.Credential, now time.Time) string {
	days, remind := credential.RotationDue(now)
	by, _ := credential.RotateBy.Time()
	switch {
	case !remind:
		return ""
	case days < 0:
		return say("rotate.overdue", day(by))
	case days == 0:
		return say("rotate.today")
	case days == 1:
		return say("rotate.tomorrow")
	}
	return say("rotate.due", day(by), days)
}

// renderReminder is the reminder on a tile or a page.
func renderReminder(credential paycor.Credential, now time.Time) any {
	words := reminder(credential, now)
	if words == "" {
		return nil
	}
	look := "odd"
	if days, _ := credential.RotationDue(now); days < 0 {
		look = "late"
	}
	return reminderLine(look, words)
}

// reminderLine is a reminder in a look: "odd" as long as there is time, "late".
func reminderLine(look, words string) goapp.UI {
	return el("span", class("reminder", look), icon("warned"), el("span", words))
}
