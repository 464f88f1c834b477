package app

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/message"
	"paycorcred/paycor/usage"
)

// testPaths are the paths that people read most, below the legal entity. Each is, after
// "test-call.of.", also its key in the catalogue.
var testPaths = []string{"", "employees", "departments", "jobtitles", "paydata", "payGroups", "timeofftypes", "worklocations"}

const (
	testPathID   = "test-path"
	testChoiceID = "test-choice"
	testCallID   = "test-call"
	testResultID = "test-result"
	otherPath    = "other" // the choice of a path that is typed
)

// testCall reads from Paycor with the credential, as a person asks.
type testCall struct {
	detail *detailPage

	cancel   context.CancelFunc // of the call under way; nil if there is none
	slow     bool               // Paycor takes long to answer
	response *api.TestResponse
	failure  string // why Paycor did not answer
	problem  string // of the path
	shown    bool   // the content of the response
}

// offered reports whether the person may try calls. A frame shows nothing of Paycor's.
func (c *testCall) offered() bool {
	p := c.detail.page
	return !p.embedded() && (p.can(paycor.RightRead) || p.can(paycor.RightUse))
}

// path returns the path of a choice.
func (c *testCall) path(choice string) string {
	path := "/v1/legalentities/" + strconv.FormatInt(int64(c.detail.credential.LegalEntityID), 10)
	if choice == "" {
		return path
	}
	return path + "/" + choice
}

// choose fills in the path of a choice.
func (c *testCall) choose(choice string) {
	if choice != otherPath {
		c.detail.page.document.SetValue(testPathID, c.path(choice))
		return
	}
	c.detail.page.document.SetValue(testPathID, "/")
	c.detail.page.document.Focus(testPathID)
}

// follow shows which choice a typed path is.
func (c *testCall) follow(typed string) {
	c.problem = ""
	choice := otherPath
	for _, name := range testPaths {
		if c.path(name) == typed {
			choice = name
		}
	}
	c.detail.page.document.SetValue(testChoiceID, choice)
}

// send makes the call.
func (c *testCall) send() {
	if c.cancel != nil {
		return
	}
	p := c.detail.page
	c.response, c.failure, c.shown = nil, "", false // of another path
	target, problem := targetOf(p.document.Value(testPathID))
	if !problem.IsZero() {
		c.problem = p.sentence(problem)
		p.document.Focus(testPathID)
		return
	}
	p.document.SetValue(testPathID, target)
	c.follow(target)
	ctx, cancel := context.WithCancel(p.ctx)
	c.cancel, c.slow = cancel, false
	p.onSlow(ctx, func() { c.slow = true })
	p.loop.Async(func() {
		defer cancel()
		response, err := p.calls.TestCall(ctx, c.detail.credential.ID, target)
		p.loop.Update(func() {
			c.cancel = nil
			if err != nil {
				c.failure = p.errorText(err)
			} else {
				c.response = &response
			}
			c.detail.refreshUsage()
			p.loop.AfterRender(func() { p.document.Focus(testResultID) })
		})
	})
}

// paycorHosts end the addresses in Paycor's documentation.
const paycorHosts = "paycor.com"

// targetOf returns the path and query of what was typed, which may be a whole address from
// Paycor's documentation, or what is wrong with it.
func targetOf(typed string) (target string, problem message.Message) {
	typed = strings.TrimSpace(typed)
	if strings.HasPrefix(typed, "/") {
		return typed, problem
	}
	address, err := url.Parse(typed)
	if err != nil || address.Host == "" {
		return "", message.New("test-call.path-wrong")
	}
	if address.Scheme != "https" || address.Host != paycorHosts && !strings.HasSuffix(address.Host, "."+paycorHosts) {
		return "", message.New("test-call.host-wrong")
	}
	if target = strings.TrimPrefix(typed, "https://"+address.Host); !strings.HasPrefix(target, "/") {
		return "", message.New("test-call.path-wrong")
	}
	return target, problem
}

