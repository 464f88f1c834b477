package app

import (
	"context"
	"errors"
	"slices"
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// entityFinder is "Find it with Paycor" next to the Legal Entity ID: it offers
// the legal entities that Paycor lists for the other values.
type entityFinder struct {
	editor  *editor
	running bool
	found   []verdicts.LegalEntity
	note    string // what was found
}

func (f *entityFinder) reset() {
	f.running, f.found, f.note = false, nil, ""
	f.editor.batch.reset()
}

// forget drops entities that were found with other values.
func (f *entityFinder) forget() {
	f.found = nil
	f.editor.batch.reset()
	if !f.running {
		f.note = ""
	}
}

// find verifies the draft without its Legal Entity ID.
func (f *entityFinder) find() {
	e := f.editor
	if !e.IsOpen() || e.IsBusy() {
		return
	}
	draft := e.draft()
	draft.LegalEntityID = ""
	rules := e.rules()
	rules.Verification = true
	report := paycor.Check(draft, rules)
	e.Problems, e.Warnings, e.Failure, e.Verdict, e.blocker = report.Problems, report.Warnings, "", nil, blockNone
	if len(report.Problems) > 0 {
		f.note = ""
		e.FocusSummary()
		return
	}
	if len(report.Swapped()) > 0 && !e.acceptWarnings {
		e.FocusSummary()
		return
	}
	ctx := e.Start(e.page.ctx, true)
	f.running, f.found, f.note = true, nil, f.editor.page.say("find.running")
	// The server fills in the stored Legal Entity ID of an edited credential. Paycor
	// lists the entities anyway.
	request := e.verifyRequest(draft)
	request.SkipDataAccess = true
	e.Loop.Async(func() {
		verdict, err := e.page.service.VerifyDraft(ctx, request, nil)
		e.Loop.Update(func() {
			if f.running {
				f.show(verdict, err)
			}
		})
	})
}

// show shows the entities that were found.
func (f *entityFinder) show(verdict verdicts.Verdict, err error) {
	e := f.editor
	e.Finish()
	f.running, f.note = false, ""
	switch {
	case errors.Is(err, context.Canceled):
		f.note = f.editor.page.say("find.stopped")
	case err != nil:
		e.fail(err)
	case len(verdict.Entities) > 0:
		f.found, f.note = verdict.Entities, f.editor.page.count(len(verdict.Entities), "find.found")
		e.Loop.AfterRender(func() { e.Document.Focus(entityID(verdict.Entities[0])) })
	default:
		e.Verdict, e.steps = &verdict, verdict.Steps
		e.FocusSummary()
	}
}

// choose puts an entity into its field.
func (f *entityFinder) choose(entity verdicts.LegalEntity) {
	f.editor.SetValue(fields.LegalEntityID, strconv.Itoa(int(entity.ID)))
	f.editor.changed(inputID(fields.LegalEntityID))
	f.note = f.editor.page.say("find.taken", entity.ID)
}

func entityID(entity verdicts.LegalEntity) string { return "entity-" + strconv.Itoa(int(entity.ID)) }

func (f *entityFinder) render() goapp.UI {
	return dom.El("div", dom.Class("finder"),
		dom.Button("small", "find", f.editor.page.say("find"), dom.Click("find", f.find)),
		dom.El("p", dom.Class("note"), dom.Attr("role", "status"), f.note),
		dom.Slot(f.renderFound()),
		dom.Slot(f.editor.batch.renderStart()),
	)
}

func (f *entityFinder) renderFound() any {
	if len(f.found) == 0 {
		return nil
	}
	parts := []any{dom.Class("entities"), dom.El("legend", f.editor.page.say("find.legend"))}
	for _, entity := range f.found {
		parts = append(parts, dom.El("label", dom.Class("choice"),
			dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", "entity"), dom.Attr("id", entityID(entity)), dom.Attr("value", strconv.Itoa(int(entity.ID))),
				dom.On("change", entityID(entity), func(goapp.Event) { f.choose(entity) })),
			entityWords(f.editor.page.words, entity),
		))
	}
	return dom.El("fieldset", parts...)
}

// entityWords renders the name and ID of a legal entity to choose.
func entityWords(w words, entity verdicts.LegalEntity) goapp.UI {
	name := entity.Name
	if name == "" {
		name = w.say("find.nameless")
	}
	return dom.El("span", dom.Class("choice-words"), dom.El("span", dom.Class("choice-name"), name), dom.El("span", dom.Class("choice-id"), strconv.Itoa(int(entity.ID))))
}

// offersEntities reports whether a verdict blames only the Legal Entity ID, and Paycor
// listed others.
func offersEntities(verdict verdicts.Verdict) bool {
	return len(verdict.Entities) > 0 && slices.Equal(verdict.Fields, []fields.Field{fields.LegalEntityID})
}

// renderEntityButtons offers at most some legal entities. scope keeps IDs apart.
func renderEntityButtons(w words, scope string, entities []verdicts.LegalEntity, most int, choose func(verdicts.LegalEntity)) goapp.UI {
	parts := []any{dom.Class("actions")}
	for _, entity := range entities[:min(len(entities), most)] {
		label := w.say("entity.use.nameless", int(entity.ID))
		if entity.Name != "" {
			label = w.say("entity.use", entity.Name, int(entity.ID))
		}
		id := scope + "-" + entityID(entity)
		parts = append(parts, dom.Button("small", id, label, dom.Click(id, func() { choose(entity) })))
	}
	return dom.El("p", parts...)
}

// renderEntityChoices offers legal entities where Paycor rejects the entered one. All
// of them are next to the field.
func (e *editor) renderEntityChoices() any {
	if !offersEntities(*e.Verdict) {
		return nil
	}
	return renderEntityButtons(e.page.words, "use", e.Verdict.Entities, 6, func(entity verdicts.LegalEntity) {
		e.entities.choose(entity)
		e.Verdict, e.steps, e.blocker = nil, nil, blockNone // it was about another one
		e.focusSave()
	})
}
