package app

import (
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// inputID is the id of a field's input.
func inputID(field fields.Field) string { return "field-" + string(field) }

func labelID(field fields.Field) string    { return inputID(field) + "-label" }
func hintID(field fields.Field) string     { return inputID(field) + "-hint" }
func optionalID(field fields.Field) string { return inputID(field) + "-optional" }
func faultID(field fields.Field) string    { return inputID(field) + "-error" }

func faulty(on bool) string {
	if on {
		return "faulty"
	}
	return ""
}

// fault returns what is wrong with a field, or "": what Check or the server
// found, or what Paycor blames it for.
func (e *editor) fault(field fields.Field) string {
	for _, problem := range e.problems {
		if problem.Field == field {
			return sentence(problem.Message)
		}
	}
	if e.verdict != nil {
		for _, blamed := range e.verdict.Fields {
			if blamed == field {
				return sentence(e.verdict.Message)
			}
		}
	}
	return ""
}

// doubt returns what looks odd about a field, or "".
func (e *editor) doubt(field fields.Field) string {
	for _, warning := range e.warnings {
		if warning.Field == field {
			return sentence(warning.Message)
		}
	}
	return ""
}

// mendable reports whether "Remove it for me" can mend the field.
func (e *editor) mendable(field fields.Field) bool {
	for _, problem := range e.problems {
		if problem.Field == field {
			switch problem.Code {
			case fields.ProblemBlanks, fields.ProblemInvisible, fields.ProblemBearer, fields.ProblemHeaderName, fields.ProblemQuotes, fields.ProblemNotInteger:
				_, soil := paycor.MendField(field, e.page.document.Value(inputID(field)))
				return len(soil) > 0 && field != fields.Name && field != fields.Description
			}
		}
	}
	return false
}

// isOptional reports whether a field may stay blank.
func isOptional(field fields.Field) bool {
	return slices.ContainsFunc(paycor.FieldTable(), func(s paycor.FieldSpec) bool { return s.Field == field && s.Optional })
}

// renderField is what all fields have in common: label, hint, what is wrong,
// the control. The places of the words are always there (see slot).
func (e *editor) renderField(field fields.Field, control, below any) goapp.UI {
	// "(optional)" stands beside the label, so that the field's name stays the
	// connection guide's, letter for letter.
	label := []any{dom.Class("label"), dom.El("label", dom.Attr("id", labelID(field)), dom.Attr("for", inputID(field)), field.Label())}
	if isOptional(field) {
		label = append(label, " ", dom.El("span", dom.Attr("id", optionalID(field)), dom.Class("optional"), say("optional")))
	}
	return dom.El("div", dom.Class("field", faulty(e.fault(field) != "")),
		dom.El("div", label...),
		dom.El("p", dom.Attr("id", hintID(field)), dom.Class("hint"), say("hint."+string(field))),
		e.renderFault(field),
		dom.El("div", dom.Class("control"), control),
		dom.Slot(below),
	)
}

// renderFault says what is wrong or odd, and what was mended.
func (e *editor) renderFault(field fields.Field) goapp.UI {
	parts := []any{dom.Attr("id", faultID(field)), dom.Class("fault")}
	if fault := e.fault(field); fault != "" {
		parts = append(parts, dom.El("p", dom.Class("error"), dom.VisuallyHidden(say("error")), dom.El("span", fault)))
	} else if doubt := e.doubt(field); doubt != "" {
		parts = append(parts, dom.El("p", dom.Class("doubt"), dom.Icon("warned"), dom.El("span", doubt)))
	}
	if e.mendable(field) {
		parts = append(parts, dom.Button("small", "mend-"+string(field), say("fix"), dom.Attr("aria-describedby", labelID(field)),
			dom.Click("mend/"+string(field), func() { e.mend(field) })))
	}
	if mended := e.mended[field]; mended != "" {
		parts = append(parts, dom.El("p", dom.Class("mended"), dom.Attr("role", "status"), dom.Icon("verified"), dom.El("span", mended)))
	}
	return dom.El("div", parts...)
}

// described are the attributes that tie a control to its words.
func (e *editor) described(field fields.Field) []any {
	by := hintID(field)
	if isOptional(field) {
		by = optionalID(field) + " " + by
	}
	if e.fault(field) != "" || e.doubt(field) != "" {
		by += " " + faultID(field)
	}
	return []any{dom.Attr("id", inputID(field)), dom.Attr("aria-describedby", by), dom.Attr("aria-invalid", dom.AriaBool(e.fault(field) != "")),
		dom.Attr("aria-required", dom.AriaBool(!isOptional(field) && field != fields.Environment && field != fields.Grant))}
}

func (e *editor) renderName() goapp.UI {
	return e.renderField(fields.Name, dom.El("input", dom.Attr("type", "text"), dom.Class("input"), dom.Attr("autocomplete", "off"),
		e.described(fields.Name), dom.InitialValue(e.draft().Name)), nil)
}

func (e *editor) renderDescription() goapp.UI {
	return e.renderField(fields.Description, dom.El("textarea", dom.Class("input"), dom.Attr("rows", "2"), dom.Attr("autocomplete", "off"),
		e.described(fields.Description), dom.InitialText(e.draft().Description)), nil)
}

func (e *editor) renderEnvironment() goapp.UI {
	parts := []any{dom.Class("input"), e.described(fields.Environment)}
	chosen := e.draft().Environment
	for _, environment := range e.page.start.Environments {
		parts = append(parts, dom.El("option", dom.Attr("value", environment.Name), dom.InitiallySelected(environment.Name == chosen), environment.Title))
	}
	return e.renderField(fields.Environment, dom.El("select", parts...), nil)
}

func (e *editor) renderGrant() goapp.UI {
	parts := []any{dom.Class("input"), e.described(fields.Grant)}
	chosen := e.draft().Grant
	for _, grant := range []paycor.Grant{paycor.GrantClientCredentials, paycor.GrantAuthorizationCode} {
		parts = append(parts, dom.El("option", dom.Attr("value", string(grant)), dom.InitiallySelected(grant == chosen), say("grant."+string(grant))))
	}
	return e.renderField(fields.Grant, dom.El("select", parts...), nil)
}

// renderText is a field of one line that is no secret.
func (e *editor) renderText(field fields.Field, below any) goapp.UI {
	mode := ""
	if field == fields.LegalEntityID {
		mode = "numeric"
	}
	return e.renderField(field, dom.El("input", dom.Attr("type", "text"), dom.Class("input", "code"), dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"),
		dom.Attr("autocapitalize", "off"), dom.Attr("inputmode", mode), e.described(field), dom.InitialValue(e.draft().Value(field))), below)
}

// renderRotateBy renders the date to rotate the secrets by.
func (e *editor) renderRotateBy() goapp.UI {
	return e.renderField(fields.RotateBy,
		dom.El("input", dom.Attr("type", "date"), dom.Class("input", "date"), e.described(fields.RotateBy), dom.InitialValue(string(e.draft().RotateBy))), nil)
}
