package app

import (
	"slices"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
)

// render is the screen of consumers.
func (c *consumersPage) render() goapp.UI {
	return dom.El("div", dom.Class("screen"),
		dom.El("div", dom.Class("lead", "lead-own"),
			dom.El("div", dom.Class("lead-text"),
				dom.El("h1", say("consumers")),
				dom.El("p", dom.Class("lead-words"), say("consumers.lead")),
			),
			dom.Button("primary", addConsumerID, say("consumer.add"), dom.Attr("aria-haspopup", "dialog"), dom.Click(addConsumerID, c.tokens.begin)),
		),
		renderStaleNotice(c.failure, c.refresh),
		c.renderList(),
		c.tokens.render(),
		c.revoke.render(),
	)
}

func (c *consumersPage) renderList() goapp.UI {
	if len(c.items) == 0 {
		return dom.El("div", dom.Class("notice"), dom.Icon("key"), dom.El("div",
			dom.El("p", dom.Class("notice-title"), say("consumers.empty")), dom.El("p", say("consumers.empty-help"))))
	}
	live, ended := []any{dom.Class("consumers"), dom.Attr("aria-label", say("consumers"))}, []any{dom.Class("consumers"), dom.Attr("aria-label", say("consumers.ended"))}
	alive := 0
	for _, consumer := range c.items {
		consumer = consumer.At(c.page.now()) // one may have ended since the list was read
		if consumer.State == paycor.ConsumerActive {
			live, alive = append(live, c.renderConsumer(consumer)), alive+1
		} else {
			ended = append(ended, c.renderConsumer(consumer))
		}
	}
	first := dom.El("ul", live...)
	if alive == 0 {
		first = dom.El("div", dom.Class("notice"), dom.Icon("key"), dom.El("div",
			dom.El("p", dom.Class("notice-title"), say("consumers.none-live")), dom.El("p", say("consumers.empty-help"))))
	}
	return dom.El("div", dom.Class("stack"), first, c.renderEnded(ended, len(c.items)-alive, alive == 0))
}

// renderEnded keeps tokens that work no more below those that do, out of the
// way unless they are all there is.
func (c *consumersPage) renderEnded(list []any, count int, open bool) any {
	if count == 0 {
		return nil
	}
	return dom.El("details", dom.Attr("id", "ended-consumers"), dom.Class("advanced"), dom.Flag("open", open),
		dom.El("summary", say("consumers.ended-count", count)), dom.El("div", dom.Class("advanced-body"), dom.El("ul", list...)))
}

// renderConsumer is one entry: a plain list, because it holds a button.
func (c *consumersPage) renderConsumer(consumer paycor.Consumer) goapp.UI {
	now := c.page.now()
	name := "consumer-name-" + consumer.ID
	facts := []any{dom.Class("facts"),
		fact(say("consumer.may"), renderRights(consumer.Rights)),
		fact(say("consumer.reach"), c.renderScope(consumer)),
		fact(say("fact.used"), c.lastUsed(consumer)),
		fact(say("fact.created"), c.created(consumer)),
	}
	switch {
	case consumer.State == paycor.ConsumerRevoked:
		facts = append(facts, fact(say("consumer.revoked"), []goapp.UI{moment(ago(consumer.RevokedAt, now), consumer.RevokedAt), span(by(consumer.RevokedBy))}))
	case consumer.ExpiresAt.IsZero():
		facts = append(facts, fact(say("consumer.expires.active"), say("consumer.never")))
	default:
		facts = append(facts, fact(say("consumer.expires."+string(consumer.State)), moment(expiryText(consumer.ExpiresAt, now), consumer.ExpiresAt)))
	}
	look, state := map[paycor.ConsumerState]string{paycor.ConsumerActive: "verified", paycor.ConsumerRevoked: "rejected"}[consumer.State], say("consumer.is."+string(consumer.State))
	if reachesNothing(consumer) {
		look, state = "rejected", say("consumer.is.stranded")
	}
	return dom.El("li", dom.Class("card", "consumer"), dom.Attr("aria-labelledby", name),
		dom.El("div", dom.Class("consumer-head"),
			dom.El("h2", dom.Attr("id", name), consumer.Name),
			dom.El("span", dom.Class("badge", "is-"+look), state),
		),
		dom.El("p", dom.Class("consumer-id"), dom.VisuallyHidden(say("consumer.id")), dom.El("code", dom.Attr("id", "consumer-id-"+consumer.ID), consumer.ID),
			c.page.copyButton("copy-"+consumer.ID, say("consumer.id-of", consumer.Name), consumer.ID)),
		dom.Slot(renderReachesNothing(consumer), c.renderReminder(consumer), c.renderSameName(consumer)),
		dom.El("dl", facts...),
		dom.El("div", dom.Class("buttons"), c.renderRenew(consumer), dom.Slot(c.renderRevoke(consumer))),
	)
}

