package app

import (
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

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
