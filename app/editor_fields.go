package app

import (
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

const inputPrefix = "field-"

// inputID returns the ID of an input of the editor.
func inputID(field fields.Field) string { return inputPrefix + string(field) }

// formFields returns the editor's fields, in the order of the form.
func formFields() []fields.Field {
	var names []fields.Field
	for _, spec := range paycor.FieldTable() {
		names = append(names, spec.Field)
	}
	return names
}

// fieldSpec returns the row of the field table for a field.
func fieldSpec(field fields.Field) paycor.FieldSpec {
	table := paycor.FieldTable()
	return table[slices.IndexFunc(table, func(spec paycor.FieldSpec) bool { return spec.Field == field })]
}

// describeField says how a field of the table is labeled and typed.
func describeField(w words, field fields.Field) form.Input {
	spec := fieldSpec(field)
	input := form.Input{
		Label: w.fieldLabel(field), Hint: w.sentence(field.Hint()), Optional: spec.Optional,
		Required: !spec.Optional && spec.Input != fields.InputChoice,
		Code:     spec.Input == fields.InputText && spec.Judged,
		Numeric:  spec.Input == fields.InputNumber,
	}
	if spec.Input == fields.InputDate {
		input.Kind = "date"
	}
	return input
}

// renderFields renders the fields of the table, either the basic or the
// advanced ones.
func (e *editor) renderFields(advanced bool) []any {
	var parts []any
	for _, spec := range paycor.FieldTable() {
		switch {
		case spec.Advanced != advanced:
		case advanced && spec.Application:
			parts = append(parts, dom.El("div", dom.Flag("hidden", e.application.used != ""), e.renderField(spec)))
		default:
			parts = append(parts, e.renderField(spec))
		}
	}
	return parts
}

func (e *editor) renderField(spec paycor.FieldSpec) goapp.UI {
	value := e.initialDraft().Value(spec.Field)
	switch {
	case spec.Secret():
		return e.secrets.render(spec.Field)
	case spec.Input == fields.InputChoice:
		return e.RenderSelect(spec.Field, value, e.choices(spec.Field))
	case spec.Input == fields.InputLines:
		return e.RenderTextarea(spec.Field, "2", value)
	case spec.Field == fields.ClientID:
		return e.RenderInput(spec.Field, value, e.application.render())
	case spec.Field == fields.Name:
		return dom.El("div", dom.Flag("hidden", e.batch.active), e.RenderInput(spec.Field, value, nil))
	case spec.Field == fields.LegalEntityID:
		return dom.El("div",
			dom.El("div", dom.Flag("hidden", e.batch.active), e.RenderInput(spec.Field, value, e.entities.render())),
			dom.Slot(e.batch.render()))
	}
	return e.RenderInput(spec.Field, value, nil)
}

// choices returns the options of a field with a list of choices.
func (e *editor) choices(field fields.Field) []form.Option {
	var options []form.Option
	if field == fields.Environment {
		for _, environment := range e.page.start.Environments {
			options = append(options, form.Option{Value: environment.Name, Text: e.page.sentence(environment.Title())})
		}
		return options
	}
	for _, grant := range []paycor.Grant{paycor.GrantClientCredentials, paycor.GrantAuthorizationCode} {
		options = append(options, form.Option{Value: string(grant), Text: e.page.say("grant." + string(grant))})
	}
	return options
}

// renderAdvanced renders the fields that few people need. It is expanded if one
// of them has a value or an error. Those of a saved application are hidden.
func (e *editor) renderAdvanced() goapp.UI {
	open, initial := e.advanced, e.initialDraft()
	for _, spec := range paycor.FieldTable() {
		open = open || spec.Advanced && (e.Error(spec.Field) != "" || e.operation == opUpdate && isBlamed(e.base, spec.Field) ||
			e.operation != opCreate && spec.Field != fields.Grant && initial.Value(spec.Field) != "") // a grant always has a value
	}
	return dom.El("details", dom.Attr("id", "advanced"), dom.Class("advanced"), dom.Flag("open", open),
		dom.El("summary", e.page.say("advanced")),
		dom.El("div", append([]any{dom.Class("advanced-body")}, e.renderFields(true)...)...),
	)
}
