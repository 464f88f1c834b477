package app

import (
	"context"
	"errors"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// failure is what an action came to that did not succeed. It is said in one
// place: near what was pressed where there is such a place.
type failure struct {
	place string // id of the element that says it
	words string
}

// Places of failures.
const (
	atTop          = "failure" // of what was not pressed on the page itself, and of what stands in the status
	atVerification = "verification-failure"
	atRotation     = "rotation-failure"
	atMore         = "more-failure" // beside "Show more"
)

// fail says at a place why an action came to nothing. The next action or news
// takes the words away.
func (p *Page) fail(place, words string) {
	p.status, p.undo, p.failure = "", nil, failure{place, words}
}

// renderFailure is a place of a failure. It is there before there is one,
// because some screen readers only tell what changes in an alert they know.
func (p *Page) renderFailure(place string) goapp.UI {
	parts := []any{at("id", place), class("failure"), at("role", "alert")}
	if p.failure.place == place {
		parts = append(parts, icon("rejected"), el("span", p.failure.words))
	}
	return el("span", parts...)
}

// renderStale says why what is shown is not up to date, where it is not. It is
// there always, for the same reason.
func renderStale(words string, again func()) goapp.UI {
	parts := []any{class("slot"), at("aria-live", "polite")}
	if words != "" {
		parts = append(parts, retryNotice("retry", again, el("p", words)))
	}
	return el("div", parts...)
}

// retryNotice says why something is not shown, or not up to date, with "Try
// again" below.
func retryNotice(scope string, again func(), words ...any) goapp.UI {
	return el("div", class("notice", "bad"), icon("rejected"), el("div", append(words, button("", "retry", say("retry"), click(scope, again)))...))
}

// words says what an error means to the person, and how to mend it.
func words(err error) string {
	var e *paycor.Error
	if errors.As(err, &e) && e.Message != "" {
		return e.Message
	}
	if errors.Is(err, context.Canceled) {
		return say("fail.stopped")
	}
	return say("fail.server")
}

// signedOut reports whether the session ended.
func signedOut(err error) bool { return paycor.KindOf(err) == paycor.KindUnauthorized }
