package app

import (
	"slices"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor/consumer"
)

// render renders the consumers page.
func (c *consumersPage) render() goapp.UI {
	return dom.El("div", dom.Class("screen"),
		dom.El("div", dom.Class("lead", "lead-detail"),
			dom.El("div", dom.Class("lead-text"),
				dom.El("h1", c.page.say("consumers")),
				dom.El("p", dom.Class("lead-words"), c.page.say("consumers.lead")),
			),
			dom.Button("primary", addConsumerID, c.page.say("consumer.add"), dom.Attr("aria-haspopup", "dialog"), dom.Click(addConsumerID, c.tokens.openNew)),
		),
		renderStaleNotice(c.page.words, c.failure, c.refresh),
		renderUnreadable(c.lost, c.page.count(c.lost, "consumers.unreadable")),
		c.renderList(),
		c.renderMore(),
		c.tokens.render(),
		c.revoke.render(),
	)
}

func (c *consumersPage) renderMore() goapp.UI {
	if c.next == "" {
		return dom.Slot()
	}
	label := c.page.say("more")
	if c.more {
		label = c.page.say("list.loading")
	}
	return dom.Slot(dom.El("div", dom.Class("more"), c.page.renderError(errorAtMore),
		dom.El("p", dom.Class("quiet-line"), c.page.say("list.shown", c.page.number(len(c.items)), c.page.number(c.total))),
		dom.Button("", "more", label, dom.Click("more", c.showMore))))
}

func (c *consumersPage) renderList() goapp.UI {
	if len(c.items) == 0 && c.lost > 0 {
		return nil // what is said above
	}
	if len(c.items) == 0 {
		return dom.El("div", dom.Class("notice"), dom.Icon("key"), dom.El("div",
			dom.El("p", dom.Class("notice-title"), c.page.say("consumers.empty")), dom.El("p", c.page.say("consumers.empty-help"))))
	}
	live, ended := []any{dom.Class("consumers"), dom.Attr("aria-label", c.page.say("consumers"))}, []any{dom.Class("consumers"), dom.Attr("aria-label", c.page.say("consumers.ended"))}
	alive := 0
	for _, program := range c.items {
		program = program.At(c.page.now()) // it may have expired since the list was read
		if program.State == consumer.Active || program.State == consumer.Altered {
			live, alive = append(live, c.renderConsumer(program)), alive+1
		} else {
			ended = append(ended, c.renderConsumer(program))
		}
	}
	first := dom.El("ul", live...)
	if alive == 0 && c.next != "" {
		first = dom.Slot() // there may be some on the next pages
	} else if alive == 0 {
		first = dom.El("div", dom.Class("notice"), dom.Icon("key"), dom.El("div",
			dom.El("p", dom.Class("notice-title"), c.page.say("consumers.none-live")), dom.El("p", c.page.say("consumers.empty-help"))))
	}
	return dom.El("div", dom.Class("stack"), first, c.renderEnded(ended, len(c.items)-alive, alive == 0))
}

// renderEnded renders the tokens that no longer work, folded unless there are no
// others.
func (c *consumersPage) renderEnded(list []any, count int, open bool) any {
	if count == 0 {
		return nil
	}
	summary := c.page.say("consumers.ended-count", count)
	if c.next != "" {
		summary = c.page.say("consumers.ended") // there may be more
	}
	return dom.El("details", dom.Attr("id", "ended-consumers"), dom.Class("advanced"), dom.Flag("open", open),
		dom.El("summary", summary), dom.El("div", dom.Class("advanced-body"), dom.El("ul", list...)))
}

// renderConsumer renders a token.
func (c *consumersPage) renderConsumer(program consumer.Consumer) goapp.UI {
	now := c.page.now()
	name := "consumer-name-" + program.ID
	facts := []any{dom.Class("facts"),
		fact(c.page.say("consumer.may"), renderRights(c.page.words, program.Rights)),
		fact(c.page.say("consumer.reach"), c.renderScope(program)),
		fact(c.page.say("fact.used"), c.lastUsed(program)),
		fact(c.page.say("fact.created"), c.created(program)),
	}
	switch {
	case program.State == consumer.Revoked:
		facts = append(facts, fact(c.page.say("consumer.revoked"), []goapp.UI{c.page.pastTime(program.RevokedAt, now), spanOf(by(c.page.words, program.RevokedBy))}))
	case program.ExpiresAt.IsZero():
		facts = append(facts, fact(c.page.say("consumer.expires.active"), c.page.say("consumer.never")))
	default:
		ends := c.page.say("consumer.expires.active")
		if program.State == consumer.Expired {
			ends = c.page.say("consumer.expires.expired")
		}
		facts = append(facts, fact(ends, timeElement(expiryText(c.page.words, program.ExpiresAt, now), program.ExpiresAt)))
	}
	style, state := map[consumer.State]string{consumer.Active: "verified", consumer.Revoked: "rejected", consumer.Altered: "rejected"}[program.State], c.page.say("consumer.is."+string(program.State))
	if reachesNothing(program) {
		style, state = "rejected", c.page.say("consumer.is.stranded")
	}
	return dom.El("li", dom.Class("card", "consumer"), dom.Attr("aria-labelledby", name),
		dom.El("div", dom.Class("consumer-head"),
			dom.El("h2", dom.Attr("id", name), program.Name),
			dom.El("span", dom.Class("badge", "is-"+style), state),
		),
		dom.El("p", dom.Class("consumer-id"), dom.VisuallyHidden(c.page.say("consumer.id")), dom.El("code", dom.Attr("id", "consumer-id-"+program.ID), program.ID),
			c.page.copyButton("copy-"+program.ID, c.page.say("consumer.id-of", program.Name), program.ID)),
		dom.Slot(renderReachesNothing(c.page.words, program), renderAltered(program.State == consumer.Altered, c.page.say("consumer.altered")), c.renderReminder(program), c.renderSameName(program)),
		dom.El("dl", facts...),
		dom.El("div", dom.Class("buttons"), dom.Slot(c.renderRenew(program)), dom.Slot(c.renderRevoke(program))),
	)
}

