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
	"paycorcred/paycor/api"
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
			dom.El("h1", a.page.say("audit")),
			dom.El("p", dom.Class("lead-words"), a.page.say("audit.lead")),
		),
		a.renderFilters(),
		a.renderNotice(),
		dom.Slot(a.renderEntries()),
		dom.Slot(a.renderMore()),
	)
}

func (a *auditPage) renderFilters() goapp.UI {
	f := a.filter
	actions := []any{dom.Attr("id", "audit-action"), dom.Attr("name", "action"), dom.Class("input"), option(audit.Any, a.page.say("audit.any"), f.Action == "")}
	known := f.Action == ""
	for _, action := range audit.Actions() {
		known = known || action == f.Action
		label := a.page.say("action." + string(action))
		if action == audit.ActionUse { // calls that succeeded are counted, not listed
			label = a.page.say("audit.use-refused")
		}
		actions = append(actions, option(string(action), label, action == f.Action))
	}
	if !known {
		actions = append(actions, option(string(f.Action), string(f.Action), true))
	}
	outcomes := []any{dom.Attr("id", "audit-outcome"), dom.Attr("name", "outcome"), dom.Class("input"), option(audit.Any, a.page.say("audit.any"), f.Outcome == "")}
	for _, outcome := range auditOutcomes {
		outcomes = append(outcomes, option(outcome, a.page.sayOrKey("audit.outcome.", outcome), outcome == f.Outcome))
	}
	input := func(kind, name, label, value string, more ...any) goapp.UI {
		return dom.El("div", dom.Class("field"),
			dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", "audit-"+name), label)),
			dom.El("input", dom.Attr("type", kind), dom.Attr("id", "audit-"+name), dom.Attr("name", name), dom.Attr("value", value), dom.Class("input"), dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"), more))
	}
	choice := func(name, label string, parts []any) goapp.UI {
		return dom.El("div", dom.Class("field"), dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", "audit-"+name), label)), dom.El("select", parts...))
	}
	return dom.El("form", dom.Attr("method", "get"), dom.Attr("action", api.PathAudit), dom.Attr("role", "search"), dom.Attr("aria-label", a.page.say("audit.filters")), dom.Class("audit-filters"),
		dom.El("div", dom.Class("audit-fields"),
			input("text", "caller", a.page.say("audit.caller"), f.Caller),
			choice("action", a.page.say("audit.action"), actions),
			choice("outcome", a.page.say("audit.outcome"), outcomes)),
		dom.El("details", dom.Attr("id", "audit-further"), dom.Class("audit-further"), dom.Flag("open", f.From+f.To+f.Credential+f.RequestID != ""),
			dom.El("summary", a.page.say("audit.further")),
			dom.El("div", dom.Class("audit-fields"),
				// boot.js sends these days as the times they begin and end where the person is.
				input("date", "from", a.page.say("audit.from"), dayOf(f.From, 0), dom.Attr("data-day", "begin"), dom.Attr("aria-describedby", "audit-days")),
				input("date", "to", a.page.say("audit.to"), dayOf(f.To, -1), dom.Attr("data-day", "end"), dom.Attr("aria-describedby", "audit-days")),
				input("text", "credential", a.page.say("audit.credential"), f.Credential),
				input("text", "request_id", a.page.say("audit.request"), f.RequestID),
			),
			dom.El("p", dom.Class("hint"), dom.Attr("id", "audit-days"), a.page.say("audit.days"))),
		dom.El("div", dom.Class("audit-buttons"),
			dom.El("button", dom.Attr("type", "submit"), dom.Attr("id", "audit-search"), dom.Class("button", "primary"), dom.El("span", a.page.say("audit.search"))),
			a.renderClear(),
			dom.El("a", dom.Class("button", "quiet"), dom.Attr("id", "audit-export"), dom.Attr("href", "/api/v1/audit/export"+a.address()), dom.Attr("download", "audit.ndjson"), a.page.say("audit.export")),
		),
	)
}

// renderClear links to the page without filters, if there are any.
func (a *auditPage) renderClear() any {
	if a.filter == (audit.Filter{}) {
		return nil
	}
	return dom.El("a", dom.Class("button"), dom.Attr("id", "audit-clear"), dom.Attr("href", api.PathAudit), a.page.say("audit.clear"))
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

// renderNotice says why there are no entries, or fewer.
func (a *auditPage) renderNotice() goapp.UI {
	parts := []any{dom.Class("notice-slot"), dom.Attr("id", "notice"), dom.Attr("aria-live", "polite")}
	parts = append(parts, renderUnreadable(a.lost, a.page.count(a.lost, "audit.unreadable")))
	switch {
	case a.state == listFailed:
		parts = append(parts, retryNotice(a.page.words, "retry", a.retry, dom.El("p", dom.Class("notice-title"), a.page.say("audit.failed")), dom.El("p", a.failure)))
	case a.state == listLoading:
		parts = append(parts, dom.El("p", dom.Class("quiet-line"), a.page.say("list.loading")))
	case len(a.entries) == 0 && a.next != "":
		parts = append(parts, dom.El("div", dom.Class("notice"), dom.Icon("search"),
			dom.El("div", dom.El("p", dom.Class("notice-title"), a.page.say("audit.none-yet")), dom.El("p", a.page.say("audit.none-yet-help")))))
	case len(a.entries) == 0 && a.filter != (audit.Filter{}):
		parts = append(parts, dom.El("div", dom.Class("notice"), dom.Icon("search"),
			dom.El("div", dom.El("p", dom.Class("notice-title"), a.page.say("audit.no-hit")), dom.El("p", a.page.say("audit.no-hit-help")))))
	case len(a.entries) == 0:
		parts = append(parts, dom.El("p", dom.Class("quiet-line"), a.page.say("audit.empty")))
	}
	return dom.El("div", parts...)
}

func (a *auditPage) renderEntries() any {
	if len(a.entries) == 0 {
		return nil
	}
	items := []any{dom.Class("audit-entries"), dom.Attr("aria-label", a.page.say("audit.entries"))}
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
		after = dom.El("span", " — "+behind)
	}
	if entry.Outcome == "refused" {
		style += " is-refused"
	}
	facts := []any{dom.Class("audit-facts", "muted", "small"),
		dom.El("span", dom.Class("audit-number"), a.page.say("audit.number", int(entry.Sequence))),
		timeElement(a.page.timestampText(entry.At, a.page.now()), entry.At),
		dom.El("span", a.page.sayOrKey("audit.kind.", string(entry.CallerKind))),
	}
	if entry.From != "" {
		facts = append(facts, dom.El("span", a.page.say("audit.came-from", entry.From)))
	}
	if entry.RequestID != "" {
		facts = append(facts, dom.El("span", dom.Class("copyable"), dom.El("span", a.page.say("audit.request-id")), dom.El("code", entry.RequestID),
			a.page.copyButton("copy-"+entryID(entry), a.page.say("audit.request-of", int(entry.Sequence)), entry.RequestID)))
	}
	return dom.El("li", dom.Attr("id", entryID(entry)), dom.Attr("tabindex", "-1"), dom.Class(style),
		dom.El("p", dom.Class("audit-words"), dom.El("span", before), " ", a.renderCredential(entry), after),
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
		return dom.El("span", dom.Class("audit-of", "muted"), a.page.say("audit.was", entry.Detail))
	}
	return dom.El("span", dom.Class("audit-of", "muted"), a.page.say("audit.gone"), dom.El("code", entry.Credential))
}

func (a *auditPage) renderMore() any {
	if a.next == "" || a.state != listReady {
		return nil
	}
	label := a.page.say("more")
	switch {
	case a.more:
		label = a.page.say("list.loading")
	case len(a.entries) == 0:
		label = a.page.say("audit.continue")
	}
	return dom.El("div", dom.Class("more"), a.page.renderError(errorAtMore), dom.Button("", "more", label, dom.Click("more", a.showMore)))
}

// text returns the sentence for an entry, split where the credential's name
// goes. Actions and outcomes that a newer server added are shown unchanged.
func (a *auditPage) text(entry audit.Entry) (before, behind string) {
	who := callerName(a.page.words, entry)
	if entry.Action == audit.ActionAltered {
		record, id := audit.AlteredRecord(entry.Detail)
		return a.page.say("audit.altered", a.page.sayOrKey("record.", record), id), ""
	}
	if entry.Outcome == "refused" {
		if entry.Action == audit.ActionRefused {
			return a.page.say("audit.denied", who, reason(a.page.words, entry.Detail)), ""
		}
		return a.page.say("audit.refused", who, a.page.sayOrKey("action.", string(entry.Action)), reason(a.page.words, entry.Detail)), ""
	}
	before = a.page.say("audit.did", who, a.page.sayOrKey("action.", string(entry.Action)))
	if a.page.hasText("activity." + string(entry.Action)) {
		before = a.page.say("activity."+string(entry.Action), who)
	}
	switch {
	case entry.Action == audit.ActionVerifyDraft && entry.Credential == "":
		before = a.page.say("audit.tried-new", who)
	case entry.Action == audit.ActionTryPeer && entry.Credential == "":
		before = a.page.say("audit.tried-new-elsewhere", who)
	}
	var facts []string
	switch entry.Action {
	case audit.ActionVerifyDraft, audit.ActionTryPeer:
		if environment := audit.TriedEnvironment(entry.Detail); environment != "" {
			facts = append(facts, a.page.say("audit.tried-in", a.page.sentence(a.page.environment(environment).Title())))
		}
	case audit.ActionUpdate:
		if entry.Detail == audit.DetailForced {
			facts = append(facts, a.page.say("audit.forced"))
		}
	case audit.ActionHostAdd, audit.ActionHostUpdate, audit.ActionHostRemove, audit.ActionTenantAdd, audit.ActionTenantRemove, audit.ActionEmbedToken, audit.ActionEmbed, audit.ActionAddress,
		audit.ActionChannelAdd, audit.ActionChannelUpdate, audit.ActionChannelRemove, audit.ActionChannelSecret, audit.ActionChannelTest, audit.ActionChannelReplay,
		audit.ActionKeyAdd, audit.ActionKeyRewrap, audit.ActionKeyRemove:
		facts = append(facts, entry.Detail) // the ID of the site, of keys or of a channel, the environment and its address
	case audit.ActionArchive:
		if first, last, ok := audit.ArchivedRange(entry.Detail); ok {
			facts = append(facts, a.page.say("audit.archived", first, last))
		}
	case audit.ActionMigrate:
		if numbers := strings.Fields(entry.Detail); len(numbers) == 3 {
			facts = append(facts, a.page.say("audit.migrated", numbers[0], numbers[1], numbers[2]))
		}
	case audit.ActionToken, audit.ActionTokenRevoke:
		granted := consumer.ParseGranted(entry.Detail)
		if granted.Name != "" {
			before = a.page.say("audit.token-of", before, granted.Name)
			facts = grantedInWords(a.page.words, granted)
		}
		facts = append(facts, granted.ID)
	}
	if len(entry.Fields) > 0 {
		labels := make([]string, len(entry.Fields))
		for i, field := range entry.Fields {
			labels[i] = a.page.fieldLabel(field)
			switch entry.Action {
			case audit.ActionHostUpdate:
				labels[i] = a.page.say("embed-hosts.field." + string(field))
			case audit.ActionChannelUpdate:
				labels[i] = a.page.say("channels.field." + string(field))
			}
		}
		facts = append(facts, strings.Join(labels, ", "))
	}
	if entry.Outcome != "" && entry.Outcome != "done" {
		facts = append(facts, a.page.sayOrKey("audit.outcome.", entry.Outcome))
	}
	return before, strings.Join(facts, ". ")
}

// grantedInWords says what a token was granted: its rights, its credentials and its
// expiry.
func grantedInWords(w words, granted consumer.Granted) []string {
	reach := w.say("audit.token-all")
	if granted.Credentials != "" {
		reach = w.say("audit.token-for", strings.ReplaceAll(granted.Credentials, ",", ", "))
		if granted.More > 0 {
			reach = w.say("audit.token-more", reach, granted.More)
		}
	}
	end := w.say("audit.token-endless")
	if until, err := time.Parse(time.RFC3339, granted.Until); err == nil {
		end = w.say("audit.token-ends", w.formatTime(until, locale.DateTime))
	}
	return []string{w.say("audit.token-rights", strings.ReplaceAll(granted.Rights, ",", ", ")), reach, end}
}

// callerName names who did something. People and programs have names of their own;
// the server and its operator are named in the page's language.
func callerName(w words, entry audit.Entry) string {
	if entry.CallerName == "" || entry.CallerKind == paycor.CallerServer || entry.CallerKind == paycor.CallerOperator {
		return w.sayOrKey("audit.who.", string(entry.CallerKind))
	}
	return w.nameText(entry.CallerName)
}

// reason says why something was denied.
func reason(w words, detail string) string {
	if right, found := strings.CutPrefix(detail, "missing_right_"); found {
		return w.say("audit.reason.missing_right", right)
	}
	if count, found := strings.CutPrefix(detail, "not_written_"); found {
		return w.say("audit.reason.not_written", count)
	}
	return w.sayOrKey("audit.reason.", detail)
}
