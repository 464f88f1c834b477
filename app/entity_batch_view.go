package app

import (
	"slices"
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor/verdicts"
)

const (
	batchNamesID  = "batch-names"
	batchSearchID = "batch-search"
)

// fewEntities is how many legal entities are listed without a search.
const fewEntities = 8

func batchID(entity verdicts.LegalEntity) string { return "batch-" + strconv.Itoa(int(entity.ID)) }

// renderStart offers to add several legal entities, where one credential is added and
// Paycor lists several.
func (b *entityBatch) renderStart() any {
	e := b.editor
	if e.operation == opUpdate || len(e.entities.found) < 2 {
		return nil
	}
	return dom.Button("small", "batch-start", e.page.say("batch.start"), dom.Click("batch-start", b.start))
}

// render renders the list of legal entities to tick, and the pattern of the names.
func (b *entityBatch) render() any {
	if !b.active {
		return nil
	}
	w := b.editor.page.words
	list := []any{dom.Class("batch-list")}
	for _, entity := range b.shown() {
		list = append(list, b.renderEntity(entity))
	}
	return dom.El("div", dom.Class("batch"),
		dom.El("fieldset", dom.Class("entities"), dom.Attr("aria-describedby", "batch-hint"),
			dom.El("legend", w.say("batch.legend")),
			dom.El("p", dom.Class("hint"), dom.Attr("id", "batch-hint"), w.say("batch.hint")),
			dom.Slot(b.renderSearch()),
			dom.El("div", dom.Class("batch-bar"),
				dom.Button("small", "batch-all", w.say("batch.all"), dom.Click("batch-all", func() { b.tickShown(true) })),
				dom.Button("small", "batch-clear", w.say("batch.clear"), dom.Click("batch-clear", func() { b.tickShown(false) })),
				dom.El("span", dom.Class("note"), dom.Attr("role", "status"), w.say("batch.count", w.number(len(b.chosen())), w.number(len(b.editor.entities.found)))),
			),
			dom.El("div", list...),
		),
		b.renderNames(),
		dom.El("p", dom.Button("small", "batch-end", w.say("batch.end"), dom.Click("batch-end", b.end))),
	)
}

func (b *entityBatch) renderSearch() any {
	if len(b.editor.entities.found) <= fewEntities {
		return nil
	}
	return dom.El("div", dom.Class("field"),
		dom.El("label", dom.Attr("for", batchSearchID), b.editor.page.say("batch.search")),
		dom.El("input", dom.Attr("type", "search"), dom.Attr("id", batchSearchID), dom.Class("input"), dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"),
			dom.On("input", batchSearchID, func(event goapp.Event) { b.search = dom.String(event.Get("target").Get("value")) })))
}

// renderEntity renders a legal entity to tick. One that has a credential says so instead.
func (b *entityBatch) renderEntity(entity verdicts.LegalEntity) goapp.UI {
	w, id, saved := b.editor.page.words, batchID(entity), b.savedAs(entity)
	about := any(nil)
	switch failure := b.results[entity.ID].failure; {
	case saved != "":
		about = dom.El("span", dom.Class("hint"), w.say("batch.saved-as", saved))
	case failure != "":
		about = dom.El("span", dom.Class("error"), failure)
	}
	return dom.El("label", dom.Class("choice"),
		dom.El("input", dom.Attr("type", "checkbox"), dom.Attr("id", id), dom.Property("checked", b.ticked[entity.ID]), dom.Flag("disabled", saved != "" || b.running != nil),
			dom.On("change", id, func(event goapp.Event) { b.tick(entity, event.Get("target").Get("checked").Bool()) })),
		dom.El("span", dom.Class("choice-text"),
			entityWords(w, entity),
			about))
}

func (b *entityBatch) renderNames() goapp.UI {
	w, hint := b.editor.page.words, "batch-names-hint"
	found := b.editor.entities.found
	example := found[max(0, slices.IndexFunc(found, func(entity verdicts.LegalEntity) bool { return b.savedAs(entity) == "" }))]
	if chosen := b.chosen(); len(chosen) > 0 {
		example = chosen[0]
	}
	return dom.El("div", dom.Class("field"),
		dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", batchNamesID), w.say("batch.names"))),
		dom.El("p", dom.Attr("id", hint), dom.Class("hint"), w.say("batch.names.hint", patternEntity, patternID, b.nameOf(example))),
		dom.El("input", dom.Attr("type", "text"), dom.Attr("id", batchNamesID), dom.Class("input"), dom.Attr("autocomplete", "off"), dom.Attr("aria-describedby", hint), dom.Attr("aria-required", "true"),
			dom.On("input", batchNamesID, func(event goapp.Event) { b.pattern = dom.String(event.Get("target").Get("value")) })))
}

// statusText says how far a run is.
func (b *entityBatch) statusText() string {
	w := b.editor.page.words
	return w.say("batch.running", w.number(min(b.done+1, b.total)), w.number(b.total))
}

// notice says after a run which ones were not saved, and why.
func (b *entityBatch) notice() *form.Notice {
	if b.running != nil || b.missing == 0 {
		return nil
	}
	w := b.editor.page.words
	items, untried, saved := []any{}, 0, 0
	for _, entity := range b.editor.entities.found {
		switch result, tried := b.results[entity.ID]; {
		case result.saved.ID != "":
			saved++
		case result.failure != "":
			items = append(items, dom.El("li", w.say("batch.failed", b.nameOf(entity), result.failure)))
		case tried:
			untried++
		}
	}
	body := []any{}
	if len(items) > 0 {
		body = append(body, dom.El("ul", items...))
	}
	if b.reason != "" {
		body = append(body, dom.El("p", b.reason))
	}
	if untried > 0 {
		body = append(body, dom.El("p", w.count(untried, "batch.untried")))
	}
	if saved > 0 {
		body = append(body, dom.El("p", w.count(saved, "batch.kept")))
	}
	return &form.Notice{Title: w.say("batch.partial", w.number(saved), w.number(saved+b.missing)), Severe: len(items) > 0, Body: body}
}
