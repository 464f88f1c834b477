package app

import (
	"context"
	"errors"
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// findEntities is "Find it with Paycor": it verifies the draft without its
// Legal Entity ID and offers the entities that Paycor lists for it.
func (e *editor) findEntities() {
	if !e.open || e.work != idle || e.finding {
		return
	}
	draft := e.read()
	draft.LegalEntityID = ""
	rules := e.rules()
	rules.Verification = true
	report := paycor.Check(draft, rules)
	e.problems, e.warnings, e.failure, e.verdict, e.stopped = report.Problems, report.Warnings, "", nil, nothing
	if len(report.Problems) > 0 {
		e.findNote = ""
		e.point()
		return
	}
	if len(report.Swapped()) > 0 && !e.accepted {
		e.point()
		return
	}
	ctx, cancel := context.WithCancel(e.page.ctx)
	e.finding, e.cancel, e.found, e.findNote = true, cancel, nil, say("find.running")
	request := paycor.VerifyRequest{AcceptWarnings: e.accepted, SkipDataAccess: true, Draft: draft}
	if e.mode == editing {
		// The server fills blanks from the stored credential, its Legal
		// Entity ID included; the entities come along all the same.
		request.ID = e.base.ID
	}
	e.page.loop.Async(func() {
		defer cancel()
		verdict, err := e.page.service.VerifyDraft(ctx, request, nil)
		e.page.loop.Update(func() {
			if !e.finding {
				return
			}
			e.finding, e.cancel, e.findNote = false, nil, ""
			switch {
			case errors.Is(err, context.Canceled):
				e.findNote = say("find.stopped")
			case err != nil:
				e.fail(err)
			case len(verdict.Entities) > 0:
				e.found = verdict.Entities
				e.findNote = say("find.found", len(verdict.Entities))
				e.page.loop.AfterRender(func() { e.page.document.Focus(entityID(verdict.Entities[0])) })
			default:
				e.verdict, e.steps = &verdict, verdict.Steps
				e.point()
			}
		})
	})
}

// take puts the chosen entity into its field.
func (e *editor) take(entity verdicts.LegalEntity) {
	e.page.document.SetValue(inputID(fields.LegalEntityID), strconv.Itoa(int(entity.ID)))
	e.changed(inputID(fields.LegalEntityID))
	e.findNote = say("find.taken", entity.ID)
}

func entityID(entity verdicts.LegalEntity) string { return "entity-" + strconv.Itoa(int(entity.ID)) }

func (e *editor) renderFinder() goapp.UI {
	var offers any
	if len(e.found) > 0 {
		parts := []any{dom.Class("entities"), dom.El("legend", say("find.legend"))}
		for _, entity := range e.found {
			name := entity.Name
			if name == "" {
				name = say("find.nameless")
			}
			parts = append(parts, dom.El("label", dom.Class("choice"),
				dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", "entity"), dom.Attr("id", entityID(entity)), dom.Attr("value", strconv.Itoa(int(entity.ID))),
					dom.On("change", "take/"+entityID(entity), func(goapp.Event) { e.take(entity) })),
				dom.El("span", dom.Class("choice-words"), dom.El("span", dom.Class("choice-name"), name), dom.El("span", dom.Class("choice-id"), strconv.Itoa(int(entity.ID)))),
			))
		}
		offers = dom.El("fieldset", parts...)
	}
	return dom.El("div", dom.Class("finder"),
		dom.Button("small", "find", say("find"), dom.Click("find", e.findEntities)),
		dom.El("p", dom.Class("note"), dom.Attr("role", "status"), e.findNote),
		dom.Slot(offers),
	)
}
