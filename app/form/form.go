package form

import (
	"errors"
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// Context is what forms use of the page that contains them.
type Context struct {
	Document dom.Document
	Loop     *dom.Loop
	Language func() *locale.Catalogue // of the sentences; it can change

	// SignInLink returns a link that opens the sign-in page in another tab, or
	// nil if there is none, such as in an embedding site's frame.
	SignInLink func() goapp.UI

	// SessionNotice returns the warning that the session is about to end. Every
	// dialog shows it, because nothing outside a modal dialog can be reached.
	// scope keeps the handlers of several notices apart.
	SessionNotice func(scope string) goapp.UI
}

// Form is the common state of all forms: their inputs, the problems, and why
// the last submission failed. Typed values stay in the document and are read
// when needed, so that rendering does not overwrite them and no secret stays in
// this program.
type Form struct {
	Context

	Prefix    string // of the IDs of inputs, such as "rotation-"
	SummaryID string // of the error summary
	Fields    []fields.Field
	Describe  func(fields.Field) Input // how an input is rendered

	// Visible reports whether an input is shown. Nil means that all are.
	Visible func(fields.Field) bool

	// Target returns the ID that a link to a field moves the focus to. Nil means
	// the ID of its input.
	Target func(fields.Field) string

	// Recheck checks what is typed now. Nil means that a problem is solved once its
	// field is changed.
	Recheck func() paycor.Report

	// Cleaned is called after "Remove it for me" changed a value. It may be nil.
	Cleaned func(fields.Field)

	Problems  []fields.Problem  // block a submission
	Warnings  []fields.Problem  // look odd, and can be overridden
	Failure   string            // error of the last submission
	SignedOut bool              // because the session ended
	Verdict   *verdicts.Verdict // Paycor's verdict on the values

	revealed map[fields.Field]bool   // secrets that are readable while typed
	cleaned  map[fields.Field]string // what "Remove it for me" removed
}

// InputID returns the ID of a field's input.
func (f *Form) InputID(field fields.Field) string { return f.Prefix + string(field) }

// LabelID returns the ID of a field's label.
func (f *Form) LabelID(field fields.Field) string { return f.InputID(field) + "-label" }

// ErrorID returns the ID of the element for a field's error.
func (f *Form) ErrorID(field fields.Field) string { return f.InputID(field) + "-error" }

func (f *Form) hintID(field fields.Field) string     { return f.InputID(field) + "-hint" }
func (f *Form) optionalID(field fields.Field) string { return f.InputID(field) + "-optional" }

// Value returns what is typed into a field.
func (f *Form) Value(field fields.Field) string { return f.Document.Value(f.InputID(field)) }

// SetValue replaces what is typed into a field.
func (f *Form) SetValue(field fields.Field, value string) {
	f.Document.SetValue(f.InputID(field), value)
}

// Clear empties all inputs in the document.
func (f *Form) Clear() {
	for _, field := range f.Inputs() {
		f.SetValue(field, "")
	}
}

// Inputs returns the fields that are typed or selected, without groups.
func (f *Form) Inputs() []fields.Field {
	return slices.DeleteFunc(slices.Clone(f.Fields), func(field fields.Field) bool { return f.Describe(field).Group })
}

// FieldOf returns the field whose input has an ID.
func (f *Form) FieldOf(id string) (fields.Field, bool) {
	i := slices.IndexFunc(f.Fields, func(field fields.Field) bool { return f.InputID(field) == id })
	if i < 0 {
		return "", false
	}
	return f.Fields[i], true
}

// Reset drops all state. Inputs keep their values.
func (f *Form) Reset() {
	f.ResetResult()
	f.revealed = nil
}

// ResetResult drops the result of the last submission.
func (f *Form) ResetResult() {
	f.Problems, f.Warnings, f.Failure, f.SignedOut, f.Verdict = nil, nil, "", false, nil
	f.cleaned = nil
}

// Error returns the error of a field, or "": a problem found here or by the
// server, or the verdict that blames the field.
func (f *Form) Error(field fields.Field) string {
	for _, problem := range f.Problems {
		if problem.Field == field {
			return f.sentence(problem.Message)
		}
	}
	if f.Verdict != nil && slices.Contains(f.Verdict.Fields, field) {
		return f.sentence(f.Verdict.Message)
	}
	return ""
}

// Warning returns the warning about a field, or "".
func (f *Form) Warning(field fields.Field) string {
	for _, warning := range f.Warnings {
		if warning.Field == field {
			return f.sentence(warning.Message)
		}
	}
	return ""
}

// RemoveProblems drops the problems of a field.
func (f *Form) RemoveProblems(field fields.Field) {
	f.Problems = slices.DeleteFunc(slices.Clone(f.Problems), func(p fields.Problem) bool { return p.Field == field })
}

// ShowError shows why a submission failed: the problems the server found, or
// the error's text. Typed values stay.
func (f *Form) ShowError(err error) {
	var known *paycor.Error
	if errors.As(err, &known) && len(known.Problems) > 0 {
		f.Problems = known.Problems
		return
	}
	f.Failure, f.SignedOut = f.sentence(client.ErrorMessage(err)), client.IsSignedOut(err)
}

// FocusSummary moves the focus to the error summary once it is rendered.
func (f *Form) FocusSummary() { f.focus(f.SummaryID) }

// FocusField moves the focus to a field's input.
func (f *Form) FocusField(field fields.Field) { f.focus(f.InputID(field)) }

func (f *Form) focus(id string) {
	f.Loop.AfterRender(func() { f.Document.Focus(id) })
}

func (f *Form) visible(field fields.Field) bool {
	return slices.Contains(f.Fields, field) && (f.Visible == nil || f.Visible(field))
}
