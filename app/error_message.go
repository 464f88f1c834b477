package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
)

// errorMessage says why an action failed, in one element of the page: next to
// the button if possible.
type errorMessage struct {
	target string // ID of the element
	text   string
}

// Elements for errors.
const (
	errorAtTop          = "failure" // for everything without its own element
	errorAtVerification = "verification-failure"
	errorAtRotation     = "rotation-failure"
	errorAtMore         = "more-failure" // next to "Show more"
)

// showError shows why an action failed. The next status clears it.
func (p *Page) showError(target, text string) {
	p.setStatus("", nil)
	p.lastError = errorMessage{target, text}
}

// renderError renders the element for an error. It is always in the document,
// because some screen readers announce only changes of an alert they know.
func (p *Page) renderError(target string) goapp.UI {
	parts := []any{dom.Attr("id", target), dom.Class("failure"), dom.Attr("role", "alert")}
	if p.lastError.target == target {
		parts = append(parts, dom.Icon("rejected"), dom.El("span", p.lastError.text))
	}
	return dom.El("span", parts...)
}

// renderUnreadable says how many records a list lacks, because their part of the server's
// database is damaged.
func renderUnreadable(count int, text string) any {
	if count == 0 {
		return nil
	}
	return renderDamage(text)
}

// renderDamage says that something may be missing.
func renderDamage(text string) goapp.UI {
	return dom.El("div", dom.Class("notice", "bad"), dom.Icon("rejected"), dom.El("p", text))
}

// renderStaleNotice says why the page is not up to date. It is always in the
// document, for the same reason.
func renderStaleNotice(w words, text string, retry func()) goapp.UI {
	parts := []any{dom.Class("slot"), dom.Attr("aria-live", "polite")}
	if text != "" {
		parts = append(parts, retryNotice(w, "retry", retry, dom.El("p", text)))
	}
	return dom.El("div", parts...)
}

// retryNotice renders an error with a "Try again" button.
func retryNotice(w words, scope string, retry func(), parts ...any) goapp.UI {
	return dom.El("div", dom.Class("notice", "bad"), dom.Icon("rejected"), dom.El("div", append(parts, dom.Button("", "retry", w.say("retry"), dom.Click(scope, retry)))...))
}
