package app

import (
	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// editConflict is what somebody else saved in fields that are also changed here.
type editConflict struct {
	editor    *editor
	sentences []string
}

// reload reads the edited credential again after somebody else changed it, so
// that the next save is based on that change. The base stays: only changes made
// here are sent, and the other person's changes are kept.
func (c *editConflict) reload() {
	e := c.editor
	e.Loop.Async(func() {
		credential, err := e.page.service.Credential(e.page.ctx, e.base.ID)
		e.Loop.Update(func() {
			if err != nil || !e.IsOpen() || credential.ID != e.base.ID {
				return
			}
			e.ifMatch = credential.ETag()
			if c.sentences = c.compare(credential); len(c.sentences) > 0 {
				e.FocusSummary()
			}
		})
	})
}

// compare returns a sentence for each change of somebody else that the next save would
// replace.
func (c *editConflict) compare(now paycor.Credential) []string {
	var conflicts []string
	e := c.editor
	before, after := e.base.Draft().Clean(), now.Draft().Clean()
	for _, field := range e.patch(e.draft()).Fields() {
		switch {
		case field == fields.ClientSecret && !e.base.ClientSecretSavedAt.Equal(now.ClientSecretSavedAt),
			field == fields.SubscriptionKey && !e.base.SubscriptionKeySavedAt.Equal(now.SubscriptionKeySavedAt):
			conflicts = append(conflicts, e.page.say("stale.secret", e.page.fieldLabel(field)))
		case before.Value(field) != after.Value(field):
			value := after.Value(field)
			if value == "" {
				value = e.page.say("stale.empty")
			}
			conflicts = append(conflicts, e.page.say("stale.theirs", e.page.fieldLabel(field), value))
		}
	}
	return conflicts
}

// render lists what the next save would replace.
func (c *editConflict) render() any {
	if len(c.sentences) == 0 {
		return nil
	}
	items := []any{}
	for _, conflict := range c.sentences {
		items = append(items, dom.El("li", conflict))
	}
	return dom.El("div", dom.El("ul", items...), dom.El("p", c.editor.page.say("stale.help")))
}
