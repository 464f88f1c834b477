package app

import (
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// renderSummary is what is said at the top of the overlay when a Save did not
// go through. It takes the focus, and each of its links leads to its field.
func (e *editor) renderSummary() goapp.UI {
	parts := []any{dom.Attr("id", summaryID), dom.Attr("tabindex", "-1"), dom.Attr("role", "alert"), dom.Class("summary")}
	switch {
	case len(e.problems) > 0:
		parts = append(parts, dom.Class("shown", "bad"), dom.El("h3", say("summary.problems")), e.renderLinks(e.problems))
	case e.stopped == swapped:
		parts = append(parts, dom.Class("shown", "odd"), dom.El("h3", say("summary.swapped")),
			e.renderLinks(paycor.Report{Warnings: e.warnings}.Swapped()), dom.El("p", say("summary.swapped-help")))
	case e.stopped == alike:
		parts = append(parts, dom.Class("shown", "odd"), dom.El("h3", say("summary.duplicate")), e.renderSame(), dom.El("p", say("summary.duplicate-help")))
	case e.failure != "":
		parts = append(parts, dom.Class("shown", "bad"), dom.El("h3", say("summary.failed")), dom.El("p", e.failure), e.renderTheirs(), e.renderSignIn())
	case e.verdict != nil:
		look := "odd"
		if e.verdict.Outcome == verdicts.OutcomeRejected {
			look = "bad"
		}
		parts = append(parts, dom.Class("shown", look), dom.El("h3", say("outcome."+string(e.verdict.Outcome))),
			e.page.renderVerdict("draft", e.page.environment(e.environment), "", *e.verdict), e.renderBlamed(), e.renderActivate(),
			e.peer.render(e.environment, *e.verdict))
	}
	return dom.El("div", parts...)
}

// renderActivate offers to go on to the activation, where that is what is
// missing.
func (e *editor) renderActivate() any {
	if e.verdict.Outcome != verdicts.OutcomeNeedsActivation || e.stopped != unsettled {
		return nil
	}
	return dom.El("p", dom.Button("primary", "save-activate", say("save.activate"), dom.Click("save-activate", e.saveAndActivate)))
}

func (e *editor) renderSignIn() any {
	if !e.session {
		return nil
	}
	return dom.El("p", e.page.newTabLink("/sign-in", say("session.link")), dom.El("span", say("session.then")))
}

func (e *editor) renderLinks(problems []fields.Problem) goapp.UI {
	items := []any{}
	for _, problem := range problems {
		items = append(items, dom.El("li", e.renderLink(problem.Field, sentence(problem.Message))))
	}
	return dom.El("ul", items...)
}

// renderBlamed links the fields a verdict blames.
func (e *editor) renderBlamed() any {
	if len(e.verdict.Fields) == 0 {
		return nil
	}
	items := []any{dom.Class("blamed")}
	for _, field := range e.verdict.Fields {
		items = append(items, dom.El("li", e.renderLink(field, say("summary.go", field.Label()))))
	}
	return dom.El("ul", items...)
}

func (e *editor) renderLink(field fields.Field, words string) goapp.UI {
	return dom.El("a", dom.Attr("href", "#"+inputID(field)), words,
		dom.On("click", "point/"+string(field), func(event goapp.Event) {
			event.PreventDefault()
			to := inputID(field)
			if e.kept(field) {
				to = "replace-" + string(field)
			}
			// A moment later: the rest of the Enter that pressed the link
			// would go to the field and send the form.
			e.page.loop.AfterRender(func() { e.page.document.Focus(to) })
		}))
}

// renderVerdict says what came of asking Paycor: what happened, what to do,
// Paycor's own words, the id its support asks for, and all of it in a form that
// can be sent to somebody else.
func (p *Page) renderVerdict(place string, environment paycor.Environment, credential string, verdict verdicts.Verdict) goapp.UI {
	parts := []any{dom.Class("verdict"), dom.El("p", dom.Class("verdict-message"), sentence(verdict.Message))}
	if !verdict.Remedy.IsZero() {
		parts = append(parts, dom.El("p", sentence(verdict.Remedy)))
	}
	if verdict.RetryAfter > 0 {
		parts = append(parts, dom.El("p", count(verdict.RetryAfter, "retry-after")))
	}
	facts := []any{dom.Class("facts", "small")}
	if verdict.Detail != "" {
		facts = append(facts, fact(say("verdict.detail"), dom.El("q", verdict.Detail)))
	}
	if verdict.CorrelationID != "" {
		id := "copy-correlation-" + place
		facts = append(facts, fact(say("verdict.correlation"), dom.El("span", dom.Class("copyable"), dom.El("code", verdict.CorrelationID),
			p.copyButton(id, say("verdict.correlation"), verdict.CorrelationID))))
	}
	if len(facts) > 1 {
		parts = append(parts, dom.El("dl", facts...))
	}
	if verdict.Outcome != verdicts.OutcomeVerified {
		parts = append(parts, p.renderSupport(place, paycor.SupportText(locale.Current(), verdict, environment, credential)))
	}
	return dom.El("div", parts...)
}

// renderSupport shows the text that is safe to send, and copies it.
func (p *Page) renderSupport(place, text string) goapp.UI {
	return dom.El("details", dom.Class("support"),
		dom.El("summary", say("support")),
		dom.El("p", dom.Class("small"), say("support.words")),
		dom.El("pre", dom.Attr("tabindex", "0"), dom.Attr("role", "group"), dom.Attr("aria-label", say("support")), text),
		dom.El("p", p.copyButtonSaying("copy-support-"+place, say("support.copy"), text)))
}

// fact is one line of a list of facts.
func fact(term string, value any) goapp.UI {
	return dom.El("div", dom.Class("fact"), dom.El("dt", term), dom.El("dd", value))
}

// copyButton copies text. Its scope holds the text's length and beginning of
// nothing: the id of the button and the text itself name what it does.
func (p *Page) copyButton(id, what, text string) goapp.UI {
	return p.copyButtonSaying(id, say("copy"), text, dom.VisuallyHidden(what))
}

// copyButtonSaying is copyButton under words of its own. A page has many of
// them, so only the one that failed has a place for that; an alert that comes
// with its words is told too.
func (p *Page) copyButtonSaying(id, words, text string, parts ...any) goapp.UI {
	if p.copied == id {
		words = say("copied")
	}
	all := []any{dom.Class("copying"), dom.Button("small", id, words, append(parts, dom.Click(id+"/"+strconv.Quote(text), func() { p.copy(id, text) }))...)}
	if p.lastError.target == copyFailure(id) {
		all = append(all, p.renderError(copyFailure(id)))
	}
	return dom.El("span", all...)
}

// newTabLink is a link that opens beside this page, so that nothing typed is lost.
// Where a host's frame may open none, the address can be read and copied.
func (p *Page) newTabLink(href, words string) goapp.UI {
	if p.embedded() && !p.start.Embed.Popups {
		return dom.El("span", dom.Class("address"), dom.El("span", words), " ", dom.El("code", href))
	}
	return dom.El("a", dom.Attr("href", href), dom.Attr("target", "_blank"), dom.Attr("rel", "noreferrer"), dom.El("span", words), dom.Icon("external"), dom.VisuallyHidden(say("new-tab")))
}
