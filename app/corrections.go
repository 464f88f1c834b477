package app

import (
	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// corrections are the values of a credential that Paycor rejects, on the credential's page.
type corrections struct{ *detailPage }

func (o *detailPage) corrections() corrections { return corrections{o} }

// fields returns what the form can correct: not a secret while a newer one waits to be used,
// nor a legal entity that is chosen from those that Paycor listed. Secrets come first, because
// a typing error in one of them can't be seen.
func (o corrections) fields() (correct []fields.Field) {
	if o.credential.State != paycor.StateRejected || !o.page.can(paycor.RightEdit) {
		return nil
	}
	for _, secret := range []bool{true, false} {
		for _, field := range o.credential.LastConclusive.Fields {
			if field.Secret() == secret && o.canCorrect(field) {
				correct = append(correct, field)
			}
		}
	}
	return correct
}

func (o corrections) canCorrect(field fields.Field) bool {
	switch field {
	case fields.ClientSecret, fields.SubscriptionKey:
		return !hasNewerSecret(o.credential)
	case fields.LegalEntityID:
		return !offersEntities(*o.credential.LastConclusive)
	}
	return field == fields.ClientID || field == fields.Scope
}

// render asks for the values, beside Paycor's answer.
func (o corrections) render() any {
	buttons, style := []any{dom.Class("actions")}, "primary"
	for _, field := range o.fields() {
		id := "enter-" + string(field)
		buttons = append(buttons, dom.Button(style, id, o.page.say("enter", o.page.fieldLabel(field)), dom.Attr("aria-haspopup", "dialog"),
			dom.Click(id, func() { o.enter(field) })))
		style = ""
	}
	if len(buttons) == 1 {
		return nil
	}
	return dom.El("p", buttons...)
}

// enter opens the form at a field, which is empty if it is a secret.
func (o corrections) enter(field fields.Field) {
	editor := o.page.editor
	editor.openFor(opUpdate, o.credential, "enter-"+string(field))
	editor.advanced = field == fields.Scope // a field that is not shown gets no focus
	editor.secrets.replacing[field] = true
	editor.FocusField(field)
}
