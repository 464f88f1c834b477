package app

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor/verdicts"
)

// renderLastSuccess says until when a rejected credential worked, and what changed since.
func renderLastSuccess(w words, verdict verdicts.Verdict, now time.Time) any {
	last := verdict.LastSuccess
	if last == nil {
		return nil
	}
	changed := dom.El("span", w.say("last-success.unchanged"))
	if last.Change != nil {
		changed = timeElement(changeText(w, *last.Change, now), last.Change.At)
	}
	return dom.El("p", dom.Attr("id", "last-success"), dom.Class("last-success"),
		timeElement(w.say("last-success.until", w.timeText(last.At, now)), last.At), goapp.Text(" "), changed)
}

// changeText says who changed what.
func changeText(w words, change verdicts.Change, now time.Time) string {
	who, when := w.nameText(change.By), w.timeText(change.At, now)
	if who == "" {
		who = w.say("last-success.somebody")
	}
	if change.Kind == verdicts.ChangeActivated {
		return w.say("last-success.activated", who, when)
	}
	labels := make([]string, len(change.Fields))
	for i, field := range change.Fields {
		labels[i] = w.fieldLabel(field)
	}
	return w.say("last-success."+string(change.Kind), who, w.list(labels), when)
}
