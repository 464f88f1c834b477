package app

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// auditOutcomes are the outcomes that can be filtered by.
var auditOutcomes = []string{
	"done", "refused", "unfinished", string(paycor.OutcomeVerified), string(paycor.OutcomeRejected),
	string(paycor.OutcomeNeedsActivation), string(paycor.OutcomeUnreachable), string(paycor.OutcomeThrottled),
}

func entryID(entry paycor.AuditEntry) string {
	return "entry-" + strconv.FormatInt(entry.Sequence, 10)
}

// render is the page of the audit trail.
func (a *audit) render() goapp.UI {
	return el("div", class("screen"),
		el("div", class("lead"),
			el("h1", say("audit")),
			el("p", class("lead-words"), say("audit.lead")),
		),
		a.renderFilters(),
		a.renderNotice(),
		slot(a.renderEntries()),
		slot(a.renderMore()),
	)
}

func (a *audit) renderFilters() goapp.UI {
	f := a.filter
	actions := []any{at("id", "audit-action"), at("name", "action"), class("input"), option(paycor.AuditAny, say("audit.any"), f.Action == "")}
	known := f.Action == ""
	for _, action := range paycor.Actions() {
		known = known || action == f.Action
		words := say("action." + string(action))
		if action == paycor.ActionUse { // beside the calls that were made
			words = say("audit.use-refused")
		}
		actions = append(actions, option(string(action), words, action == f.Action))
	}
	if !known {
		actions = append(actions, option(string(f.Action), string(f.Action), true))
	}
	outcomes := []any{at("id", "audit-outcome"), at("name", "outcome"), class("input"), option(paycor.AuditAny, say("audit.any"), f.Outcome == "")}
	for _, outcome := range auditOutcomes {
		outcomes = append(outcomes, option(outcome, said("audit.outcome.", outcome), outcome == f.Outcome))
	}
	input := func(kind, name, label, value string) goapp.UI {
		return el("div", class("field"),
			el("div", class("label"), el("label", at("for", "audit-"+name), label)),
			el("input", at("type", kind), at("id", "audit-"+name), at("name", name), at("value", value), class("input"), at("autocomplete", "off"), at("spellcheck", "false")))
	}
	choice := func(name, label string, parts []any) goapp.UI {
		return el("div", class("field"), el("div", class("label"), el("label", at("for", "audit-"+name), label)), el("select", parts...))
	}
	return el("form", at("method", "get"), at("action", "/audit"), at("role", "search"), at("aria-label", say("audit.filters")), class("audit-filters"),
		el("div", class("audit-fields"),
			input("text", "caller", say("audit.caller"), f.Caller),
			choice("action", say("audit.action"), actions),
			choice("outcome", say("audit.outcome"), outcomes)),
		el("details", at("id", "audit-further"), class("audit-further"), flag("open", f.From+f.To+f.Credential+f.RequestID != ""),
			el("summary", say("audit.further")),
			el("div", class("audit-fields"),
				input("date", "from", say("audit.from"), day10(f.From)),
				input("date", "to", say("audit.to"), day10(f.To)),
				input("text", "credential", say("audit.credential"), f.Credential),
				input("text", "request_id", say("audit.request"), f.RequestID),
			)),
		el("div", class("audit-buttons"),
			el("button", at("type", "submit"), at("id", "audit-search"), class("button", "primary"), el("span", say("audit.search"))),
			a.renderClear(),
			el("a", class("button", "quiet"), at("id", "audit-export"), at("href", "/api/v1/audit/export"+a.address()), at("download", "audit.ndjson"), say("audit.export")),
		),
	)
}

// renderClear leads to the page without filters, where there are some.
func (a *audit) renderClear() any {
	if a.filter == (paycor.AuditFilter{}) {
		return nil
	}
	return el("a", class("button"), at("id", "audit-clear"), at("href", "/audit"), say("audit.clear"))
}

// day10 is what a date field shows of a filter: a moment's own day.
func day10(text string) string { return text[:min(len(text), len("2006-01-02"))] }

