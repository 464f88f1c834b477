package form

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor/fields"
)

// Reveal makes a secret readable while it is typed.
func (f *Form) Reveal(field fields.Field) {
	if f.revealed == nil {
		f.revealed = map[fields.Field]bool{}
	}
	f.revealed[field] = true
}

// Conceal masks a secret again.
func (f *Form) Conceal(field fields.Field) { delete(f.revealed, field) }

func (f *Form) toggleReveal(field fields.Field) {
	if f.revealed[field] {
		f.Conceal(field)
	} else {
		f.Reveal(field)
	}
}

// RenderSecret renders a field that is masked while it is typed, with a button
// that reveals it.
func (f *Form) RenderSecret(field fields.Field) goapp.UI {
	return f.RenderField(field, f.SecretControl(field, false), nil)
}

// SecretControl renders the input of a secret and its reveal button. A hidden
// one keeps its place in the document.
func (f *Form) SecretControl(field fields.Field, hidden bool) goapp.UI {
	kind, label := "password", f.say("show")
	if f.revealed[field] {
		kind, label = "text", f.say("hide")
	}
	id := f.InputID(field)
	return dom.El("div", dom.Class("secret"), dom.Flag("hidden", hidden),
		// new-password keeps browsers from offering or storing the secret.
		dom.El("input", dom.Attr("type", kind), dom.Class("input", "code"), dom.Attr("autocomplete", "new-password"),
			dom.Attr("spellcheck", "false"), dom.Attr("autocapitalize", "off"), f.ControlAttrs(field)),
		// The data attributes let boot.js reveal a secret before the program runs.
		dom.Button("small", id+"-reveal", label, dom.Attr("aria-controls", id), dom.Attr("aria-describedby", f.LabelID(field)),
			dom.Attr("data-reveals", id), dom.Attr("data-show", f.say("show")), dom.Attr("data-hide", f.say("hide")),
			dom.Click(id+"-reveal", func() { f.toggleReveal(field) })),
	)
}
