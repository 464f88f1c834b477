package form

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor/fields"
)

// Notice is the content of a summary without a problem or an error, such as a
// verdict.
type Notice struct {
	Title  string
	Severe bool // an error rather than a warning
	Body   []any
}

// RenderSummary renders the error summary at the top of a form. It takes the
// focus after a failed submission, and its links lead to the fields. It is
// always in the document. failed is the title above an error. details follow
// problems and an error. That a problem is solved is not announced, because the person
// is typing.
func (f *Form) RenderSummary(failed string, notice *Notice, details ...any) goapp.UI {
	parts := []any{dom.Attr("id", f.SummaryID), dom.Attr("tabindex", "-1"), dom.Attr("role", "alert"),
		dom.Attr("aria-atomic", "false"), dom.Attr("aria-relevant", "additions")}
	switch {
	case len(f.Problems) > 0:
		parts = append(parts, dom.Class("summary", "shown", "bad"), dom.El("h3", f.count(len(f.Problems), "summary.problems")), f.RenderLinks(f.Problems))
		parts = append(parts, details...)
	case f.Failure != "":
		parts = append(append(parts, dom.Class("summary", "shown", "bad"), dom.El("h3", failed), dom.El("p", f.Failure)), details...)
		parts = append(parts, f.renderSignIn())
	case notice != nil:
		style := "odd"
		if notice.Severe {
			style = "bad"
		}
		parts = append(append(parts, dom.Class("summary", "shown", style), dom.El("h3", notice.Title)), notice.Body...)
	default:
		parts = append(parts, dom.Class("summary"))
	}
	return dom.El("div", parts...)
}

// renderSignIn links to the sign-in page if the session ended.
func (f *Form) renderSignIn() any {
	if !f.SignedOut {
		return nil
	}
	link := f.SignInLink()
	if link == nil {
		return nil
	}
	return dom.El("p", link, dom.El("span", f.say("session.then")))
}

// RenderLinks lists problems, each as a link to its field.
func (f *Form) RenderLinks(problems []fields.Problem) goapp.UI {
	items := []any{}
	for _, problem := range problems {
		items = append(items, dom.El("li", f.RenderLink(problem.Field, f.sentence(problem.Message))))
	}
	return dom.El("ul", items...)
}

// RenderLink renders a link that moves the focus to a field. A field that is not
// shown is named without a link.
func (f *Form) RenderLink(field fields.Field, text string) goapp.UI {
	if !f.visible(field) {
		return dom.El("span", text)
	}
	return dom.El("a", dom.Attr("href", "#"+f.InputID(field)), text,
		dom.On("click", f.InputID(field)+"-link", func(event goapp.Event) {
			event.PreventDefault()
			target := f.InputID(field)
			if f.Target != nil {
				target = f.Target(field)
			}
			// After a delay: otherwise the Enter key that activated the link
			// would go to the field and submit the form.
			f.focus(target)
		}))
}
