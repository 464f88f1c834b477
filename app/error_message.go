package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
)

// errorMessage is what an action came to that did not succeed. It is said in one
// place: near what was pressed where there is such a place.
type errorMessage struct {
	target string // id of the element that says it
	text   string
}

// Places of failures.
const (
	errorAtTop          = "failure" // of what was not pressed on the page itself, and of what stands in the status
	errorAtVerification = "verification-failure"
	errorAtRotation     = "rotation-failure"
	errorAtMore         = "more-failure" // beside "Show more"
)

// showError says at a place why an action came to nothing. The next action or news
// takes the words away.
func (p *Page) showError(place, words string) {
	p.status, p.undo, p.lastError = "", nil, errorMessage{place, words}
}

// renderError is a place of a failure. It is there before there is one,
// because some screen readers only tell what changes in an alert they know.
func (p *Page) renderError(place string) goapp.UI {
	parts := []any{dom.Attr("id", place), dom.Class("failure"), dom.Attr("role", "alert")}
	if p.lastError.target == place {
		parts = append(parts, dom.Icon("rejected"), dom.El("span", p.lastError.text))
	}
	return dom.El("span", parts...)
}

// renderStaleNotice says why what is shown is not up to date, where it is not. It is
// there always, for the same reason.
func renderStaleNotice(words string, again func()) goapp.UI {
	parts := []any{dom.Class("slot"), dom.Attr("aria-live", "polite")}
	if words != "" {
		parts = append(parts, retryNotice("retry", again, dom.El("p", words)))
	}
	return dom.El("div", parts...)
}

// retryNotice says why something is not shown, or not up to date, with "Try
// again" below.
func retryNotice(scope string, again func(), words ...any) goapp.UI {
	return dom.El("div", dom.Class("notice", "bad"), dom.Icon("rejected"), dom.El("div", append(words, dom.Button("", "retry", say("retry"), dom.Click(scope, again)))...))
}
