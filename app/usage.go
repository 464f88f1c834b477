package app

import (
	"slices"
	"strconv"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor/usage"
)

// openFailures is how many of the last errors are shown unfolded.
const openFailures = 5

// refreshUsage reads again how the credential is used. What is shown stays if that
// fails.
func (o *detailPage) refreshUsage() {
	o.page.loop.Async(func() {
		used, err := o.page.service.Usage(o.page.ctx, o.credential.ID)
		o.page.loop.Update(func() {
			if err == nil {
				o.usage = &used
			}
		})
	})
}

// renderUsage shows how the credential is used, if the caller may see it.
func (o *detailPage) renderUsage() any {
	if o.usage == nil {
		return nil
	}
	return usageCard{o.page, *o.usage, o.chart, "h3", "h4"}.render()
}

// usageCard shows how something is used: how often, by whom, and which calls failed.
type usageCard struct {
	page    *credentialsPage
	usage   usage.Usage
	chart   *usageChart
	heading string // element of its heading
	inner   string // element of the headings in it
}

func (u usageCard) render() goapp.UI {
	calls, errors := u.page.callCounts(u.usage.Total())
	parts := []any{dom.Class("card"), dom.Attr("aria-labelledby", "usage"), dom.El(u.heading, dom.Attr("id", "usage"), u.page.say("usage"))}
	if u.usage.Incomplete {
		parts = append(parts, renderDamage(u.page.say("usage.incomplete")))
	}
	if len(u.usage.Users) == 0 && !u.usage.Incomplete {
		return dom.El("section", append(parts, dom.El("p", dom.Class("muted"), u.page.say("usage.none")))...)
	}
	parts = append(parts, dom.El("p", dom.Attr("id", "usage-day"), u.page.say("usage.day", calls, errors)))
	if slices.ContainsFunc(u.usage.Week, func(part usage.Hour) bool { return part.Calls() > 0 }) {
		parts = append(parts, u.chart.render(), u.renderHours())
	}
	return dom.El("section", append(parts, u.renderUsers(), u.renderFailures())...)
}

// callCounts says how many calls there were, and how many of them failed.
func (w words) callCounts(counts usage.Counts) (calls, errors string) {
	return w.count(int(counts.Calls()), "usage.calls"), w.count(int(counts.Errors()), "usage.errors")
}

// renderHours renders the chart as a table, for people who cannot see it.
func (u usageCard) renderHours() goapp.UI {
	head := func(words string) goapp.UI { return dom.El("th", dom.Attr("scope", "col"), words) }
	rows := []any{}
	style := locale.Clock
	if u.chart.week {
		style = locale.ShortTime
	}
	for _, hour := range u.chart.hours() {
		if hour.Calls() == 0 {
			continue
		}
		rows = append(rows, dom.El("tr",
			dom.El("th", dom.Attr("scope", "row"), u.page.exactTime(hour.Begins, style)),
			dom.El("td", strconv.FormatInt(hour.Calls(), 10)), dom.El("td", strconv.FormatInt(hour.Errors(), 10)), dom.El("td", u.p95(hour))))
	}
	return dom.El("details", dom.Class("advanced"), dom.Attr("id", "usage-table"), dom.El("summary", u.page.say("usage.table")),
		dom.El("table", dom.Class("table"),
			dom.El("thead", dom.El("tr", head(u.page.say("usage.hour")), head(u.page.say("usage.head-calls")), head(u.page.say("usage.head-errors")), head(u.page.say("usage.head-p95")))),
			dom.El("tbody", rows...)))
}

// p95 returns the latency of an hour in milliseconds, or nothing if it is not known.
func (u usageCard) p95(hour usage.Hour) string {
	if hour.P95 == 0 {
		return ""
	}
	return u.page.number(int(hour.P95))
}

func (u usageCard) renderUsers() goapp.UI {
	items := []any{dom.Class("users"), dom.Attr("aria-labelledby", "users")}
	times := map[string]int{}
	for _, user := range u.usage.Users {
		times[user.Name]++
	}
	for _, user := range u.usage.Users {
		calls, errors := u.page.callCounts(user.Day)
		who := []any{dom.El("strong", u.page.nameText(user.Name))}
		if user.Ended != "" {
			who = append(who, " ", dom.El("span", dom.Class("badge"), u.page.say("consumer.is."+string(user.Ended))))
		}
		if times[user.Name] > 1 {
			who = append(who, " ", dom.El("code", dom.Class("muted", "small"), user.ID))
		}
		items = append(items, dom.El("li",
			dom.El("p", who...),
			dom.El("p", dom.Class("muted", "small"), dom.El("span", u.page.say("used")+" "), u.page.pastTime(user.LastUsedAt, u.page.now()),
				dom.El("span", ". "+u.page.say("usage.day", calls, errors)))))
	}
	return dom.El("div", dom.Class("part"), dom.El(u.inner, dom.Attr("id", "users"), u.page.say("usage.users")), dom.El("ul", items...))
}

