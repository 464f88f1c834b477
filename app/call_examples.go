package app

import (
	"strconv"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

// callExamples says how programs use a credential, with commands to copy.
type callExamples struct{ detail *detailPage }

// render says how a program calls Paycor with this credential.
func (e callExamples) render() goapp.UI {
	server := e.detail.page.document.Origin()
	if server == "" {
		server = "$SERVER"
	}
	snippets := callSnippets(server+client.CredentialsPath+"/"+e.detail.credential.ID, strconv.Itoa(int(e.detail.credential.LegalEntityID)))
	return dom.El("section", dom.Class("card"), dom.Attr("aria-labelledby", "call"),
		dom.El("h3", dom.Attr("id", "call"), e.detail.page.say("detail.call")),
		dom.El("p", e.detail.page.say("detail.call-words")),
		dom.Slot(e.renderScope()),
		dom.El("p", dom.El("span", e.detail.page.say("detail.call-rights")+" "), e.renderTokenLink()),
		e.renderSnippets(snippets),
	)
}

// renderSnippets renders a choice of languages and the chosen snippet. The stylesheet
// hides the others, so that the choice works without the program.
func (e callExamples) renderSnippets(snippets []callSnippet) goapp.UI {
	var choices, shown []any
	for i, snippet := range snippets {
		id := "snippet-" + snippet.name
		choices = append(choices, dom.El("label", dom.Class("segment"),
			dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", "snippet"), dom.Attr("id", id), dom.Attr("value", snippet.name), dom.Property("checked", i == 0)),
			dom.El("span", e.detail.page.say("snippet.in."+snippet.name))))
		shown = append(shown, e.renderSnippet(id, snippet))
	}
	return dom.El("div", append([]any{dom.Class("snippets"),
		dom.El("fieldset", dom.El("legend", dom.Class("visually-hidden"), e.detail.page.say("snippet.language")), dom.El("div", append(choices, dom.Class("segments"))...))},
		shown...)...)
}

func (e callExamples) renderSnippet(id string, snippet callSnippet) goapp.UI {
	parts := []any{dom.Class("snippet", id)}
	for _, command := range snippet.commands {
		parts = append(parts, e.renderCommand("copy-"+command.name, e.detail.page.say("snippet."+command.name), command.text))
	}
	notes := make([]string, len(snippet.notes))
	for i, note := range snippet.notes {
		notes[i] = e.detail.page.say(note)
	}
	return dom.El("div", append(parts, dom.El("p", dom.Class("muted", "small"), strings.Join(notes, " ")))...)
}

// renderScope says that calls are not limited to one legal entity, if
// Paycor lists several. A person who issues a token needs to know.
func (e callExamples) renderScope() any {
	verdict := e.detail.credential.LastConclusive
	if verdict == nil || len(verdict.Entities) < 2 {
		return nil
	}
	return dom.El("p", e.detail.page.say("detail.call-reach", len(verdict.Entities), int(e.detail.credential.LegalEntityID)))
}

// renderTokenLink says where to get a token. In a frame there is no link to
// another page.
func (e callExamples) renderTokenLink() goapp.UI {
	if e.detail.page.can(paycor.RightAdmin) && !e.detail.page.embedded() {
		return dom.El("a", dom.Attr("href", api.PathConsumers), e.detail.page.say("detail.call-token"))
	}
	return dom.El("span", e.detail.page.say("detail.call-ask"))
}

func (e callExamples) renderCommand(id, what, command string) goapp.UI {
	return dom.El("div", dom.Class("command"),
		dom.El("div", dom.Class("command-head"), dom.El("h4", what), e.detail.page.copyButton(id, what, command)),
		dom.El("pre", dom.Attr("tabindex", "0"), dom.Attr("role", "group"), dom.Attr("aria-label", what), command),
	)
}
