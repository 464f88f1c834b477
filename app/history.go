package app

import (
	"net/url"
	"slices"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/verdicts"
)

// renderHistory lists the credential's history in words.
func (o *detailPage) renderHistory() goapp.UI {
	parts := []any{dom.Class("card")}
	if o.history.Incomplete {
		parts = append(parts, renderDamage(o.page.say("history.incomplete")))
	}
	if len(o.history.Entries) == 0 && !o.history.Incomplete {
		return dom.El("div", append(parts, dom.El("p", dom.Class("muted"), o.page.say("history.none")))...)
	}
	items := []any{dom.Class("history")}
	for _, row := range historyRows(withoutBegun(o.history.Entries)) {
		when := []any{dom.Class("muted", "small"), o.page.pastTime(row.At, o.page.now())}
		if row.times > 1 {
			when = append(when, " · ", o.page.say("history.times", o.page.number(row.times), o.page.formatTime(row.first, locale.DateTime)))
		}
		items = append(items, dom.El("li", dom.El("p", activityText(o.page.words, row.Entry)), dom.El("p", when...)))
	}
	return dom.El("div", append(parts, dom.El("ol", items...), dom.Slot(o.renderAllHistory()))...)
}

// historyRow is an entry and how often it was repeated, so that hourly entries don't hide the
// rest.
type historyRow struct {
	audit.Entry
	times int
	first time.Time
}

// historyRows makes one row of entries that differ only in their time, unless something
// between them matters: what a person did, or another result of the same. Entries are newest
// first.
func historyRows(history []audit.Entry) (rows []historyRow) {
	for _, entry := range history {
		if row := rowOf(rows, entry); row != nil {
			row.times++
			row.first = entry.At
		} else {
			rows = append(rows, historyRow{entry, 1, entry.At})
		}
	}
	return rows
}

// rowOf returns the row that an older entry repeats, or nil.
func rowOf(rows []historyRow, entry audit.Entry) *historyRow {
	for i := range slices.Backward(rows) {
		row := &rows[i]
		switch {
		case isSame(row.Entry, entry):
			return row
		case row.Action == entry.Action, !automatic(row.Entry):
			return nil
		}
	}
	return nil
}

// automatic reports whether no person did what an entry says.
func automatic(entry audit.Entry) bool {
	return entry.CallerKind == paycor.CallerServer || entry.CallerKind == paycor.CallerConsumer
}

// isSame reports whether two entries say the same of different times.
func isSame(a, b audit.Entry) bool {
	return a.Action == b.Action && a.Outcome == b.Outcome && a.Detail == b.Detail && slices.Equal(a.Fields, b.Fields) &&
		a.CallerKind == b.CallerKind && a.CallerID == b.CallerID && a.CallerName == b.CallerName
}

// renderAllHistory links to all audit entries of the credential, for
// administrators.
func (o *detailPage) renderAllHistory() any {
	if !o.page.can(paycor.RightAdmin) {
		return nil
	}
	return dom.El("p", dom.El("a", dom.Attr("id", "all-history"), dom.Attr("href", "/audit?credential="+url.QueryEscape(o.credential.ID)), o.page.say("history.all")))
}

// activityText says who did what, and the result.
func activityText(w words, entry audit.Entry) string {
	who := callerName(w, entry)
	text := w.say("history."+string(entry.Action), who)
	if entry.Outcome == audit.OutcomeStarted {
		return w.say("history.begun", text)
	}
	if entry.Action == audit.ActionUpdate && len(entry.Fields) > 0 {
		labels := make([]string, len(entry.Fields))
		for i, field := range entry.Fields {
			labels[i] = w.fieldLabel(field)
		}
		text = w.say("history.update.fields", who, strings.Join(labels, ", "))
		if entry.Detail == audit.DetailForced {
			text = w.say("history.update.forced", who, strings.Join(labels, ", "))
		}
	}
	if entry.Outcome == "" || entry.Outcome == "done" {
		return text
	}
	if w.hasText("history.tried." + string(entry.Action)) { // the usual sentence says that it succeeded
		text = w.say("history.tried."+string(entry.Action), who)
	}
	switch entry.Outcome {
	case string(verdicts.OutcomeVerified), string(verdicts.OutcomeRejected), string(verdicts.OutcomeNeedsActivation),
		string(verdicts.OutcomeUnreachable), string(verdicts.OutcomeThrottled):
		return w.say("history.outcome", text, w.say("outcome."+entry.Outcome))
	}
	if entry.Outcome == "refused" {
		return w.say("audit.refused", who, w.sayOrKey("action.", string(entry.Action)), reason(w, entry.Detail))
	}
	return w.say("history.refused", text, w.sayOrKey("audit.outcome.", entry.Outcome))
}

// withoutBegun drops the "begun" entries of actions that have ended. Entries
// are newest first, so the end comes before the start; older trails have two
// starts of a rotation. The newest entry may belong to an action that is still
// running.
func withoutBegun(history []audit.Entry) []audit.Entry {
	ended := map[string]bool{}
	var shown []audit.Entry
	for i, entry := range history {
		which := string(entry.Action) + " " + entry.RequestID
		switch {
		case entry.Outcome != audit.OutcomeStarted:
			ended[which] = true
		case ended[which], i == 0:
			continue
		}
		shown = append(shown, entry)
	}
	return shown
}

// lastActivityText says who changed or verified the credential last, or "" if
// that is not known here.
func (o *detailPage) lastActivityText() string {
	if o == nil {
		return ""
	}
	for _, entry := range o.history.Entries {
		if entry.Outcome == "done" || entry.Action == audit.ActionVerify {
			return o.page.say("delete.changed", callerName(o.page.words, entry), o.page.timeText(entry.At, o.page.now()))
		}
	}
	return ""
}