func (u usageCard) renderFailures() any {
	if len(u.usage.Failures) == 0 {
		return nil
	}
	last := []any{dom.Class("history", "failures"), dom.Attr("aria-labelledby", "failures")}
	earlier := []any{dom.Class("history", "failures"), dom.Attr("aria-label", u.page.say("usage.earlier"))}
	for i, failure := range u.usage.Failures {
		if i < openFailures {
			last = append(last, u.renderFailure(failure))
		} else {
			earlier = append(earlier, u.renderFailure(failure))
		}
	}
	part := []any{dom.Class("part"), dom.El(u.inner, dom.Attr("id", "failures"), u.page.say("usage.failures")), dom.El("ol", last...)}
	if more := len(u.usage.Failures) - openFailures; more > 0 {
		part = append(part, dom.El("details", dom.Class("advanced"), dom.Attr("id", "earlier-failures"),
			dom.El("summary", u.page.say("usage.earlier-count", more)), dom.El("div", dom.Class("advanced-body"), dom.El("ol", earlier...))))
	}
	return dom.El("div", part...)
}

// renderFailure says what went wrong and how to fix it, then who made the call and
// when, and the IDs to search for.
func (u usageCard) renderFailure(failure usage.Failure) goapp.UI {
	now := u.page.now()
	last := u.page.timestampText(failure.At, now)
	when := []any{dom.Class("muted", "small"), u.page.nameText(failure.UserName) + ", ", dom.El("code", strings.TrimSpace(failure.Method+" "+failure.Path)), " · "}
	if failure.Count > 1 {
		when = append(when, u.page.say("usage.times", u.page.number(int(failure.Count)))+" ", u.page.exactTime(failure.FirstAt, locale.DateTime), ", "+u.page.say("usage.last")+" ")
	}
	search := []any{dom.Class("usage-failure-names", "muted", "small"), dom.El("code", strings.TrimSpace(strconv.Itoa(failure.Status)+" "+string(failure.Code)+string(failure.Note)))}
	for _, id := range [][2]string{{u.page.say("usage.correlation"), failure.CorrelationID}, {u.page.say("usage.request"), failure.RequestID}} {
		if id[1] != "" {
			search = append(search, dom.El("span", id[0]+" ", dom.El("code", id[1])))
		}
	}
	what, fix := failureText(u.page.words, failure)
	return dom.El("li", dom.Class("usage-failure"), dom.El("p", dom.Class("usage-failure-text"), what), dom.El("p", dom.Class("small"), fix),
		dom.El("p", append(when, timeElement(last, failure.At))...), dom.El("p", search...))
}

// failureText says what went wrong and how to fix it, by our reason, by the headers
// of Paycor's response, or by its status.
func failureText(w words, failure usage.Failure) (what, fix string) {
	if verdict := failure.Code.Verdict(); verdict.Code == failure.Code { // there was no access token
		return w.sentence(verdict.Message) + " " + w.say("usage.not-made"), w.sentence(verdict.Remedy)
	}
	key := failureKey(w, failure)
	what, fix = w.say("failure."+key), w.say("fix."+key)
	if key == "5xx" && failure.CorrelationID != "" {
		fix += " " + w.say("usage.name-id")
	}
	if failure.Code == usage.CodeCallUnknown && isRead(failure) {
		fix = w.say("usage.sent-twice") + " " + fix
	}
	if mayBeDone(failure) {
		fix = w.say("usage.may-be-done") + " " + fix
	}
	return what, fix
}

// failureKey returns the catalogue key of a failure.
func failureKey(w words, failure usage.Failure) string {
	if code := string(failure.Code); code != "" {
		if w.hasText("failure." + code) {
			return code
		}
		return "ours" // unknown here, such as one of a newer server
	}
	if w.hasText("failure." + string(failure.Note)) {
		return string(failure.Note)
	}
	status := strconv.Itoa(failure.Status)
	if w.hasText("failure." + status) {
		return status
	}
	if failure.Status >= 500 {
		return "5xx"
	}
	return "4xx"
}

func isRead(failure usage.Failure) bool {
	return failure.Method == "GET" || failure.Method == "HEAD"
}

// mayBeDone reports whether Paycor may have done what failed, so that a repetition
// could do it twice.
func mayBeDone(failure usage.Failure) bool {
	if isRead(failure) {
		return false
	}
	switch failure.Code {
	case "":
		return failure.Status >= 500
	case usage.CodeCallUnknown, usage.CodeCallTimeout, usage.CodeCallUnreadable, usage.CodeCallTruncated, usage.CodeCallDisconnected:
		return true
	}
	return false
}

// lastUserText says who used the credential last and how often it is used, or
// "" if that is not known here.
func (o *detailPage) lastUserText() string {
	if o == nil || o.usage == nil || len(o.usage.Users) == 0 {
		return ""
	}
	last, total := o.usage.Users[0], o.usage.Total()
	return o.page.say("delete.user", o.page.timeText(last.LastUsedAt, o.page.now()), o.page.nameText(last.Name),
		o.page.count(int(total.Calls()), "usage.calls"), o.page.count(len(o.usage.Users), "usage.user-count"))
}
