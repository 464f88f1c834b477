package app

import (
	"strings"

	"paycorcred/app/dom"
	"paycorcred/paycor"
)

// swap moves values that look like another field's to that field.
func (e *editor) swap() {
	draft := e.draft()
	unswapped, ok := draft.Unswapped()
	if !ok || e.IsBusy() {
		return
	}
	var moved []string
	for _, spec := range paycor.FieldTable() {
		if value := unswapped.Value(spec.Field); value != draft.Value(spec.Field) {
			e.SetValue(spec.Field, value)
			e.changed(inputID(spec.Field))
			moved = append(moved, e.page.fieldLabel(spec.Field))
		}
	}
	e.resetAttempt()
	e.swapped = e.page.say("swap.done", strings.Join(moved, ", "))
	e.focusSave()
}

// renderSwap offers to move values that were entered in each other's fields.
func (e *editor) renderSwap() any {
	if len(e.Problems) == 0 && e.blocker != blockSwapped {
		return nil
	}
	if _, ok := e.draft().Unswapped(); !ok {
		return nil
	}
	button := dom.El("p", dom.Button("primary", "swap", e.page.say("swap"), dom.Click("swap", e.swap)))
	if len(e.Problems) == 0 { // the title says what to swap
		return button
	}
	return dom.El("div", dom.Class("swap"), dom.El("h3", e.page.say("summary.swapped")), button)
}
