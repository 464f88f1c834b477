package app

import (
	"slices"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// render is the screen of consumers.
func (c *consumers) render() goapp.UI {
	return el("div", class("screen"),
		el("div", class("lead", "lead-own"),
			el("div", class("lead-text"),
				el("h1", say("consumers")),
				el("p", class("lead-words"), say("consumers.lead")),
			),
			button("primary", addConsumerID, say("consumer.add"), at("aria-haspopup", "dialog"), click(addConsumerID, c.hiring.begin)),
		),
		renderStale(c.failure, c.refresh),
		c.renderList(),
		c.hiring.render(),
		c.revocation.render(),
	)
}

func (c *consumers) renderList() goapp.UI {
	if len(c.items) == 0 {
		return el("div", class("notice"), icon("key"), el("div",
			el("p", class("notice-title"), say("consumers.empty")), el("p", say("consumers.empty-help"))))
	}
	live, ended := []any{class("consumers"), at("aria-label", say("consumers"))}, []any{class("consumers"), at("aria-label", say("consumers.ended"))}
	alive := 0
	for _, consumer := range c.items {
		consumer = consumer.At(c.page.now()) // one may have ended since the list was read
		if consumer.State == paycor.ConsumerActive {
			live, alive = append(live, c.renderConsumer(consumer)), alive+1
		} else {
			ended = append(ended, c.renderConsumer(consumer))
		}
	}
	first := el("ul", live...)
	if alive == 0 {
		first = el("div", class("notice"), icon("key"), el("div",
			el("p", class("notice-title"), say("consumers.none-live")), el("p", say("consumers.empty-help"))))
	}
	return el("div", class("stack"), first, c.renderEnded(ended, len(c.items)-alive, alive == 0))
}

// renderEnded keeps tokens that work no more below those that do, out of the
// way unless they are all there is.
func (c *consumers) renderEnded(list []any, count int, open bool) any {
	if count == 0 {
		return nil
	}
	return el("details", at("id", "ended-consumers"), class("advanced"), flag("open", open),
		el("summary", say("consumers.ended-count", count)), el("div", class("advanced-body"), el("ul", list...)))
}

// renderConsumer is one entry: a plain list, because it holds a button.
func (c *consumers) renderConsumer(consumer paycor.Consumer) goapp.UI {
	now := c.page.now()
	name := "consumer-name-" + consumer.ID
	facts := []any{class("facts"),
		fact(say("consumer.may"), renderRights(consumer.Rights)),
		fact(say("consumer.reach"), c.reach(consumer)),
		fact(say("fact.used"), c.lastUsed(consumer)),
		fact(say("fact.created"), c.created(consumer)),
	}
	switch {
	case consumer.State == paycor.ConsumerRevoked:
		facts = append(facts, fact(say("consumer.revoked"), []goapp.UI{moment(ago(consumer.RevokedAt, now), consumer.RevokedAt), slotted(by(consumer.RevokedBy))}))
	case consumer.ExpiresAt.IsZero():
		facts = append(facts, fact(say("consumer.expires.active"), say("consumer.never")))
	default:
		facts = append(facts, fact(say("consumer.expires."+string(consumer.State)), moment(endOf(consumer.ExpiresAt, now), consumer.ExpiresAt)))
	}
	look, state := map[paycor.ConsumerState]string{paycor.ConsumerActive: "verified", paycor.ConsumerRevoked: "rejected"}[consumer.State], say("consumer.is."+string(consumer.State))
	if stranded(consumer) {
		look, state = "rejected", say("consumer.is.stranded")
	}
	return el("li", class("card", "consumer"), at("aria-labelledby", name),
		el("div", class("consumer-head"),
			el("h2", at("id", name), consumer.Name),
			el("span", class("badge", "is-"+look), state),
		),
		el("p", class("consumer-id"), unseen(say("consumer.id")), el("code", at("id", "consumer-id-"+consumer.ID), consumer.ID),
			c.page.copyButton("copy-"+consumer.ID, say("consumer.id-of", consumer.Name), consumer.ID)),
		slot(renderStranded(consumer), c.renderReminder(consumer), c.renderNamesakes(consumer)),
		el("dl", facts...),
		el("div", class("buttons"), c.renderRenew(consumer), slot(c.renderRevoke(consumer))),
	)
}

// stranded reports whether a token works and is for nothing that is left.
func stranded(consumer paycor.Consumer) bool {
	return consumer.State == paycor.ConsumerActive && !consumer.Reaches()
}

func renderStranded(consumer paycor.Consumer) any {
	if !stranded(consumer) {
		return nil
	}
	return el("p", class("reminder", "late"), icon("warned"), el("span", say("consumer.stranded")))
}

// endOf is when a token ends or ended: where that is near, the day alone does
// not tell whether it works this afternoon.
func endOf(end, now time.Time) string {
	if end.Sub(now).Abs() > 48*time.Hour {
		return day(end)
	}
	return dayAndTime(end)
}

func (c *consumers) created(consumer paycor.Consumer) []goapp.UI {
	return []goapp.UI{moment(ago(consumer.CreatedAt, c.page.now()), consumer.CreatedAt), slotted(by(consumer.CreatedBy))}
}

func slotted(words string) goapp.UI { return el("span", words) }

func by(name string) string {
	if name == "" {
		return ""
	}
	return " " + say("fact.by", name)
}

func (c *consumers) lastUsed(consumer paycor.Consumer) any {
	if consumer.LastUsedAt.IsZero() {
		return say("used.never")
	}
	return moment(ago(consumer.LastUsedAt, c.page.now()), consumer.LastUsedAt)
}

// reach says which credentials a consumer may touch.
func (c *consumers) reach(consumer paycor.Consumer) any {
	if len(consumer.Credentials) == 0 {
		return say("consumer.all")
	}
	items := []any{class("reach")}
	for _, id := range consumer.Credentials {
		items = append(items, el("li", c.renderReached(consumer, id)...))
	}
	return el("ul", items...)
}

// renderReached names a credential, by its id where that is all that is known.
func (c *consumers) renderReached(consumer paycor.Consumer, id string) []any {
	one, known := c.credential(id)
	switch {
	case slices.Contains(consumer.Deleted, id):
		return []any{el("span", class("muted"), say("consumer.deleted")), " ", el("code", class("small"), id)}
	case !known:
		return []any{el("code", class("small"), id)}
	}
	return []any{el("span", one.Name), " ", el("span", class("muted", "small"), c.beside[one.ID])}
}

// remindFrom is how long before its end a token says so.
const remindFrom = 14 * 24 * time.Hour

// renderReminder says that a token ends soon: the program stops then.
func (c *consumers) renderReminder(consumer paycor.Consumer) any {
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

// describes names the elements that tell a consumer's buttons from others'.
func (c *consumers) describes(consumer paycor.Consumer) string {
	if newer, older := c.namesakes(consumer); len(newer)+len(older) > 0 {
		return "consumer-name-" + consumer.ID + " consumer-id-" + consumer.ID
	}
	return "consumer-name-" + consumer.ID
}

// renderRenew makes another token like this one, also where it has ended.
func (c *consumers) renderRenew(consumer paycor.Consumer) goapp.UI {
	id := "renew-" + consumer.ID
	return button("", id, say("renew"), at("aria-haspopup", "dialog"), at("aria-describedby", c.describes(consumer)),
		click(id, func() { c.hiring.renew(consumer, id) }))
}

func (c *consumers) renderRevoke(consumer paycor.Consumer) any {
	if consumer.State != paycor.ConsumerActive {
		return nil
	}
	id := "revoke-" + consumer.ID
	return button("danger-quiet", id, say("revoke"), at("aria-haspopup", "dialog"), at("aria-describedby", c.describes(consumer)),
		click(id, func() { c.revocation.begin(consumer, id) }))
}
