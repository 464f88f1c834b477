package app

import (
	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// reload reads the edited credential again after somebody else changed it, so
// that the next save is based on that change. The base stays: only changes made
// here are sent, and the other person's changes are kept.
func (e *editor) reload() {
	e.Loop.Async(func() {
		credential, err := e.page.service.Credential(e.page.ctx, e.base.ID)
		e.Loop.Update(func() {
			if err != nil || !e.IsOpen() || credential.ID != e.base.ID {
				return
			}
			e.ifMatch = credential.ETag()
			if e.conflicts = e.conflictsWith(credential); len(e.conflicts) > 0 {
				e.FocusSummary()
			}
		})
	})
}

// conflictsWith returns what somebody else saved in fields that are also
// changed here. The next save replaces it.
func (e *editor) conflictsWith(now paycor.Credential) []string {
	var conflicts []string
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

// renderConflicts lists what the next save would replace.
func (e *editor) renderConflicts() any {
	if len(e.conflicts) == 0 {
		return nil
	}
	items := []any{}
	for _, conflict := range e.conflicts {
		items = append(items, dom.El("li", conflict))
	}
	return dom.El("div", dom.El("ul", items...), dom.El("p", e.page.say("stale.help")))
}
