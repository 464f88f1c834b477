package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// render renders the overlay: the form, and beside it the guide to the values.
func (e *editor) render() goapp.UI {
	body := append([]any{dom.Class("form"),
		e.RenderSummary(e.page.say("summary.failed"), e.notice(), e.conflict.render(), e.renderSwap()),
		e.renderIntro(),
	}, e.renderFields(false)...)
	view := form.View{
		Title: e.page.say("add.title"), BodyClass: "split", Submit: e.page.say("save"), Busy: e.busyLabel(), Status: e.statusText(),
		Body: []any{dom.El("div", append(body, e.renderAdvanced())...), renderGuide(e)},
	}
	if e.operation == opUpdate {
		view.Title = e.page.say("edit.title")
	}
	if n := len(e.batch.chosen()); n > 0 {
		view.Submit = e.page.count(n, "batch.save")
	}
	if e.IsBusy() && !e.entities.running && e.batch.running == nil || e.Verdict != nil && e.blocker != blockChanged {
		view.Steps = renderSteps(e.page.words, e.steps)
	}
	view.Quiet = e.blocker == blockReplace
	if e.blocker.overridable() && !e.IsBusy() {
		view.Buttons = []any{dom.Button("", "save-anyway", e.page.say("save.anyway"), dom.Click("save-anyway", e.saveAnyway))}
	}
	return e.Render(view)
}

// renderIntro says what to know before the first field.
func (e *editor) renderIntro() goapp.UI {
	switch e.operation {
	case opUpdate:
		return dom.El("div", dom.Class("stack"), dom.El("p", dom.Class("intro"), e.page.say("edit.intro")), e.page.detail.renderShared("edit-users"))
	case opDuplicate:
		if e.application.used != "" {
			return dom.El("p", dom.Class("intro"), e.page.say("duplicate.intro.saved", e.base.Name))
		}
		return dom.El("p", dom.Class("intro", "warn"), e.page.say("duplicate.intro", e.base.Name))
	}
	return dom.El("p", dom.Class("intro"), e.page.say("add.intro"))
}

// busyLabel is the label of Save while it works. It is empty while something else does.
func (e *editor) busyLabel() string {
	switch {
	case e.entities.running:
		return ""
	case e.saving:
		return e.page.say("save.running")
	}
	return e.page.say("save.checking")
}

// statusText says in one line what a save is doing, or what "Save anyway" does.
func (e *editor) statusText() string {
	switch {
	case e.batch.running != nil:
		return e.batch.statusText()
	case e.stopped && e.batch.active:
		return e.page.say("batch.stopped")
	case e.stopped:
		return e.page.say("fail.stopped")
	case e.swapped != "":
		return e.swapped
	case e.saving:
		return e.page.say("save.running")
	case e.replacement.checking:
		return e.page.say("replace.checking")
	case e.IsBusy() && !e.entities.running && e.slow:
		return e.page.say("verify.slow")
	case e.IsBusy() && !e.entities.running:
		return e.page.say("verify.running")
	case e.replacement.kept:
		return e.page.say("replace.kept-others")
	case e.blocker == blockReplace:
		return e.page.say("replace.not-saved")
	case e.blocker == blockSwapped:
		return e.page.say("save.swapped")
	case e.blocker == blockDuplicate:
		return e.page.say("save.duplicate")
	case e.blocker == blockChanged:
		return e.page.say("save.changed")
	case e.blocker == blockNotVerified && e.Verdict != nil:
		return e.page.say("save.as." + string(e.Verdict.Outcome))
	}
	return ""
}

// notice says in the summary why a save stopped.
func (e *editor) notice() *form.Notice {
	switch {
	case e.blocker == blockSwapped:
		return &form.Notice{Title: e.page.say("summary.swapped"),
			Body: []any{e.RenderLinks(paycor.Report{Warnings: e.Warnings}.Swapped()), dom.El("p", e.page.say("summary.swapped-help")), e.renderSwap()}}
	case e.blocker == blockDuplicate:
		return &form.Notice{Title: e.page.say("summary.duplicate"), Body: []any{e.duplicates.render(), dom.El("p", e.page.say("summary.duplicate-help"))}}
	case e.blocker == blockReplace:
		return e.replacement.notice()
	case e.batch.active && e.Verdict == nil:
		return e.batch.notice()
	case e.Verdict != nil:
		return &form.Notice{Title: e.page.say("outcome." + string(e.Verdict.Outcome)), Severe: e.Verdict.Outcome == verdicts.OutcomeRejected,
			Body: []any{e.page.renderVerdict("draft", e.page.environment(e.environment), "", *e.Verdict),
				e.renderBlamedFields(), e.renderEntityChoices(), e.renderActivate(), e.peer.render(e.environment, *e.Verdict)}}
	}
	return nil
}

// renderBlamedFields links to the fields a verdict blames.
func (e *editor) renderBlamedFields() any {
	if len(e.Verdict.Fields) == 0 {
		return nil
	}
	items := []any{dom.Class("blamed")}
	for _, field := range e.Verdict.Fields {
		items = append(items, dom.El("li", e.RenderLink(field, e.page.say("summary.go", e.page.fieldLabel(field)))))
	}
	return dom.El("ul", items...)
}

// renderActivate offers to save and activate, if only the activation is
// missing.
func (e *editor) renderActivate() any {
	if e.Verdict.Outcome != verdicts.OutcomeNeedsActivation || e.blocker != blockNotVerified {
		return nil
	}
	return dom.El("p", dom.Button("primary", "save-activate", e.page.say("save.activate"), dom.Click("save-activate", e.saveAndActivate)))
}
