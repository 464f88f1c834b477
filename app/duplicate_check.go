package app

import (
	"context"
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// look asks whether what is about to be saved is saved already, and goes on
// where it is not, or where the person wants it twice. Where nobody can tell,
// the save goes on: the server says it once more with what was saved.
func (e *editor) look(draft paycor.Draft) {
	request := e.lookedFor(draft)
	if e.twice || request == (paycor.DuplicateRequest{ID: request.ID}) {
		e.goOn(draft)
		return
	}
	ctx, cancel := context.WithCancel(e.page.ctx)
	e.work, e.cancel = verifying, cancel
	e.page.loop.Async(func() {
		defer cancel()
		found, _ := e.page.service.Duplicates(ctx, request)
		stopped := ctx.Err() != nil
		e.page.loop.Update(func() {
			if !e.open || e.work != verifying {
				return
			}
			e.work, e.cancel = idle, nil
			switch {
			case stopped:
				e.failure = say("fail.stopped")
				e.point()
			case len(found) > 0:
				e.same, e.stopped = found, alike
				e.point()
			default:
				e.goOn(draft)
			}
		})
	})
}

// lookedFor is what of a draft could be saved already: of an edited credential
// only what is changed.
func (e *editor) lookedFor(draft paycor.Draft) paycor.DuplicateRequest {
	if e.mode != editing {
		return paycor.DuplicatesOf("", draft)
	}
	request, changed := paycor.DuplicatesOf(e.base.ID, draft), e.patch(draft).Fields()
	if !slices.Contains(changed, fields.Name) {
		request.Name = ""
	}
	if !slices.ContainsFunc(changed, func(field fields.Field) bool {
		return field == fields.Environment || field == fields.ClientID || field == fields.LegalEntityID
	}) {
		request.Environment, request.ClientID, request.LegalEntityID = "", "", ""
	}
	return request
}

// renderSame lists what is saved already, each with the way to it.
func (e *editor) renderSame() goapp.UI {
	items := []any{}
	for _, same := range e.same {
		way := any(nil)
		if !e.page.embedded() { // another tab is not signed in as the frame is
			way = e.page.newTabLink(pathOf(same.Credential), say("duplicate.open", same.Name))
		}
		items = append(items, dom.El("li", dom.El("span", sentence(same.Message)), " ", way))
	}
	return dom.El("ul", items...)
}

// overlapping says of fields that are changed here, and were changed by
// somebody else since, what they are now: the next Save replaces that.
func (e *editor) overlapping(now paycor.Credential) []string {
	var theirs []string
	before, after := e.base.Draft().Clean(), now.Draft().Clean()
	for _, field := range e.patch(e.read()).Fields() {
		switch {
		case field == fields.ClientSecret && !e.base.ClientSecretSavedAt.Equal(now.ClientSecretSavedAt),
			field == fields.SubscriptionKey && !e.base.SubscriptionKeySavedAt.Equal(now.SubscriptionKeySavedAt):
			theirs = append(theirs, say("stale.secret", field.Label()))
		case before.Value(field) != after.Value(field):
			value := after.Value(field)
			if value == "" {
				value = say("stale.empty")
			}
			theirs = append(theirs, say("stale.theirs", field.Label(), value))
		}
	}
	return theirs
}

// renderTheirs shows what the next Save would replace.
func (e *editor) renderTheirs() any {
	if len(e.theirs) == 0 {
		return nil
	}
	items := []any{}
	for _, words := range e.theirs {
		items = append(items, dom.El("li", words))
	}
	return dom.El("div", dom.El("ul", items...), dom.El("p", say("stale.help")))
}
