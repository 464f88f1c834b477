package app

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
)

const revocationID = "revocation"

// revokeDialog revokes an API token after its name is typed, or the end of its
// ID if other active tokens have the same name.
type revokeDialog struct {
	*form.Confirmation

	screen   *consumersPage
	consumer consumer.Consumer
}

func newRevokeDialog(c *consumersPage) *revokeDialog {
	r := &revokeDialog{screen: c}
	r.Confirmation = form.NewConfirmation(c.page.forms, revocationID, func() form.Input {
		return form.Input{Label: r.label(), Hint: c.page.say("revoke.hint"), Code: true}
	})
	r.Accepts = func(typed string) bool {
		return foldSpaces(typed) == foldSpaces(r.expected()) || strings.TrimSpace(typed) == r.consumer.ID
	}
	r.Mismatch = func() string {
		if r.hasSameName() {
			return c.page.say("revoke.mismatch", r.expected())
		}
		return c.page.say("delete.mismatch", r.expected())
	}
	r.Confirm = r.revoke
	return r
}

// openFor opens the dialog for a token.
func (r *revokeDialog) openFor(token consumer.Consumer, opener string) {
	r.consumer = token
	r.screen.page.setStatus("", nil)
	r.Open(opener)
}

// hasSameName reports whether other active tokens have the name.
func (r *revokeDialog) hasSameName() bool {
	newer, older := r.screen.sameName(r.consumer)
	return len(newer)+len(older) > 0
}

// expected returns the text to type, which no other active token has.
func (r *revokeDialog) expected() string {
	const enough = 6 // of 26 random letters and digits
	if r.hasSameName() {
		return r.consumer.ID[max(0, len(r.consumer.ID)-enough):]
	}
	return r.consumer.Name
}

func (r *revokeDialog) label() any {
	if r.hasSameName() {
		return []goapp.UI{goapp.Text(r.screen.page.say("revoke.label") + " "), dom.El("code", r.expected())}
	}
	return r.screen.page.say("delete.label", r.expected())
}

// revoke revokes the token and reads the list again.
func (r *revokeDialog) revoke() {
	page := r.screen.page
	ctx := r.Start(page.ctx, false)
	page.loop.Async(func() {
		err := page.service.RevokeConsumer(ctx, r.consumer.ID)
		page.loop.Update(func() {
			r.Finish()
			if err != nil && paycor.KindOf(err) != paycor.KindNotFound {
				r.ShowError(err)
				return
			}
			page.setStatus(r.screen.page.say("revoke.done", r.consumer.Name), nil)
			r.SetOpener(addConsumerID) // the button that opened the dialog is gone
			r.Close()
			r.screen.refresh()
		})
	})
}

func (r *revokeDialog) render() goapp.UI {
	label := r.screen.page.say("revoke")
	if r.IsBusy() {
		label = r.screen.page.say("revoke.running")
	}
	return r.Render(form.View{
		Title: r.screen.page.say("revoke.title", r.consumer.Name),
		Body: []any{
			dom.El("p", r.screen.page.say("revoke.words")),
			dom.Slot(r.renderSameName()),
			dom.El("dl", dom.Class("facts"),
				fact(r.screen.page.say("consumer.id"), dom.El("code", dom.Class("small"), r.consumer.ID)),
				fact(r.screen.page.say("fact.created"), r.screen.created(r.consumer)),
				fact(r.screen.page.say("fact.used"), r.screen.lastUsed(r.consumer))),
			r.RenderInput(),
		},
		Submit: label, Danger: true,
	})
}

// renderSameName says which token the program will use afterwards.
func (r *revokeDialog) renderSameName() any {
	newer, older := r.screen.sameName(r.consumer)
	switch {
	case len(newer) > 0:
		return dom.El("div", dom.Class("same-name"), r.screen.renderNewerToken(r.consumer, newer[0]), dom.El("p", r.screen.page.say("revoke.newer")))
	case len(older) > 0:
		return dom.El("div", dom.Class("same-name"), dom.El("p", r.screen.page.say("revoke.newest")), r.screen.renderSameName(r.consumer))
	}
	return nil
}