// reachesNothing reports whether a token works and is for nothing that is left.
func reachesNothing(consumer paycor.Consumer) bool {
	return consumer.State == paycor.ConsumerActive && !consumer.Reaches()
}

func renderReachesNothing(consumer paycor.Consumer) any {
	if !reachesNothing(consumer) {
		return nil
	}
	return dom.El("p", dom.Class("reminder", "late"), dom.Icon("warned"), dom.El("span", say("consumer.stranded")))
}

// expiryText is when a token ends or ended: where that is near, the day alone does
// not tell whether it works this afternoon.
func expiryText(end, now time.Time) string {
	if end.Sub(now).Abs() > 48*time.Hour {
		return day(end)
	}
	return dayAndTime(end)
}

func (c *consumersPage) created(consumer paycor.Consumer) []goapp.UI {
	return []goapp.UI{moment(ago(consumer.CreatedAt, c.page.now()), consumer.CreatedAt), span(by(consumer.CreatedBy))}
}

func span(words string) goapp.UI { return dom.El("span", words) }

func by(name string) string {
	if name == "" {
		return ""
	}
	return " " + say("fact.by", name)
}

func (c *consumersPage) lastUsed(consumer paycor.Consumer) any {
	if consumer.LastUsedAt.IsZero() {
		return say("used.never")
	}
	return moment(ago(consumer.LastUsedAt, c.page.now()), consumer.LastUsedAt)
}

// renderScope says which credentials a consumer may touch.
func (c *consumersPage) renderScope(consumer paycor.Consumer) any {
	if len(consumer.Credentials) == 0 {
		return say("consumer.all")
	}
	items := []any{dom.Class("reach")}
	for _, id := range consumer.Credentials {
		items = append(items, dom.El("li", c.renderScopeEntry(consumer, id)...))
	}
	return dom.El("ul", items...)
}

// renderScopeEntry names a credential, by its id where that is all that is known.
func (c *consumersPage) renderScopeEntry(consumer paycor.Consumer, id string) []any {
	one, known := c.credential(id)
	switch {
	case slices.Contains(consumer.Deleted, id):
		return []any{dom.El("span", dom.Class("muted"), say("consumer.deleted")), " ", dom.El("code", dom.Class("small"), id)}
	case !known:
		return []any{dom.El("code", dom.Class("small"), id)}
	}
	return []any{dom.El("span", one.Name), " ", dom.El("span", dom.Class("muted", "small"), c.qualifiers[one.ID])}
}

// remindFrom is how long before its end a token says so.
const remindFrom = 14 * 24 * time.Hour

// renderReminder says that a token ends soon: the program stops then.
func (c *consumersPage) renderReminder(consumer paycor.Consumer) any {
	left := consumer.ExpiresAt.Sub(c.page.now())
	if consumer.State != paycor.ConsumerActive || consumer.ExpiresAt.IsZero() || left > remindFrom {
		return nil
	}
	hours := int(left.Hours())
	ends := say("renew.soon")
	switch {
	case hours >= 48:
		ends = say("renew.ends", count(hours/24, "days"))
	case hours > 0:
		ends = say("renew.ends", count(hours, "hours"))
	}
	return reminderLine("odd", ends)
}

// descriptionIDs names the elements that tell a consumer's buttons from others'.
func (c *consumersPage) descriptionIDs(consumer paycor.Consumer) string {
	if newer, older := c.sameName(consumer); len(newer)+len(older) > 0 {
		return "consumer-name-" + consumer.ID + " consumer-id-" + consumer.ID
	}
	return "consumer-name-" + consumer.ID
}

// renderRenew makes another token like this one, also where it has ended.
func (c *consumersPage) renderRenew(consumer paycor.Consumer) goapp.UI {
	id := "renew-" + consumer.ID
	return dom.Button("", id, say("renew"), dom.Attr("aria-haspopup", "dialog"), dom.Attr("aria-describedby", c.descriptionIDs(consumer)),
		dom.Click(id, func() { c.tokens.renew(consumer, id) }))
}

func (c *consumersPage) renderRevoke(consumer paycor.Consumer) any {
	if consumer.State != paycor.ConsumerActive {
		return nil
	}
	id := "revoke-" + consumer.ID
	return dom.Button("danger-quiet", id, say("revoke"), dom.Attr("aria-haspopup", "dialog"), dom.Attr("aria-describedby", c.descriptionIDs(consumer)),
		dom.Click(id, func() { c.revoke.begin(consumer, id) }))
}
