package app

import (
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// duplicateCheck asks, before a save, whether the credential exists already.
type duplicateCheck struct {
	editor   *editor
	found    []paycor.Duplicate
	accepted bool // "Save anyway", for what is typed now
}

// run continues with the save if there is no duplicate, or if the person wants both.
// Errors are ignored, because the server checks again and reports duplicates with what
// it saved.
func (c *duplicateCheck) run(draft paycor.Draft) {
	e, request := c.editor, c.request(draft)
	if c.accepted || request == (paycor.DuplicateRequest{ID: request.ID}) {
		e.verifyAndPersist(draft)
		return
	}
	ctx := e.Start(e.page.ctx, true)
	e.Loop.Async(func() {
		found, _ := e.page.service.Duplicates(ctx, request)
		canceled := ctx.Err()
		e.Loop.Update(func() {
			if !e.IsOpen() || !e.IsBusy() {
				return
			}
			e.Finish()
			switch {
			case canceled != nil:
				e.fail(canceled)
			case len(found) > 0:
				c.found = found
				e.block(blockDuplicate)
			default:
				e.verifyAndPersist(draft)
			}
		})
	})
}

// request returns what to compare with other credentials: for an
// edited credential, only what was changed.
func (c *duplicateCheck) request(draft paycor.Draft) paycor.DuplicateRequest {
	e := c.editor
	if e.operation != opUpdate {
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

// openDuplicates is how many duplicates of a kind are named and linked.
const openDuplicates = 2

// render says what is saved already, in a sentence for each kind, with links.
func (c *duplicateCheck) render() goapp.UI {
	page, items := c.editor.page, []any{}
	for _, kind := range []paycor.DuplicateKind{paycor.DuplicateValues, paycor.DuplicateName} {
		var same []paycor.Duplicate
		for _, duplicate := range c.found {
			if duplicate.Kind == kind {
				same = append(same, duplicate)
			}
		}
		if len(same) == 0 {
			continue
		}
		parts := []any{dom.El("span", duplicateText(page.words, same))}
		for _, duplicate := range same[:min(len(same), openDuplicates)] {
			if !page.embedded() { // another tab does not have the frame's session
				parts = append(parts, dom.El("div", page.newTabLink(pathOf(duplicate.Credential), page.say("duplicate.open", duplicate.Name))))
			}
		}
		items = append(items, dom.El("li", parts...))
	}
	return dom.El("ul", items...)
}

// duplicateText names duplicates of one kind.
func duplicateText(w words, same []paycor.Duplicate) string {
	switch {
	case len(same) == 1:
		return w.sentence(same[0].Message)
	case same[0].Kind == paycor.DuplicateName:
		return w.say("duplicate.named", len(same), same[0].Name)
	case len(same) == openDuplicates:
		return w.say("duplicate.values", w.say("duplicate.two", same[0].Name, same[1].Name))
	}
	return w.say("duplicate.values", w.say("duplicate.more", same[0].Name, same[1].Name, len(same)-openDuplicates))
}
