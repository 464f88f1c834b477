package app

import (
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// renderSummary is what is said at the top of the overlay when a Save did not
// go through. It takes the focus, and each of its links leads to its field.
func (e *editor) renderSummary() goapp.UI {
	parts := []any{at("id", summaryID), at("tabindex", "-1"), at("role", "alert"), class("summary")}
	switch {
	case len(e.problems) > 0:
		parts = append(parts, class("shown", "bad"), el("h3", say("summary.problems")), e.renderLinks(e.problems))
	case e.stopped == swapped:
		parts = append(parts, class("shown", "odd"), el("h3", say("summary.swapped")),
			e.renderLinks(paycor.Report{Warnings: e.warnings}.Swapped()), el("p", say("summary.swapped-help")))
	case e.stopped == alike:
		parts = append(parts, class("shown", "odd"), el("h3", say("summary.alike")), e.renderSame(), el("p", say("summary.alike-help")))
	case e.failure != "":
		parts = append(parts, class("shown", "bad"), el("h3", say("summary.failed")), el("p", e.failure), e.renderTheirs(), e.renderSignIn())
	case e.verdict != nil:
		look := "odd"
		if e.verdict.Outcome == paycor.OutcomeRejected {
			look = "bad"
		}
		parts = append(parts, class("shown", look), el("h3", say("outcome."+string(e.verdict.Outcome))),
			e.page.renderVerdict("draft", e.page.environment(e.environment), "", *e.verdict), e.renderBlamed(), e.renderActivate(),
			e.other.render(e.environment, *e.verdict))
	}
	return el("div", parts...)
}

// renderActivate offers to go on to the activation, where that is what is
// missing.
func (e *editor) renderActivate() any {
	if e.verdict.Outcome != paycor.OutcomeNeedsActivation || e.stopped != unsettled {
		return nil
	}
	return el("p", button("primary", "save-activate", say("save.activate"), click("save-activate", e.saveAndActivate)))
}

func (e *editor) renderSignIn() any {
	if !e.session {
		return nil
	}
	return el("p", e.page.outside("/sign-in", say("session.link")), el("span", say("session.then")))
}

func (e *editor) renderLinks(problems []paycor.Problem) goapp.UI {
	items := []any{}
	for _, problem := range problems {
		items = append(items, el("li", e.renderLink(problem.Field, problem.Message)))
	}
	return el("ul", items...)
}

// renderBlamed links the fields a verdict blames.
func (e *editor) renderBlamed() any {
	if len(e.verdict.Fields) == 0 {
		return nil
	}
	items := []any{class("blamed")}
	for _, field := range e.verdict.Fields {
		items = append(items, el("li", e.renderLink(field, say("summary.go", field.Label()))))
	}
	return el("ul", items...)
}

func (e *editor) renderLink(field paycor.Field, words string) goapp.UI {
	return el("a", at("href", "#"+inputID(field)), words,
		on("click", "point/"+string(field), func(event goapp.Event) {
			event.PreventDefault()
			to := inputID(field)
			if e.kept(field) {
				to = "replace-" + string(field)
			}
			// A moment later: the rest of the Enter that pressed the link
			// would go to the field and send the form.
			e.page.after(func() { e.page.surface.Focus(to) })
		}))
}

// renderVerdict says what came of asking Paycor: what happened, what to do,
// Paycor's own words, the id its support asks for, and all of it in a form that
// can be sent to somebody else.
func (p *Page) renderVerdict(place string, environment paycor.Environment, credential string, verdict paycor.Verdict) goapp.UI {
	parts := []any{class("verdict"), el("p", class("verdict-message"), verdict.Message)}
	if verdict.Remedy != "" {
		parts = append(parts, el("p", verdict.Remedy))
	}
	if verdict.RetryAfter > 0 {
		parts = append(parts, el("p", say("retry-after", verdict.RetryAfter)))
	}
	facts := []any{class("facts", "small")}
	if verdict.Detail != "" {
		facts = append(facts, fact(say("verdict.detail"), el("q", verdict.Detail)))
	}
	if verdict.CorrelationID != "" {
		id := "copy-correlation-" + place
		facts = append(facts, fact(say("verdict.correlation"), el("span", class("copyable"), el("code", verdict.CorrelationID),
			p.copyButton(id, say("verdict.correlation"), verdict.CorrelationID))))
	}
	if len(facts) > 1 {
		parts = append(parts, el("dl", facts...))
	}
	if verdict.Outcome != paycor.OutcomeVerified {
		parts = append(parts, p.renderSupport(place, verdict.SupportText(environment, credential)))
	}
	return el("div", parts...)
}

// renderSupport shows the text that is safe to send, and copies it.
func (p *Page) renderSupport(place, text string) goapp.UI {
	return el("details", class("support"),
		el("summary", say("support")),
		el("p", class("small"), say("support.words")),
		el("pre", at("tabindex", "0"), at("role", "group"), at("aria-label", say("support")), text),
		el("p", p.copyButtonSaying("copy-support-"+place, say("support.copy"), text)))
}

// fact is one line of a list of facts.
func fact(term string, value any) goapp.UI {
	return el("div", class("fact"), el("dt", term), el("dd", value))
}

// copyButton copies text. Its scope holds the text's length and beginning of
// nothing: the id of the button and the text itself name what it does.
func (p *Page) copyButton(id, what, text string) goapp.UI {
	return p.copyButtonSaying(id, say("copy"), text, unseen(what))
}

// copyButtonSaying is copyButton under words of its own. A page has many of
// them, so only the one that failed has a place for that; an alert that comes
// with its words is told too.
func (p *Page) copyButtonSaying(id, words, text string, parts ...any) goapp.UI {
	if p.copied == id {
		words = say("copied")
	}
	all := []any{class("copying"), button("small", id, words, append(parts, click(id+"/"+strconv.Quote(text), func() { p.copy(id, text) }))...)}
	if p.failure.place == copyFailure(id) {
		all = append(all, p.renderFailure(copyFailure(id)))
	}
	return el("span", all...)
}

// outside is a link that opens beside this page, so that nothing typed is lost.
// Where a host's frame may open none, the address can be read and copied.
func (p *Page) outside(href, words string) goapp.UI {
	if p.embedded() && !p.start.Embed.Popups {
		return el("span", class("address"), el("span", words), " ", el("code", href))
	}
	return el("a", at("href", href), at("target", "_blank"), at("rel", "noreferrer"), el("span", words), icon("external"), unseen(say("new-tab")))
}