func option(value, label string, chosen bool) any {
	return el("option", at("value", value), flag("selected", chosen), label)
}

// address is the query of the page's own address.
func (a *audit) address() string {
	values := url.Values{}
	for name, value := range map[string]string{
		"credential": a.filter.Credential, "caller": a.filter.Caller, "action": string(a.filter.Action), "outcome": a.filter.Outcome,
		"request_id": a.filter.RequestID, "from": a.filter.From, "to": a.filter.To,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return withQuery("", values)
}

// renderNotice says what is to be said instead of entries.
func (a *audit) renderNotice() goapp.UI {
	parts := []any{class("notice-slot"), at("id", "notice"), at("aria-live", "polite")}
	switch {
	case a.phase == failing:
		parts = append(parts, retryNotice("retry", a.retry, el("p", class("notice-title"), say("audit.failed")), el("p", a.failure)))
	case a.phase == loading:
		parts = append(parts, el("p", class("quiet-line"), say("list.loading")))
	case len(a.entries) == 0 && a.next != "":
		parts = append(parts, el("div", class("notice"), icon("search"),
			el("div", el("p", class("notice-title"), say("audit.none-yet")), el("p", say("audit.none-yet-help")))))
	case len(a.entries) == 0 && a.filter != (paycor.AuditFilter{}):
		parts = append(parts, el("div", class("notice"), icon("search"),
			el("div", el("p", class("notice-title"), say("audit.no-hit")), el("p", say("audit.no-hit-help")))))
	case len(a.entries) == 0:
		parts = append(parts, el("p", class("quiet-line"), say("audit.empty")))
	}
	return el("div", parts...)
}

func (a *audit) renderEntries() any {
	if len(a.entries) == 0 {
		return nil
	}
	items := []any{class("audit-entries"), at("aria-label", say("audit.entries"))}
	for _, entry := range a.entries {
		items = append(items, a.renderEntry(entry))
	}
	return el("ol", items...)
}

// renderEntry is one entry: a sentence, then when, from where and by which
// request.
func (a *audit) renderEntry(entry paycor.AuditEntry) goapp.UI {
	look := "audit-entry"
	before, behind := a.page.auditDeed(entry)
	var after any
	if behind != "" {
		after = el("span", "— "+behind)
	}
	if entry.Outcome == "refused" {
		look += " is-refused"
	}
	facts := []any{class("audit-facts", "muted", "small"),
		el("span", class("audit-number"), say("audit.number", int(entry.Sequence))),
		moment(ago(entry.At, a.page.now())+", "+entry.At.UTC().Format("2 Jan 2006, 15:04:05 UTC"), entry.At),
		el("span", said("audit.kind.", string(entry.CallerKind))),
	}
	if entry.From != "" {
		facts = append(facts, el("span", say("audit.came-from", entry.From)))
	}
	if entry.RequestID != "" {
		facts = append(facts, el("span", class("copyable"), el("span", say("audit.request-id")), el("code", entry.RequestID),
			a.page.copyButton("copy-"+entryID(entry), say("audit.request-of", int(entry.Sequence)), entry.RequestID)))
	}
	return el("li", at("id", entryID(entry)), at("tabindex", "-1"), class(look),
		el("p", class("audit-words"), el("span", before), a.renderCredential(entry), after),
		el("p", facts...))
}

// renderCredential names what the entry is about, and leads to it where it
// still is.
func (a *audit) renderCredential(entry paycor.AuditEntry) any {
	name, there := a.names[entry.Credential]
	switch {
	case entry.Credential == "":
		return nil
	case there:
		return el("a", class("audit-of"), at("href", pathOf(entry.Credential)), name)
	case entry.Action == paycor.ActionDelete && entry.Detail != "" && entry.Outcome == "done":
		return el("span", class("audit-of", "muted"), say("audit.was", entry.Detail))
	}
	return el("span", class("audit-of", "muted"), say("audit.gone"), el("code", entry.Credential))
}

func (a *audit) renderMore() any {
	if a.next == "" || a.phase != ready {
		return nil
	}
	label := say("more")
	switch {
	case a.more:
		label = say("list.loading")
	case len(a.entries) == 0:
		label = say("audit.look-on")
	}
	return el("div", class("more"), a.page.renderFailure(atMore), button("", "more", label, click("more", a.showMore)))
}

// auditDeed is an entry in words: what stands before the credential it is
// about, and what stands behind. An action or an outcome that this program does
// not know, written by a newer one, is shown as it is.
func (p *Page) auditDeed(entry paycor.AuditEntry) (before, behind string) {
	who := entry.CallerName
	if who == "" {
		who = said("audit.who.", string(entry.CallerKind))
	}
	if entry.Outcome == "refused" {
		if entry.Action == paycor.ActionRefused {
			return say("audit.turned-away", who, reason(entry.Detail)), ""
		}
		return say("audit.refused", who, said("action.", string(entry.Action)), reason(entry.Detail)), ""
	}
	before = say("audit.did", who, said("action.", string(entry.Action)))
	if _, known := english["deed."+string(entry.Action)]; known {
		before = say("deed."+string(entry.Action), who)
	}
	switch {
	case entry.Action == paycor.ActionDraft && entry.Credential == "":
		before = say("audit.tried-new", who)
	case entry.Action == paycor.ActionCounterpart && entry.Credential == "":
		before = say("audit.tried-new-elsewhere", who)
	}
	var facts []string
	switch entry.Action {
	case paycor.ActionDraft, paycor.ActionCounterpart:
		if environment := paycor.TriedEnvironment(entry.Detail); environment != "" {
			facts = append(facts, say("audit.tried-in", p.environment(environment).Title))
		}
	case paycor.ActionHostAdd, paycor.ActionHostUpdate, paycor.ActionHostRemove, paycor.ActionEmbed:
		facts = append(facts, entry.Detail) // the id of the host
	case paycor.ActionToken, paycor.ActionTokenRevoke:
		granted := paycor.ParseGranted(entry.Detail)
		if granted.Name != "" {
			before = say("audit.token-of", before, granted.Name)
			facts = grantedInWords(granted)
		}
		facts = append(facts, granted.ID)
	}
	if len(entry.Fields) > 0 {
		labels := make([]string, len(entry.Fields))
		for i, field := range entry.Fields {
			labels[i] = field.Label()
			if entry.Action == paycor.ActionHostUpdate {
				labels[i] = say("hosts.field." + string(field))
			}
		}
		facts = append(facts, strings.Join(labels, ", "))
	}
	if entry.Outcome != "" && entry.Outcome != "done" {
		facts = append(facts, said("audit.outcome.", entry.Outcome))
	}
	return before, strings.Join(facts, ". ")
}

// grantedInWords says what a token was given: its rights, for what, and until
// when.
func grantedInWords(granted paycor.Granted) []string {
	reach := say("audit.token-all")
	if granted.Credentials != "" {
		reach = say("audit.token-for", strings.ReplaceAll(granted.Credentials, ",", ", "))
		if granted.More > 0 {
			reach = say("audit.token-more", reach, granted.More)
		}
	}
	end := say("audit.token-endless")
	if until, err := time.Parse(time.RFC3339, granted.Until); err == nil {
		end = say("audit.token-ends", dayAndTime(until))
	}
	return []string{say("audit.token-rights", strings.ReplaceAll(granted.Rights, ",", ", ")), reach, end}
}

// said says a key of a group, or the word itself where there is no sentence.
func said(group, word string) string {
	if sentence, known := english[group+word]; known {
		return sentence
	}
	return word
}

// reason says why something was refused.
func reason(detail string) string {
	if right, found := strings.CutPrefix(detail, "missing_right_"); found {
		return say("audit.reason.missing_right", right)
	}
	if count, found := strings.CutPrefix(detail, "not_written_"); found {
		return say("audit.reason.not_written", count)
	}
	return said("audit.reason.", detail)
}
