package app

import (
	"context"
	"errors"
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
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
	e.page.async(func() {
		defer cancel()
		verdict, err := e.page.service.VerifyDraft(ctx, request, nil)
		e.page.do(func() {
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
				e.page.after(func() { e.page.surface.Focus(entityID(verdict.Entities[0])) })
			default:
				e.verdict, e.steps = &verdict, verdict.Steps
				e.point()
			}
		})
	})
}

// take puts the chosen entity into its field.
func (e *editor) take(entity paycor.LegalEntity) {
	e.page.surface.SetValue(inputID(paycor.FieldLegalEntityID), strconv.Itoa(int(entity.ID)))
	e.changed(inputID(paycor.FieldLegalEntityID))
	e.findNote = say("find.taken", entity.ID)
}

func entityID(entity paycor.LegalEntity) string { return "entity-" + strconv.Itoa(int(entity.ID)) }

func (e *editor) renderFinder() goapp.UI {
	var offers any
	if len(e.found) > 0 {
		parts := []any{class("entities"), el("legend", say("find.legend"))}
		for _, entity := range e.found {
			name := entity.Name
			if name == "" {
				name = say("find.nameless")
			}
			parts = append(parts, el("label", class("choice"),
				el("input", at("type", "radio"), at("name", "entity"), at("id", entityID(entity)), at("value", strconv.Itoa(int(entity.ID))),
					on("change", "take/"+entityID(entity), func(goapp.Event) { e.take(entity) })),
				el("span", class("choice-words"), el("span", class("choice-name"), name), el("span", class("choice-id"), strconv.Itoa(int(entity.ID)))),
			))
		}
		offers = el("fieldset", parts...)
	}
	return el("div", class("finder"),
		button("small", "find", say("find"), click("find", e.findEntities)),
		el("p", class("note"), at("role", "status"), e.findNote),
		slot(offers),
	)
}
