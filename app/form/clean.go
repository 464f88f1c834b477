package form

import (
	"strings"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// canClean reports whether "Remove it for me" fixes a field.
func (f *Form) canClean(field fields.Field) bool {
	for _, problem := range f.Problems {
		if problem.Field != field {
			continue
		}
		switch problem.Code {
		case fields.ProblemBlanks, fields.ProblemInvisible, fields.ProblemBearer, fields.ProblemHeaderName, fields.ProblemQuotes, fields.ProblemNotInteger:
			_, removed := paycor.NormalizeField(field, f.Value(field))
			return len(removed) > 0 && field != fields.Name && field != fields.Description
		}
	}
	return false
}

// Clean removes what was copied along with a value, such as spaces, and says
// what it removed. It reports whether there was anything to remove.
func (f *Form) Clean(field fields.Field) bool {
	cleaned, removed := paycor.NormalizeField(field, f.Value(field))
	if len(removed) == 0 {
		return false
	}
	f.SetValue(field, cleaned)
	if f.cleaned == nil {
		f.cleaned = map[fields.Field]string{}
	}
	f.cleaned[field] = f.say("fix.done", f.removedText(removed))
	f.RemoveProblems(field)
	if f.Cleaned != nil {
		f.Cleaned(field)
	}
	f.Document.Focus(f.InputID(field))
	return true
}

func (c Context) removedText(removed []paycor.PasteArtifact) string {
	parts := make([]string, len(removed))
	for i, r := range removed {
		parts[i] = c.sentence(r.Rest())
	}
	return strings.Join(parts, ", ")
}

// cleanLabel names what "Remove it for me" does. Of a number it shows the result.
func (f *Form) cleanLabel(field fields.Field) string {
	if field != fields.LegalEntityID {
		return f.say("fix")
	}
	number, _ := paycor.NormalizeField(field, f.Value(field))
	return f.say("fix.use", number)
}

// renderClean offers to clean a field, and says what was removed from it.
func (f *Form) renderClean(field fields.Field) []any {
	var parts []any
	if f.canClean(field) {
		id := f.InputID(field) + "-clean"
		parts = append(parts, dom.Button("small", id, f.cleanLabel(field), dom.Attr("aria-describedby", f.LabelID(field)), dom.Click(id, func() { f.Clean(field) })))
	}
	if text := f.cleaned[field]; text != "" {
		parts = append(parts, dom.El("p", dom.Class("cleaned"), dom.Attr("role", "status"), dom.Icon("verified"), dom.El("span", text)))
	}
	return parts
}