// reachesNothing reports whether a token works but all its credentials are deleted.
func reachesNothing(program consumer.Consumer) bool {
	return program.State == consumer.Active && !program.Reaches()
}

func renderReachesNothing(w words, program consumer.Consumer) any {
	if !reachesNothing(program) {
		return nil
	}
	return dom.El("p", dom.Class("reminder", "late"), dom.Icon("warned"), dom.El("span", w.say("consumer.stranded")))
}

// renderAltered renders the warning that something was changed in the database by
// hand.
func renderAltered(altered bool, text string) any {
	if !altered {
		return nil
	}
	return dom.El("p", dom.Class("reminder", "late"), dom.Icon("warned"), dom.El("span", text))
}

// expiryText says when a token expires or expired. Near that time the day alone is
// not enough.
func expiryText(w words, end, now time.Time) string {
	if end.Sub(now).Abs() > 48*time.Hour {
		return w.formatTime(end, locale.Date)
	}
	return w.formatTime(end, locale.DateTime)
}

func (c *consumersPage) created(program consumer.Consumer) []goapp.UI {
	return []goapp.UI{c.page.pastTime(program.CreatedAt, c.page.now()), spanOf(by(c.page.words, program.CreatedBy))}
}

func spanOf(text string) goapp.UI { return dom.El("span", text) }

func by(w words, name string) string {
	if name == "" {
		return ""
	}
	return " " + w.say("fact.by", w.nameText(name))
}

func (c *consumersPage) lastUsed(program consumer.Consumer) any {
	if program.LastUsedAt.IsZero() {
		return c.page.say("used.never")
	}
	return c.page.pastTime(program.LastUsedAt, c.page.now())
}

// renderScope says which credentials a token can use.
func (c *consumersPage) renderScope(program consumer.Consumer) any {
	if len(program.Credentials) == 0 {
		return c.page.say("consumer.all")
	}
	items := []any{dom.Class("reach")}
	for _, id := range program.Credentials {
		items = append(items, dom.El("li", c.renderScopeEntry(program, id)...))
	}
	return dom.El("ul", items...)
}

// renderScopeEntry shows the name of a credential, or its ID if the name is not
// known.
func (c *consumersPage) renderScopeEntry(program consumer.Consumer, id string) []any {
	one, known := c.names.byID[id]
	switch {
	case slices.Contains(program.Deleted, id):
		return []any{dom.El("span", dom.Class("muted"), c.page.say("consumer.deleted")), " ", dom.El("code", dom.Class("small"), id)}
	case !known:
		return []any{dom.El("code", dom.Class("small"), id)}
	}
	return []any{dom.El("span", one.Name), " ", dom.El("span", dom.Class("muted", "small"), c.names.qualifier(one))}
}

// remindFrom is how long before its expiry a token shows a reminder.
const remindFrom = 14 * 24 * time.Hour

// renderReminder says that a token expires soon.
func (c *consumersPage) renderReminder(program consumer.Consumer) any {
	left := program.ExpiresAt.Sub(c.page.now())
	if program.State != consumer.Active || program.ExpiresAt.IsZero() || left > remindFrom {
		return nil
	}
	hours := int(left.Hours())
	ends := c.page.say("renew.soon")
	switch {
	case hours >= 48:
		ends = c.page.say("renew.ends", c.page.count(hours/24, "days"))
	case hours > 0:
		ends = c.page.say("renew.ends", c.page.count(hours, "hours"))
	}
	return reminderLine("odd", ends)
}

// descriptionIDs returns the IDs of the elements that describe a token's buttons.
func (c *consumersPage) descriptionIDs(program consumer.Consumer) string {
	if newer, older := c.sameName(program); len(newer)+len(older) > 0 {
		return "consumer-name-" + program.ID + " consumer-id-" + program.ID
	}
	return "consumer-name-" + program.ID
}

// renderRenew renders the button that creates the successor of a token, which
// may have ended already.
// renderRenew offers a new token like this one, unless nobody knows what it was granted.
func (c *consumersPage) renderRenew(program consumer.Consumer) any {
	if program.State == consumer.Altered {
		return nil
	}
	id := "renew-" + program.ID
	return dom.Button("", id, c.page.say("renew"), dom.Attr("aria-haspopup", "dialog"), dom.Attr("aria-describedby", c.descriptionIDs(program)),
		dom.Click(id, func() { c.tokens.openLike(program, id) }))
}

func (c *consumersPage) renderRevoke(program consumer.Consumer) any {
	if program.State != consumer.Active && program.State != consumer.Altered {
		return nil
	}
	id := "revoke-" + program.ID
	return dom.Button("danger-quiet", id, c.page.say("revoke"), dom.Attr("aria-haspopup", "dialog"), dom.Attr("aria-describedby", c.descriptionIDs(program)),
		dom.Click(id, func() { c.revoke.openFor(program, id) }))
}
