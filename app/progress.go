package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor/verdicts"
)

// renderSteps renders the steps of a verification and the state of each.
func renderSteps(w words, steps []verdicts.Step) goapp.UI {
	items := []any{dom.Class("steps"), dom.Attr("aria-label", w.say("steps"))}
	for _, name := range verdicts.StepNames() {
		step := verdicts.Step{Name: name}
		for _, known := range steps {
			if known.Name == name {
				step = known
			}
		}
		if name == verdicts.StepDataAccess && step.State == "" {
			continue // this verification skips it
		}
		items = append(items, renderStep(w, step))
	}
	return dom.El("ol", items...)
}

// stoppedAt returns the step that did not pass, or "".
func stoppedAt(steps []verdicts.Step) verdicts.StepName {
	for _, step := range steps {
		switch step.State {
		case verdicts.StepFailed, verdicts.StepOpen, verdicts.StepPending:
			return step.Name
		}
	}
	return ""
}

// renderStep renders a step. One without a state is waiting.
func renderStep(w words, step verdicts.Step) goapp.UI {
	how := string(step.State)
	if how == "" {
		how = "waiting"
	}
	parts := []any{dom.Class("step-words"), dom.El("span", dom.Class("step-name"), w.say("step."+string(step.Name)))}
	if !step.Note.IsZero() {
		parts = append(parts, dom.El("span", dom.Class("step-note"), w.sentence(step.Note)))
	}
	state := dom.VisuallyHidden(w.say("step.is." + how))
	if stoppedAt([]verdicts.Step{step}) != "" {
		state = dom.El("span", dom.Class("step-state"), w.say("step.is."+how))
	}
	return dom.El("li", dom.Class("step", "is-"+how), dom.Icon("step-"+how), dom.El("span", parts...), state)
}
