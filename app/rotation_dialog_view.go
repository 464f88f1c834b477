package app

import (
	"slices"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

func (p *Page) renderRotation() any {
	if p.rotation == nil {
		return nil
	}
	return p.rotation.render()
}

// render is the dialog.
func (r *rotationDialog) render() goapp.UI {
	return dom.El("dialog", dom.Attr("id", rotationID), dom.Class("dialog", "medium"), dom.Attr("aria-labelledby", "rotation-title"),
		dom.OnCancel("rotation", r.leave),
		dom.On("close", "rotation", func(event goapp.Event) { r.closed(event.Get("target").Get("open").Bool()) }),
		dom.El("form", dom.Class("dialog-form"), dom.Attr("method", "dialog"), dom.Flag("novalidate", true), dom.Attr("autocomplete", "off"),
			dom.On("submit", "rotation", func(event goapp.Event) {
				event.PreventDefault()
				r.submit(false, false)
			}),
			dom.On("input", "rotation", func(event goapp.Event) { r.changed(dom.String(event.Get("target").Get("id"))) }),
			dom.El("div", dom.Class("dialog-head"), dom.El("h2", dom.Attr("id", "rotation-title"), say("rotate.title"))),
			dom.El("div", dom.Class("dialog-body"), dom.Attr("id", "rotation-body"), dom.Attr("tabindex", "-1"),
				r.renderSummary(),
				dom.El("p", dom.Class("intro"), say("rotate.intro")),
				r.renderSecret(fields.ClientSecret),
				r.renderSecret(fields.SubscriptionKey),
				r.renderKeep(),
				r.renderRotateBy(),
			),
			r.renderFoot(),
		),
	)
}

// renderField is what all fields have in common.
func (r *rotationDialog) renderField(field fields.Field, label string, control goapp.UI) goapp.UI {
	id := rotationInput(field)
	name := []any{dom.Class("label"), dom.El("label", dom.Attr("id", id+"-label"), dom.Attr("for", id), label)}
	if field != fields.Keep {
		name = append(name, " ", dom.El("span", dom.Attr("id", id+"-optional"), dom.Class("optional"), say("optional")))
	}
	fault := []any{dom.Attr("id", id+"-error"), dom.Class("fault")}
	if words := r.fault(field); words != "" {
		fault = append(fault, dom.El("p", dom.Class("error"), dom.VisuallyHidden(say("error")), dom.El("span", words)))
	}
	return dom.El("div", dom.Class("field", faulty(r.fault(field) != "")),
		dom.El("div", name...),
		dom.El("p", dom.Attr("id", id+"-hint"), dom.Class("hint"), r.hint(field)),
		dom.El("div", fault...),
		dom.El("div", dom.Class("control"), control),
	)
}

// hint says besides what becomes of a value that is pending.
func (r *rotationDialog) hint(field fields.Field) string {
	words := say("rotate.hint." + string(field))
	if kept := r.page.detail.credential.Rotation; kept != nil && kept.State == paycor.RotationPending && slices.Contains(kept.Fields(), field) {
		words += " " + say("rotate.replaces", field.Label())
	}
	return words
}

// described are the attributes that tie a control to its words.
func (r *rotationDialog) described(field fields.Field) []any {
	id := rotationInput(field)
	by := id + "-hint"
	if field != fields.Keep {
		by = id + "-optional " + by
	}
	if r.fault(field) != "" {
		by += " " + id + "-error"
	}
	return []any{dom.Attr("id", id), dom.Attr("aria-describedby", by), dom.Attr("aria-invalid", dom.AriaBool(r.fault(field) != ""))}
}

func (r *rotationDialog) renderSecret(field fields.Field) goapp.UI {
	id := rotationInput(field)
	shape, reveal := "password", say("show")
	if r.shown[field] {
		shape, reveal = "text", say("hide")
	}
	return r.renderField(field, say("rotate.new", field.Label()), dom.El("div", dom.Class("secret"),
		dom.El("input", dom.Attr("type", shape), dom.Class("input", "code"), dom.Attr("autocomplete", "new-password"), dom.Attr("spellcheck", "false"), dom.Attr("autocapitalize", "off"),
			r.described(field)),
		dom.Button("small", id+"-reveal", reveal, dom.Attr("aria-controls", id), dom.Attr("aria-describedby", id+"-label"),
			dom.Click(id+"-reveal", func() { r.shown[field] = !r.shown[field] })),
	))
}

func (r *rotationDialog) renderKeep() goapp.UI {
	parts := []any{dom.Class("input"), r.described(fields.Keep)}
	for _, keep := range paycor.Keeps() {
		parts = append(parts, dom.El("option", dom.Attr("value", string(keep)), dom.InitiallySelected(keep == paycor.KeepDay), say("rotate.keep."+string(keep))))
	}
	return r.renderField(fields.Keep, say("rotate.keep"), dom.El("select", parts...))
}

func (r *rotationDialog) renderRotateBy() goapp.UI {
	return r.renderField(fields.RotateBy, say("rotate.next"),
		dom.El("input", dom.Attr("type", "date"), dom.Class("input", "date"), r.described(fields.RotateBy)))
}

// renderRotateBy is the date of the overlay.
func (e *editor) renderRotateBy() goapp.UI {
	return e.renderField(fields.RotateBy,
		dom.El("input", dom.Attr("type", "date"), dom.Class("input", "date"), e.described(fields.RotateBy), dom.InitialValue(string(e.draft().RotateBy))), nil)
}

// renderSummary is what is said at the top when the new secrets are not in use.
func (r *rotationDialog) renderSummary() goapp.UI {
	parts := []any{dom.Attr("id", rotationSummary), dom.Attr("tabindex", "-1"), dom.Attr("role", "alert")}
	look := "summary"
	switch {
	case len(r.problems) > 0:
		look = "summary shown bad"
		items := []any{}
		for _, problem := range r.problems {
			items = append(items, dom.El("li", r.renderPointer(problem)))
		}
		parts = append(parts, dom.El("h3", say("summary.problems")), dom.El("ul", items...))
	case r.failure != "":
		look = "summary shown bad"
		parts = append(parts, dom.El("h3", say("rotate.failed")), dom.El("p", r.failure))
	case r.swapped:
		look = "summary shown odd"
		parts = append(parts, dom.El("h3", say("summary.swapped")), r.page.renderVerdict("rotation", r.page.environment(r.page.detail.credential.Environment), r.page.detail.credential.ID, *r.verdict),
			dom.El("p", dom.Button("", "rotation-sure", say("rotate.confirm"), dom.Click("rotation-sure", func() { r.submit(false, true) }))))
	case r.verdict != nil:
		look = "summary shown odd"
		if r.verdict.Outcome == verdicts.OutcomeRejected {
			look = "summary shown bad"
		}
		parts = append(parts, dom.El("h3", say("rotate.refused")), r.page.renderVerdict("rotation", r.page.environment(r.page.detail.credential.Environment), r.page.detail.credential.ID, *r.verdict),
			dom.El("p", say("rotate.still")),
			dom.El("p", dom.Button("", "rotation-pend", say("rotate.keep-pending"), dom.Click("rotation-pend", func() { r.submit(true, true) }))))
	}
	return dom.El("div", append(parts, dom.Class(look))...)
}

// renderPointer leads to the field of a problem.
func (r *rotationDialog) renderPointer(problem fields.Problem) goapp.UI {
	if slices.Contains(rotationFields(), problem.Field) {
		return r.page.pointer(rotationInput(problem.Field), problem.Message)
	}
	return dom.El("span", problem.Message)
}

func (r *rotationDialog) renderFoot() goapp.UI {
	buttons := []any{dom.Class("buttons")}
	if r.asking {
		buttons = append(buttons,
			dom.El("p", dom.Class("question"), dom.Attr("role", "alert"), say("discard")),
			dom.Button("", "rotation-stay", say("discard.no"), dom.Click("rotation-stay", r.stay)),
			dom.Button("danger", "rotation-discard", say("discard.yes"), dom.Click("rotation-discard", r.close)),
		)
	} else {
		buttons = append(buttons, dom.Button("", "rotation-cancel", say("cancel"), dom.Click("rotation-cancel", r.leave)),
			dom.El("button", dom.Attr("type", "submit"), dom.Attr("id", "rotation-go"), dom.Class("button", "primary"), dom.El("span", say("rotate.go"))))
	}
	doing, steps := "", any(nil)
	if r.working {
		doing = say("rotate.testing")
	}
	if r.working || r.verdict != nil && !r.swapped {
		steps = renderSteps(r.steps)
	}
	return dom.El("div", dom.Class("dialog-foot"),
		dom.El("div", dom.Class("foot-status"), dom.El("p", dom.Attr("id", "rotation-status"), dom.Class("foot-words"), dom.Attr("role", "status"), doing), dom.Slot(steps)),
		dom.El("div", buttons...),
	)
}

// renderKept is the part of a credential's page about what a rotation keeps.
func (r *rotationDialog) renderKept() any {
	c := r.page.detail.credential
	switch {
	case c.Rotation == nil && r.page.lastError.target == errorAtRotation: // it is gone since something with it failed
		return r.page.renderError(errorAtRotation)
	case c.Rotation == nil:
		return nil
	}
	names := make([]string, len(c.Rotation.Values))
	for i, value := range c.Rotation.Values {
		names[i] = value.Field.Label()
	}
	what := strings.Join(names, say("and"))
	parts := []any{dom.Class("card"), dom.Attr("aria-labelledby", "kept"), dom.El("h2", dom.Attr("id", "kept"), say("rotation."+string(c.Rotation.State)))}
	if c.Rotation.State == paycor.RotationPrevious {
		parts = append(parts, dom.El("p", say("rotation.previous.words", what)), r.renderEnd(*c.Rotation))
		if r.page.can(paycor.RightEdit) {
			parts = append(parts, dom.El("p", dom.Class("muted", "small"), say("rotation.first"))) // there is no button Rotate
		}
	} else {
		parts = append(parts, dom.El("p", say("rotation.pending.words", what)), r.renderPending(*c.Rotation))
	}
	parts = append(parts, r.page.renderError(errorAtRotation), dom.Slot(r.renderStays(*c.Rotation)))
	if r.page.can(paycor.RightEdit) {
		parts = append(parts, dom.El("div", dom.Class("actions"), r.renderChoices(*c.Rotation)))
	}
	return dom.El("section", parts...)
}

// renderStays says why the way back was not taken.
func (r *rotationDialog) renderStays(kept paycor.Rotation) any {
	if r.stays == nil || kept.State != paycor.RotationPrevious {
		return nil
	}
	return dom.El("div", dom.Attr("id", "rotation-stays"), dom.Attr("tabindex", "-1"),
		r.page.renderVerdict("back", r.page.environment(r.page.detail.credential.Environment), r.page.detail.credential.ID, *r.stays))
}

// renderEnd says when the secrets before are destroyed.
func (r *rotationDialog) renderEnd(kept paycor.Rotation) goapp.UI {
	if kept.DiscardAt.IsZero() {
		return dom.El("p", dom.Class("muted", "small"), say("rotation.until-told"))
	}
	return dom.El("p", dom.Class("muted", "small"), dom.El("span", say("rotation.until")), moment(dayAndTime(kept.DiscardAt), kept.DiscardAt))
}

// renderPending says what Paycor said of the new secrets, or until when they
// were in use.
func (r *rotationDialog) renderPending(kept paycor.Rotation) goapp.UI {
	var parts []any
	if !kept.UsedUntil.IsZero() {
		parts = append(parts, dom.El("p", dom.Class("muted", "small"), dom.El("span", say("rotation.used")), moment(dayAndTime(kept.UsedUntil), kept.UsedUntil)))
	}
	switch {
	case kept.Verdict == nil && kept.UsedUntil.IsZero():
		return dom.El("p", dom.Class("muted", "small"), say("rotation.untested"))
	case kept.Verdict == nil:
		return dom.El("div", parts...)
	case kept.Verdict.Outcome == verdicts.OutcomeVerified: // once: it is in use no more
		return dom.El("div", append(parts, dom.El("p", dom.Class("muted", "small"), dom.El("span", say("rotation.accepted")), moment(dayAndTime(kept.Verdict.CheckedAt), kept.Verdict.CheckedAt)))...)
	}
	return dom.El("div", append(parts, r.page.renderVerdict("pending", r.page.environment(r.page.detail.credential.Environment), r.page.detail.credential.ID, *kept.Verdict),
		dom.El("p", dom.Class("muted", "small"), say("checked"), moment(ago(kept.Verdict.CheckedAt, r.page.now()), kept.Verdict.CheckedAt)))...)
}

func (r *rotationDialog) renderChoices(kept paycor.Rotation) []goapp.UI {
	if r.ending {
		return []goapp.UI{
			dom.El("p", dom.Class("question"), dom.Attr("role", "alert"), say("rotation.confirm."+string(kept.State))),
			dom.Button("", "rotation-keep", say("rotation.keep"), dom.Click("rotation-keep", r.dontEnd)),
			dom.Button("danger", "rotation-destroy", say("rotation.destroy"), dom.Click("rotation-destroy", r.end)),
		}
	}
	if kept.State == paycor.RotationPrevious {
		if r.stays != nil {
			return []goapp.UI{
				dom.Button("", "rotation-back", say("rotation.back.again"), dom.Click("rotation-back", func() { r.goBack(false) })),
				dom.Button("danger-quiet", "rotation-anyway", say("rotation.anyway"), dom.Click("rotation-anyway", func() { r.goBack(true) })),
				dom.Button("danger-quiet", "rotation-end", say("rotation.end"), dom.Click("rotation-end", r.ask)),
			}
		}
		return []goapp.UI{
			dom.Button("", "rotation-back", say("rotation.back"), dom.Click("rotation-back", func() { r.goBack(false) })),
			dom.Button("danger-quiet", "rotation-end", say("rotation.end"), dom.Click("rotation-end", r.ask)),
		}
	}
	return []goapp.UI{
		dom.Button("", "rotation-again", say("rotation.again"), dom.Click("rotation-again", r.testAgain)),
		dom.Button("danger-quiet", "rotation-end", say("rotation.discard"), dom.Click("rotation-end", r.ask)),
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
	return dom.El("span", dom.Class("reminder", look), dom.Icon("warned"), dom.El("span", words))
}
