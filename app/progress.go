package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// renderSteps shows the rungs of a verification and how each stands.
func renderSteps(steps []paycor.Step) goapp.UI {
	items := []any{class("steps"), at("aria-label", say("steps"))}
	for _, name := range paycor.StepNames() {
		step := paycor.Step{Name: name}
		for _, known := range steps {
			if known.Name == name {
				step = known
			}
		}
		if name == paycor.StepDataAccess && step.State == "" {
			continue // nobody looks at that this time
		}
		items = append(items, renderStep(step))
	}
	return el("ol", items...)
}

// renderStep is one rung. A rung that nobody has spoken of yet is waiting.
func renderStep(step paycor.Step) goapp.UI {
	how := string(step.State)
	if how == "" {
		how = "waiting"
	}
	words := []any{class("step-words"), el("span", class("step-name"), say("step."+string(step.Name)))}
	if step.Note != "" {
		words = append(words, el("span", class("step-note"), step.Note))
	}
	return el("li", class("step", "is-"+how), icon("step-"+how), el("span", words...), unseen(say("step.is."+how)))
}
