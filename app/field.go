package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// inputID is the id of a field's input.
func inputID(field paycor.Field) string { return "field-" + string(field) }

func labelID(field paycor.Field) string    { return inputID(field) + "-label" }
func hintID(field paycor.Field) string     { return inputID(field) + "-hint" }
func optionalID(field paycor.Field) string { return inputID(field) + "-optional" }
func faultID(field paycor.Field) string    { return inputID(field) + "-error" }

// yes is the value of an ARIA attribute that is left out when false.
func yes(on bool) string {
	if on {
		return "true"
	}
	return ""
}

func faulty(on bool) string {
	if on {
		return "faulty"
	}
	return ""
}

// fault returns what is wrong with a field, or "": what Check or the server
// found, or what Paycor blames it for.
func (e *editor) fault(field paycor.Field) string {
	for _, problem := range e.problems {
		if problem.Field == field {
			return problem.Message
		}
	}
	if e.verdict != nil {
		for _, blamed := range e.verdict.Fields {
			if blamed == field {
				return e.verdict.Message
			}
		}
	}
	return ""
}

// doubt returns what looks odd about a field, or "".
func (e *editor) doubt(field paycor.Field) string {
	for _, warning := range e.warnings {
		if warning.Field == field {
			return warning.Message
		}
	}
	return ""
}

// mendable reports whether "Remove it for me" can mend the field.
func (e *editor) mendable(field paycor.Field) bool {
	for _, problem := range e.problems {
		if problem.Field == field {
			switch problem.Code {
			case paycor.ProblemBlanks, paycor.ProblemInvisible, paycor.ProblemBearer, paycor.ProblemHeaderName, paycor.ProblemQuotes, paycor.ProblemNotInteger:
				_, soil := paycor.MendField(field, e.page.surface.Value(inputID(field)))
				return len(soil) > 0 && field != paycor.FieldName && field != paycor.FieldDescription
			}
		}
	}
	return false
}

// optional reports whether a field may stay empty.
func optional(field paycor.Field) bool {
	return field == paycor.FieldDescription || field == paycor.FieldScope || field == paycor.FieldRotateBy
}

// renderField is what all fields have in common: label, hint, what is wrong,
// the control. The places of the words are always there (see slot).
func (e *editor) renderField(field paycor.Field, control, below any) goapp.UI {
	// "(optional)" stands beside the label, so that the field's name stays the
	// connection guide's, letter for letter.
	label := []any{class("label"), el("label", at("id", labelID(field)), at("for", inputID(field)), field.Label())}
	if optional(field) {
		label = append(label, " ", el("span", at("id", optionalID(field)), class("optional"), say("optional")))
	}
	return el("div", class("field", faulty(e.fault(field) != "")),
		el("div", label...),
		el("p", at("id", hintID(field)), class("hint"), say("hint."+string(field))),
		e.renderFault(field),
		el("div", class("control"), control),
		slot(below),
	)
}

// renderFault says what is wrong or odd, and what was mended.
func (e *editor) renderFault(field paycor.Field) goapp.UI {
	parts := []any{at("id", faultID(field)), class("fault")}
	if fault := e.fault(field); fault != "" {
		parts = append(parts, el("p", class("error"), unseen(say("error")), el("span", fault)))
	} else if doubt := e.doubt(field); doubt != "" {
		parts = append(parts, el("p", class("doubt"), icon("warned"), el("span", doubt)))
	}
	if e.mendable(field) {
		parts = append(parts, button("small", "mend-"+string(field), say("mend"), at("aria-describedby", labelID(field)),
			click("mend/"+string(field), func() { e.mend(field) })))
	}
	if mended := e.mended[field]; mended != "" {
		parts = append(parts, el("p", class("mended"), at("role", "status"), icon("verified"), el("span", mended)))
	}
	return el("div", parts...)
}

// described are the attributes that tie a control to its words.
func (e *editor) described(field paycor.Field) []any {
	by := hintID(field)
	if optional(field) {
		by = optionalID(field) + " " + by
	}
	if e.fault(field) != "" || e.doubt(field) != "" {
		by += " " + faultID(field)
	}
	return []any{at("id", inputID(field)), at("aria-describedby", by), at("aria-invalid", yes(e.fault(field) != "")),
		at("aria-required", yes(!optional(field) && field != paycor.FieldEnvironment && field != paycor.FieldGrant))}
}

func (e *editor) renderName() goapp.UI {
	return e.renderField(paycor.FieldName, el("input", at("type", "text"), class("input"), at("autocomplete", "off"),
		e.described(paycor.FieldName), prefilled(e.draft().Name)), nil)
}

func (e *editor) renderDescription() goapp.UI {
	return e.renderField(paycor.FieldDescription, el("textarea", class("input"), at("rows", "2"), at("autocomplete", "off"),
		e.described(paycor.FieldDescription), prefilledText(e.draft().Description)), nil)
}

func (e *editor) renderEnvironment() goapp.UI {
	parts := []any{class("input"), e.described(paycor.FieldEnvironment)}
	chosen := e.draft().Environment
	for _, environment := range e.page.start.Environments {
		parts = append(parts, el("option", at("value", environment.Name), preselected(environment.Name == chosen), environment.Title))
	}
	return e.renderField(paycor.FieldEnvironment, el("select", parts...), nil)
}

func (e *editor) renderGrant() goapp.UI {
	parts := []any{class("input"), e.described(paycor.FieldGrant)}
	chosen := e.draft().Grant
	for _, grant := range []paycor.Grant{paycor.GrantClientCredentials, paycor.GrantAuthorizationCode} {
		parts = append(parts, el("option", at("value", string(grant)), preselected(grant == chosen), say("grant."+string(grant))))
	}
	return e.renderField(paycor.FieldGrant, el("select", parts...), nil)
}

// preselected marks the option a list begins with in the server's HTML; in the
// browser the list is set through Surface.
func preselected(on bool) any {
	if prefilled("x") == nil {
		return nil
	}
	return flag("selected", on)
}

// renderText is a field of one line that is no secret.
func (e *editor) renderText(field paycor.Field, below any) goapp.UI {
	mode := ""
	if field == paycor.FieldLegalEntityID {
		mode = "numeric"
	}
	return e.renderField(field, el("input", at("type", "text"), class("input", "code"), at("autocomplete", "off"), at("spellcheck", "false"),
		at("autocapitalize", "off"), at("inputmode", mode), e.described(field), prefilled(e.draft().Value(field))), below)
}
