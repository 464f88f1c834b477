package app

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/verdicts"
)

// auditOutcomes are the outcomes to filter by.
var auditOutcomes = []string{
	"done", "refused", "unfinished", string(verdicts.OutcomeVerified), string(verdicts.OutcomeRejected),
	string(verdicts.OutcomeNeedsActivation), string(verdicts.OutcomeUnreachable), string(verdicts.OutcomeThrottled),
}

func entryID(entry audit.Entry) string {
	return "entry-" + strconv.FormatInt(entry.Sequence, 10)
}

// render renders the audit page.
func (a *auditPage) render() goapp.UI {
	return dom.El("div", dom.Class("screen"),
		dom.El("div", dom.Class("lead"),
			dom.El("h1", say("audit")),
			dom.El("p", dom.Class("lead-words"), say("audit.lead")),
		),
		a.renderFilters(),
		a.renderNotice(),
		dom.Slot(a.renderEntries()),
		dom.Slot(a.renderMore()),
	)
}

func (a *auditPage) renderFilters() goapp.UI {
	f := a.filter
	actions := []any{dom.Attr("id", "audit-action"), dom.Attr("name", "action"), dom.Class("input"), option(audit.Any, say("audit.any"), f.Action == "")}
	known := f.Action == ""
	for _, action := range audit.Actions() {
		known = known || action == f.Action
		label := say("action." + string(action))
		if action == audit.ActionUse { // calls that succeeded are counted, not listed
			label = say("audit.use-refused")
		}
		actions = append(actions, option(string(action), label, action == f.Action))
	}
	if !known {
		actions = append(actions, option(string(f.Action), string(f.Action), true))
	}
	outcomes := []any{dom.Attr("id", "audit-outcome"), dom.Attr("name", "outcome"), dom.Class("input"), option(audit.Any, say("audit.any"), f.Outcome == "")}
	for _, outcome := range auditOutcomes {
		outcomes = append(outcomes, option(outcome, sayOrKey("audit.outcome.", outcome), outcome == f.Outcome))
	}
	input := func(kind, name, label, value string, more ...any) goapp.UI {
		return dom.El("div", dom.Class("field"),
			dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", "audit-"+name), label)),
			dom.El("input", dom.Attr("type", kind), dom.Attr("id", "audit-"+name), dom.Attr("name", name), dom.Attr("value", value), dom.Class("input"), dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"), more))
	}
	choice := func(name, label string, parts []any) goapp.UI {
		return dom.El("div", dom.Class("field"), dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", "audit-"+name), label)), dom.El("select", parts...))
	}
	return dom.El("form", dom.Attr("method", "get"), dom.Attr("action", "/audit"), dom.Attr("role", "search"), dom.Attr("aria-label", say("audit.filters")), dom.Class("audit-filters"),
		dom.El("div", dom.Class("audit-fields"),
			input("text", "caller", say("audit.caller"), f.Caller),
			choice("action", say("audit.action"), actions),
			choice("outcome", say("audit.outcome"), outcomes)),
		dom.El("details", dom.Attr("id", "audit-further"), dom.Class("audit-further"), dom.Flag("open", f.From+f.To+f.Credential+f.RequestID != ""),
			dom.El("summary", say("audit.further")),
			dom.El("div", dom.Class("audit-fields"),
				// boot.js sends these days as the times they begin and end where the person is.
				input("date", "from", say("audit.from"), dayOf(f.From, 0), dom.Attr("data-day", "begin")),
				input("date", "to", say("audit.to"), dayOf(f.To, -1), dom.Attr("data-day", "end")),
				input("text", "credential", say("audit.credential"), f.Credential),
				input("text", "request_id", say("audit.request"), f.RequestID),
			)),
		dom.El("div", dom.Class("audit-buttons"),
			dom.El("button", dom.Attr("type", "submit"), dom.Attr("id", "audit-search"), dom.Class("button", "primary"), dom.El("span", say("audit.search"))),
			a.renderClear(),
			dom.El("a", dom.Class("button", "quiet"), dom.Attr("id", "audit-export"), dom.Attr("href", "/api/v1/audit/export"+a.address()), dom.Attr("download", "audit.ndjson"), say("audit.export")),
		),
	)
}

// renderClear links to the page without filters, if there are any.
func (a *auditPage) renderClear() any {
	if a.filter == (audit.Filter{}) {
		return nil
	}
	return dom.El("a", dom.Class("button"), dom.Attr("id", "audit-clear"), dom.Attr("href", "/audit"), say("audit.clear"))
}

// dayOf returns the value of a date input for a filter: the day of a time in the
// time's own zone. shift is added to the time, because the end of a day is the next
// one's beginning.
func dayOf(text string, shift time.Duration) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text[:min(len(text), len(time.DateOnly))]
	}
	return at.Add(shift).Format(time.DateOnly)
}

func option(value, label string, chosen bool) any {
	return dom.El("option", dom.Attr("value", value), dom.Flag("selected", chosen), label)
}

// address is the query of the page's own address.
func (a *auditPage) address() string {
	values := url.Values{}
	for name, value := range map[string]string{
		"credential": a.filter.Credential, "caller": a.filter.Caller, "action": string(a.filter.Action), "outcome": a.filter.Outcome,
		"request_id": a.filter.RequestID, "from": a.filter.From, "to": a.filter.To,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return client.WithQuery("", values)
}

// renderNotice says why there are no entries.
func (a *auditPage) renderNotice() goapp.UI {
	parts := []any{dom.Class("notice-slot"), dom.Attr("id", "notice"), dom.Attr("aria-live", "polite")}
	switch {
	case a.state == listFailed:
		parts = append(parts, retryNotice("retry", a.retry, dom.El("p", dom.Class("notice-title"), say("audit.failed")), dom.El("p", a.failure)))
	case a.state == listLoading:
		parts = append(parts, dom.El("p", dom.Class("quiet-line"), say("list.loading")))
	case len(a.entries) == 0 && a.next != "":
		parts = append(parts, dom.El("div", dom.Class("notice"), dom.Icon("search"),
			dom.El("div", dom.El("p", dom.Class("notice-title"), say("audit.none-yet")), dom.El("p", say("audit.none-yet-help")))))
	case len(a.entries) == 0 && a.filter != (audit.Filter{}):
		parts = append(parts, dom.El("div", dom.Class("notice"), dom.Icon("search"),
			dom.El("div", dom.El("p", dom.Class("notice-title"), say("audit.no-hit")), dom.El("p", say("audit.no-hit-help")))))
	case len(a.entries) == 0:
		parts = append(parts, dom.El("p", dom.Class("quiet-line"), say("audit.empty")))
	}
	return dom.El("div", parts...)
}

func (a *auditPage) renderEntries() any {
	if len(a.entries) == 0 {
		return nil
	}
	items := []any{dom.Class("audit-entries"), dom.Attr("aria-label", say("audit.entries"))}
	for _, entry := range a.entries {
		items = append(items, a.renderEntry(entry))
	}
	return dom.El("ol", items...)
}

// renderEntry renders an entry: a sentence, then when, from where and by which
// request.
func (a *auditPage) renderEntry(entry audit.Entry) goapp.UI {
	style := "audit-entry"
	before, behind := a.text(entry)
	var after any
	if behind != "" {
		after = dom.El("span", "— "+behind)
	}
	if entry.Outcome == "refused" {
		style += " is-refused"
	}
	facts := []any{dom.Class("audit-facts", "muted", "small"),
		dom.El("span", dom.Class("audit-number"), say("audit.number", int(entry.Sequence))),
		timeElement(timestampText(entry.At, a.page.now()), entry.At),
		dom.El("span", sayOrKey("audit.kind.", string(entry.CallerKind))),
	}
	if entry.From != "" {
		facts = append(facts, dom.El("span", say("audit.came-from", entry.From)))
	}
	if entry.RequestID != "" {
		facts = append(facts, dom.El("span", dom.Class("copyable"), dom.El("span", say("audit.request-id")), dom.El("code", entry.RequestID),
			a.page.copyButton("copy-"+entryID(entry), say("audit.request-of", int(entry.Sequence)), entry.RequestID)))
	}
	return dom.El("li", dom.Attr("id", entryID(entry)), dom.Attr("tabindex", "-1"), dom.Class(style),
		dom.El("p", dom.Class("audit-words"), dom.El("span", before), a.renderCredential(entry), after),
		dom.El("p", facts...))
}

// renderCredential names the credential of an entry, and links to it while it
// exists.
func (a *auditPage) renderCredential(entry audit.Entry) any {
	name, there := a.names[entry.Credential]
	switch {
	case entry.Credential == "":
		return nil
	case there:
		return dom.El("a", dom.Class("audit-of"), dom.Attr("href", pathOf(entry.Credential)), name)
	case entry.Action == audit.ActionDelete && entry.Detail != "" && entry.Outcome == "done":
		return dom.El("span", dom.Class("audit-of", "muted"), say("audit.was", entry.Detail))
	}
	return dom.El("span", dom.Class("audit-of", "muted"), say("audit.gone"), dom.El("code", entry.Credential))
}

func (a *auditPage) renderMore() any {
	if a.next == "" || a.state != listReady {
		return nil
	}
	label := say("more")
	switch {
	case a.more:
		label = say("list.loading")
	case len(a.entries) == 0:
		label = say("audit.continue")
	}
	return dom.El("div", dom.Class("more"), a.page.renderError(errorAtMore), dom.Button("", "more", label, dom.Click("more", a.showMore)))
}

// text returns the sentence for an entry, split where the credential's name
// goes. Actions and outcomes that a newer server added are shown unchanged.
func (a *auditPage) text(entry audit.Entry) (before, behind string) {
	who := callerName(entry)
	if entry.Action == audit.ActionAltered {
		record, id := audit.AlteredRecord(entry.Detail)
		return say("audit.altered", sayOrKey("record.", record), id), ""
	}
	if entry.Outcome == "refused" {
		if entry.Action == audit.ActionRefused {
			return say("audit.denied", who, reason(entry.Detail)), ""
		}
		return say("audit.refused", who, sayOrKey("action.", string(entry.Action)), reason(entry.Detail)), ""
	}
	before = say("audit.did", who, sayOrKey("action.", string(entry.Action)))
	if hasText("activity." + string(entry.Action)) {
		before = say("activity."+string(entry.Action), who)
	}
	switch {
	case entry.Action == audit.ActionVerifyDraft && entry.Credential == "":
		before = say("audit.tried-new", who)
	case entry.Action == audit.ActionTryPeer && entry.Credential == "":
		before = say("audit.tried-new-elsewhere", who)
	}
	var facts []string
	switch entry.Action {
	case audit.ActionVerifyDraft, audit.ActionTryPeer:
		if environment := audit.TriedEnvironment(entry.Detail); environment != "" {
			facts = append(facts, say("audit.tried-in", sentence(a.page.environment(environment).Title())))
		}
	case audit.ActionUpdate:
		if entry.Detail == audit.DetailForced {
			facts = append(facts, say("audit.forced"))
		}
	case audit.ActionHostAdd, audit.ActionHostUpdate, audit.ActionHostRemove, audit.ActionEmbed:
		facts = append(facts, entry.Detail) // the ID of the site
	case audit.ActionMigrate:
		if numbers := strings.Fields(entry.Detail); len(numbers) == 3 {
			facts = append(facts, say("audit.migrated", numbers[0], numbers[1], numbers[2]))
		}
	case audit.ActionToken, audit.ActionTokenRevoke:
		granted := consumer.ParseGranted(entry.Detail)
		if granted.Name != "" {
			before = say("audit.token-of", before, granted.Name)
			facts = grantedInWords(granted)
		}
		facts = append(facts, granted.ID)
	}
	if len(entry.Fields) > 0 {
		labels := make([]string, len(entry.Fields))
		for i, field := range entry.Fields {
			labels[i] = fieldLabel(field)
			if entry.Action == audit.ActionHostUpdate {
				labels[i] = say("embed-hosts.field." + string(field))
			}
		}
		facts = append(facts, strings.Join(labels, ", "))
	}
	if entry.Outcome != "" && entry.Outcome != "done" {
		facts = append(facts, sayOrKey("audit.outcome.", entry.Outcome))
	}
	return before, strings.Join(facts, ". ")
}

// grantedInWords says what a token was granted: its rights, its credentials and its
// expiry.
func grantedInWords(granted consumer.Granted) []string {
	reach := say("audit.token-all")
	if granted.Credentials != "" {
		reach = say("audit.token-for", strings.ReplaceAll(granted.Credentials, ",", ", "))
		if granted.More > 0 {
			reach = say("audit.token-more", reach, granted.More)
		}
	}
	end := say("audit.token-endless")
	if until, err := time.Parse(time.RFC3339, granted.Until); err == nil {
		end = say("audit.token-ends", formatTime(until, locale.DateTime))
	}
	return []string{say("audit.token-rights", strings.ReplaceAll(granted.Rights, ",", ", ")), reach, end}
}

// callerName names who did something. People and programs have names of their own;
// the server and its operator are named in the page's language.
func callerName(entry audit.Entry) string {
	if entry.CallerName == "" || entry.CallerKind == paycor.CallerServer || entry.CallerKind == paycor.CallerOperator {
		return sayOrKey("audit.who.", string(entry.CallerKind))
	}
	return nameText(entry.CallerName)
}

// nameText returns the stored name of a caller. Callers without a name of their own are
// named in the page's language.
func nameText(name string) string {
	switch name {
	case audit.NameLocalAdministrator:
		return say("audit.who.local")
	case audit.NameOperator:
		return say("audit.who.operator")
	case audit.NameServer:
		return say("audit.who.server")
	}
	return name
}

// sayOrKey returns the sentence for a key of a group, or the word itself if there is
// none.
func sayOrKey(group, word string) string {
	if hasText(group + word) {
		return say(group + word)
	}
	return word
}

// reason says why something was denied.
func reason(detail string) string {
	if right, found := strings.CutPrefix(detail, "missing_right_"); found {
		return say("audit.reason.missing_right", right)
	}
	if count, found := strings.CutPrefix(detail, "not_written_"); found {
		return say("audit.reason.not_written", count)
	}
	return sayOrKey("audit.reason.", detail)
}
