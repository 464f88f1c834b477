package form

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor/fields"
)

// Input describes how a field is labeled and typed.
type Input struct {
	Label any // text, or elements
	Hint  string

	Group    bool // radio buttons or checkboxes, which the owner renders
	Optional bool // "(optional)" is shown next to the label
	Required bool // for assistive technology

	Kind    string // of the input element: text, date, search. Empty means text
	Code    bool   // a value in a fixed-width font that is not spell-checked
	Numeric bool   // a numeric keyboard on touch screens

	// AnnounceError makes the error an alert. It is for forms that have no
	// summary to move the focus to.
	AnnounceError bool
}

// RenderField renders the common parts of a field: label, hint, error, and the
// control. below comes after the control.
func (f *Form) RenderField(field fields.Field, control, below any) goapp.UI {
	input := f.Describe(field)
	label := []any{dom.Class("label"), dom.El("label", dom.Attr("id", f.LabelID(field)), dom.Attr("for", f.InputID(field)), input.Label)}
	if input.Optional {
		// Next to the label and not in it: the label keeps the name of the
		// field in Paycor's connection guide.
		label = append(label, " ", dom.El("span", dom.Attr("id", f.optionalID(field)), dom.Class("optional"), f.say("optional")))
	}
	return dom.El("div", dom.Class("field", ErrorClass(f.Error(field) != "")),
		dom.El("div", label...),
		dom.El("p", dom.Attr("id", f.hintID(field)), dom.Class("hint"), input.Hint),
		f.RenderError(field),
		dom.El("div", dom.Class("control"), control),
		dom.Slot(below),
	)
}

// ErrorClass returns the class of a field or group with an error.
func ErrorClass(hasError bool) string {
	if hasError {
		return "has-error"
	}
	return ""
}

// RenderError renders a field's error or warning, and what was removed from the
// field.
func (f *Form) RenderError(field fields.Field) goapp.UI {
	parts := []any{dom.Attr("id", f.ErrorID(field)), dom.Class("field-error")}
	if f.Describe != nil && f.Describe(field).AnnounceError {
		parts = append(parts, dom.Attr("role", "alert"))
	}
	if text := f.Error(field); text != "" {
		parts = append(parts, dom.El("p", dom.Class("error"), dom.VisuallyHidden(f.say("error")), dom.El("span", text)))
	} else if text := f.Warning(field); text != "" {
		parts = append(parts, dom.El("p", dom.Class("field-warning"), dom.Icon("warned"), dom.El("span", text)))
	}
	return dom.El("div", append(parts, f.renderClean(field)...)...)
}

// ControlAttrs returns the attributes that tie a control to its label, hint and
// error.
func (f *Form) ControlAttrs(field fields.Field) []any {
	input := f.Describe(field)
	describedBy := f.hintID(field)
	if input.Optional {
		describedBy = f.optionalID(field) + " " + describedBy
	}
	if f.Error(field) != "" || f.Warning(field) != "" {
		describedBy += " " + f.ErrorID(field)
	}
	return []any{dom.Attr("id", f.InputID(field)), dom.Attr("aria-describedby", describedBy),
		dom.Attr("aria-invalid", dom.AriaBool(f.Error(field) != "")), dom.Attr("aria-required", dom.AriaBool(input.Required))}
}

// RenderInput renders a single-line field. value is its content in the server's
// HTML.
func (f *Form) RenderInput(field fields.Field, value string, below any) goapp.UI {
	return f.RenderField(field, dom.El("input", append(f.inputAttrs(field), f.ControlAttrs(field), dom.InitialValue(value))...), below)
}

func (f *Form) inputAttrs(field fields.Field) []any {
	input := f.Describe(field)
	kind := input.Kind
	if kind == "" {
		kind = "text"
	}
	attrs := []any{dom.Attr("type", kind), dom.Attr("autocomplete", "off")}
	switch {
	case input.Code:
		attrs = append(attrs, dom.Class("input", "code"), dom.Attr("spellcheck", "false"), dom.Attr("autocapitalize", "off"))
	case kind == "date":
		attrs = append(attrs, dom.Class("input", "date"))
	default:
		attrs = append(attrs, dom.Class("input"))
	}
	if input.Numeric {
		attrs = append(attrs, dom.Attr("inputmode", "numeric"))
	}
	return attrs
}

// RenderTextarea renders a multi-line field.
func (f *Form) RenderTextarea(field fields.Field, rows, value string) goapp.UI {
	parts := []any{dom.Class("input"), dom.Attr("rows", rows), dom.Attr("autocomplete", "off"), f.ControlAttrs(field), dom.InitialText(value)}
	if f.Describe(field).Code {
		parts = append(parts, dom.Attr("spellcheck", "false"))
	}
	return f.RenderField(field, dom.El("textarea", parts...), nil)
}

// Option is one choice of a select.
type Option struct{ Value, Text string }

// RenderSelect renders a field with a list of choices. chosen is selected in the
// server's HTML. more are further attributes, such as a listener.
func (f *Form) RenderSelect(field fields.Field, chosen string, options []Option, more ...any) goapp.UI {
	parts := append([]any{dom.Class("input"), f.ControlAttrs(field)}, more...)
	for _, option := range options {
		parts = append(parts, dom.El("option", dom.Attr("value", option.Value), dom.InitiallySelected(option.Value == chosen), option.Text))
	}
	return f.RenderField(field, dom.El("select", parts...), nil)
}