func (c *testCall) render() any {
	if !c.offered() {
		return nil
	}
	p := c.detail.page
	choices := []any{dom.Attr("id", testChoiceID), dom.Class("input"), dom.Attr("autocomplete", "off"),
		dom.On("change", testChoiceID, func(event goapp.Event) { c.choose(dom.String(event.Get("target").Get("value"))) })}
	for _, path := range testPaths {
		choices = append(choices, dom.El("option", dom.Attr("value", path), p.say("test-call.of."+path)))
	}
	choices = append(choices, dom.El("option", dom.Attr("value", otherPath), p.say("test-call.of.other")))
	parts := []any{dom.Attr("type", "text"), dom.Attr("id", testPathID), dom.Class("input", "code"), dom.Attr("value", c.path("")),
		dom.Attr("autocomplete", "off"), dom.Attr("autocapitalize", "none"), dom.Attr("spellcheck", "false"), dom.Attr("dir", "ltr"), dom.Attr("aria-describedby", "test-path-problem"),
		dom.On("input", testPathID, func(event goapp.Event) { c.follow(strings.TrimSpace(dom.String(event.Get("target").Get("value")))) })}
	if c.problem != "" {
		parts = append(parts, dom.Attr("aria-invalid", "true"))
	}
	return dom.El("section", dom.Class("card"), dom.Attr("aria-labelledby", "test-call-title"),
		dom.El("h3", dom.Attr("id", "test-call-title"), p.say("test-call")),
		dom.El("p", p.say("test-call.words")),
		dom.El("form", dom.Attr("method", "dialog"), dom.Class("test-call"), dom.Attr("autocomplete", "off"), dom.Flag("novalidate", true),
			dom.On("submit", testCallID, func(event goapp.Event) {
				event.PreventDefault()
				c.send()
			}),
			dom.El("div", dom.Class("field"), dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", testChoiceID), p.say("test-call.choice"))), dom.El("select", choices...)),
			dom.El("div", dom.Class("field", form.ErrorClass(c.problem != "")), dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", testPathID), p.say("test-call.path"))), dom.El("input", parts...),
				c.renderProblem()),
			dom.El("button", dom.Attr("type", "submit"), dom.Attr("id", testCallID), dom.Class("button"), dom.Attr("aria-busy", dom.AriaBool(c.cancel != nil)), dom.El("span", p.say("test-call.send"))),
		),
		c.renderResult(),
	)
}

// renderProblem says what is wrong with the path.
func (c *testCall) renderProblem() goapp.UI {
	parts := []any{dom.Attr("id", "test-path-problem"), dom.Class("field-error")}
	if c.problem != "" {
		parts = append(parts, dom.El("p", dom.Class("error"), dom.VisuallyHidden(c.detail.page.say("error")), dom.El("span", c.problem)))
	}
	return dom.El("div", parts...)
}

// renderResult says what Paycor answered. The element is always in the document, because
// some screen readers announce only changes of one they know.
func (c *testCall) renderResult() goapp.UI {
	p := c.detail.page
	parts := []any{dom.Attr("id", testResultID), dom.Class("test-result"), dom.Attr("role", "status"), dom.Attr("tabindex", "-1")}
	switch {
	case c.cancel != nil:
		running := p.say("test-call.running")
		if c.slow {
			running = p.say("test-call.slow")
		}
		parts = append(parts, dom.El("p", running), dom.El("p", dom.Button("small", "test-stop", p.say("cancel"), dom.Click("test-stop", c.cancel))))
	case c.failure != "":
		parts = append(parts, dom.El("p", dom.Class("failure"), dom.Icon("rejected"), dom.El("span", c.failure)))
	case c.response != nil:
		parts = append(parts, c.renderResponse()...)
	}
	return dom.El("div", parts...)
}

// show shows the content of the response, or hides it. The focus stays on the button, which
// is made again.
func (c *testCall) show(shown bool) {
	c.shown = shown
	c.detail.page.loop.AfterRender(func() { c.detail.page.document.Focus("test-show") })
}

// renderResponse says how Paycor answered, and shows the content once the person asks:
// it can contain what is known about people.
func (c *testCall) renderResponse() []any {
	p, r := c.detail.page, *c.response
	icon, state := "verified", "test-good"
	var explained []any
	if r.Status >= 400 || r.Note != "" || r.Broken {
		icon, state = "rejected", "failure"
		failure := usage.Failure{Method: "GET", Status: r.Status, Note: r.Note, CorrelationID: r.CorrelationID}
		if r.Broken {
			failure.Code = usage.CodeCallTruncated
		}
		what, fix := failureText(p.words, failure)
		explained = append(explained, dom.El("p", what+" "+fix))
	}
	if r.CorrelationID != "" {
		explained = append(explained, dom.El("p", dom.Class("muted", "small"), p.say("usage.correlation")+" ", dom.El("code", r.CorrelationID)))
	}
	parts := append([]any{dom.El("p", dom.Class(state), dom.Icon(icon), dom.El("span", p.say("test-call.done", strconv.Itoa(r.Status), p.number(int(r.Took)), p.count(int(r.Bytes), "test-call.bytes"))))}, explained...)
	switch {
	case r.Bytes == 0:
		return parts
	case r.Content == "":
		return append(parts, dom.El("p", p.say("test-call.no-text")))
	case !c.shown:
		if r.Status < 400 {
			parts = append(parts, dom.El("p", p.say("test-call.personal")))
		}
		return append(parts, dom.El("p", dom.Button("small", "test-show", p.say("test-call.show"), dom.Attr("aria-expanded", "false"), dom.Click("test-show", func() { c.show(true) }))))
	}
	if r.Bytes > api.MaxTestContent {
		parts = append(parts, dom.El("p", p.say("test-call.start", p.number(api.MaxTestContent>>10))))
	}
	title := p.say("test-call.content")
	return append(parts,
		dom.El("p", dom.Button("small", "test-show", p.say("test-call.hide"), dom.Attr("aria-expanded", "true"), dom.Click("test-hide", func() { c.show(false) }))),
		dom.El("div", dom.Class("command"),
			dom.El("div", dom.Class("command-head"), dom.El("h4", title), p.copyButton("copy-test", title, r.Content)),
			dom.El("pre", dom.Class("test-content"), dom.Attr("tabindex", "0"), dom.Attr("role", "group"), dom.Attr("aria-label", title), r.Content)))
}
