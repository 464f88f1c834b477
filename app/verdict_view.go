package app

import (
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// renderVerdict renders a verdict: what happened, what to do, Paycor's own words,
// the ID its support asks for, and a text to send to support.
func (p *Page) renderVerdict(scope string, environment paycor.Environment, credential string, verdict verdicts.Verdict) goapp.UI {
	return dom.El("div", dom.Class("verdict"), dom.El("p", dom.Class("verdict-message"), p.sentence(verdict.Message)),
		p.renderVerdictHelp(scope, environment, credential, verdict))
}

// renderVerdictHelp is renderVerdict without what happened.
func (p *Page) renderVerdictHelp(scope string, environment paycor.Environment, credential string, verdict verdicts.Verdict) goapp.UI {
	parts := []any{dom.Class("verdict")}
	remedy := verdict.Remedy
	if scope == "own" { // a stored verdict may be old; one in an alert must not be announced again each second
		remedy = verdict.RemedyAt(p.now())
	}
	if !remedy.IsZero() {
		parts = append(parts, dom.El("p", p.sentence(remedy)))
	}
	facts := []any{dom.Class("facts", "small")}
	// In an outage, the step's name would read as if that field were at fault.
	if step := stoppedAt(verdict.Steps); step != "" && verdict.Outcome.Conclusive() {
		facts = append(facts, fact(p.say("verdict.step"), p.say("step."+string(step))))
	}
	if verdict.Detail != "" {
		facts = append(facts, fact(p.say("verdict.detail"), dom.El("q", verdict.Detail)))
	}
	if verdict.CorrelationID != "" {
		id := "copy-correlation-" + scope
		facts = append(facts, fact(p.say("verdict.correlation"), dom.El("span", dom.Class("copyable"), dom.El("code", verdict.CorrelationID),
			p.copyButton(id, p.say("verdict.correlation"), verdict.CorrelationID))))
	}
	if len(facts) > 1 {
		parts = append(parts, dom.El("dl", facts...))
	}
	if verdict.Outcome != verdicts.OutcomeVerified {
		parts = append(parts, p.renderSupport(scope, paycor.SupportText(p.catalogue, verdict, environment, credential)))
	}
	return dom.El("div", parts...)
}

// renderSupport shows a text that is safe to send, and copies it.
func (p *Page) renderSupport(scope, text string) goapp.UI {
	return dom.El("details", dom.Class("support"),
		dom.El("summary", p.say("support")),
		dom.El("p", dom.Class("small"), p.say("support.words")),
		dom.El("pre", dom.Attr("tabindex", "0"), dom.Attr("role", "group"), dom.Attr("aria-label", p.say("support")), text),
		dom.El("p", p.copyButtonSaying("copy-support-"+scope, p.say("support.copy"), text)))
}

// fact is a row of a list of facts.
func fact(term string, value any) goapp.UI {
	return dom.El("div", dom.Class("fact"), dom.El("dt", term), dom.El("dd", value))
}

// copyButton renders a button that copies text. what names the text for assistive
// technology.
func (p *Page) copyButton(id, what, text string) goapp.UI {
	return p.copyButtonSaying(id, p.say("copy"), text, dom.VisuallyHidden(what))
}

// copyButtonSaying is copyButton with another label. Only a button that failed has
// an element for its error, because a page has many such buttons.
func (p *Page) copyButtonSaying(id, label, text string, parts ...any) goapp.UI {
	if p.copied == id {
		label = p.say("copied")
	}
	all := []any{dom.Class("copying"), dom.Button("small", id, label, append(parts, dom.Click(id+"/"+strconv.Quote(text), func() { p.copy(id, text) }))...)}
	if p.lastError.target == copyFailure(id) {
		all = append(all, p.renderError(copyFailure(id)))
	}
	return dom.El("span", all...)
}

// newTabLink renders a link that opens in a new tab, so that nothing typed is lost.
// In a frame that cannot open tabs it shows the address.
func (p *Page) newTabLink(href, label string) goapp.UI {
	if p.embedded() && !p.start.Embed.Popups {
		return dom.El("span", dom.Class("address"), dom.El("span", label), " ", dom.El("code", href))
	}
	return dom.El("a", dom.Attr("href", href), dom.Attr("target", "_blank"), dom.Attr("rel", "noreferrer"), dom.El("span", label), dom.Icon("external"), dom.VisuallyHidden(p.say("new-tab")))
}
