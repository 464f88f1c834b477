package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor/consumer"
)

// sameName returns the other active tokens with the same name. A program gets its
// new token before the old one is revoked, so two are common.
func (c *consumersPage) sameName(of consumer.Consumer) (newer, older []consumer.Consumer) {
	now, passed := c.page.now(), false
	for _, one := range c.items { // newest first
		switch {
		case one.ID == of.ID:
			passed = true
		case foldSpaces(one.Name) != foldSpaces(of.Name) || one.At(now).State != consumer.Active:
		case passed:
			older = append(older, one)
		default:
			newer = append(newer, one)
		}
	}
	return newer, older
}

// renderSameName names the other active tokens with the same name, and says whether
// the program still needs this one.
func (c *consumersPage) renderSameName(of consumer.Consumer) any {
	if of.State != consumer.Active {
		return nil
	}
	newer, older := c.sameName(of)
	var lines []goapp.UI
	if len(newer) > 0 {
		lines = append(lines, c.renderNewerToken(of, newer[0]))
	}
	if len(older) > 0 {
		text := c.page.say("same-name.older", c.lastUsedText(older[0]))
		if len(older) > 1 {
			text = c.page.say("same-name.older.many", len(older), c.lastUsedText(older[0]))
		}
		lines = append(lines, dom.El("p", text+" ", dom.El("code", older[0].ID)))
	}
	if lines == nil {
		return nil
	}
	return dom.El("div", dom.Class("same-name", "small"), lines)
}

// renderNewerToken names the newer token with the same name, and says what to do.
func (c *consumersPage) renderNewerToken(of, newer consumer.Consumer) goapp.UI {
	now := c.page.now()
	advice := c.page.say("same-name.both", c.page.relativeText(newer.LastUsedAt, now), c.page.relativeText(of.LastUsedAt, now))
	switch {
	case newer.LastUsedAt.IsZero():
		advice = c.page.say("same-name.unused")
	case of.LastUsedAt.Before(newer.CreatedAt):
		advice = c.page.say("same-name.taken", c.page.relativeText(newer.LastUsedAt, now))
	}
	return dom.El("p", c.page.say("same-name.newer", c.page.relativeText(newer.CreatedAt, now))+" ", dom.El("code", newer.ID), " "+advice)
}

func (c *consumersPage) lastUsedText(of consumer.Consumer) string {
	if of.LastUsedAt.IsZero() {
		return c.page.say("same-name.never")
	}
	return c.page.say("same-name.used", c.page.relativeText(of.LastUsedAt, c.page.now()))
}
