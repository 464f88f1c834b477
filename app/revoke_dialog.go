package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
)

const (
	revocationID   = "revocation"
	revocationName = "revocation-name"
)

// revokeDialog is the dialog that ends an API token once its name is typed, or
// the end of its id where others that work have its name.
type revokeDialog struct {
	screen   *consumersPage
	consumer consumer.Consumer
	open     bool
	shown    bool // the browser shows it: before, a "close" is the last opening's
	opener   string
	working  bool
	problem  string
}

// begin asks.
func (r *revokeDialog) begin(program consumer.Consumer, opener string) {
	page := r.screen.page
	r.consumer, r.opener, r.open, r.working, r.problem = program, opener, true, false, ""
	page.setStatus("", nil)
	page.loop.AfterRender(func() {
		page.document.SetValue(revocationName, "")
		page.document.ShowModal(revocationID)
		r.shown = true
		page.document.Focus(revocationName)
	})
}

// close is Cancel and Escape.
func (r *revokeDialog) close() {
	if r.open && !r.working {
		r.hide(r.opener)
	}
}

func (r *revokeDialog) hide(to string) {
	page := r.screen.page
	r.open, r.shown = false, false
	page.document.Close(revocationID)
	page.loop.AfterRender(func() { page.document.Focus(to) })
}

// confirmation is what has to be typed, which no other token that works has, and how
// it is asked for.
func (r *revokeDialog) confirmation() (text string, label []goapp.UI, mismatch string) {
	if newer, older := r.screen.sameName(r.consumer); len(newer)+len(older) == 0 {
		name := r.consumer.Name
		return name, []goapp.UI{goapp.Text(say("delete.label", name))}, say("delete.mismatch", name)
	}
	const enough = 6 // of 26 random letters and digits
	end := r.consumer.ID[max(0, len(r.consumer.ID)-enough):]
	return end, []goapp.UI{goapp.Text(say("revoke.label") + " "), dom.El("code", end)}, say("revoke.mismatch", end)
}

// confirm revokes, where the guard was typed, or all of the id.

func (r *revokeDialog) confirm() {
	page := r.screen.page
	if !r.open || r.working {
		return
	}
	guard, _, mismatch := r.confirmation()
	if typed := fold(page.document.Value(revocationName)); typed != fold(guard) && typed != r.consumer.ID {
		r.problem = mismatch
		page.loop.AfterRender(func() { page.document.Focus(revocationName) })
		return
	}
	r.working, r.problem = true, ""
	page.loop.Async(func() {
		err := page.service.RevokeConsumer(page.ctx, r.consumer.ID)
		page.loop.Update(func() {
			r.working = false
			if err != nil && paycor.KindOf(err) != paycor.KindNotFound {
				r.problem = client.ErrorText(err)
				page.loop.AfterRender(func() { page.document.Focus(revocationName) })
				return
			}
			page.setStatus(say("revoke.done", r.consumer.Name), nil)
			r.hide(addConsumerID) // the button that opened it is gone
			r.screen.refresh()
		})
	})
}

func (r *revokeDialog) render() goapp.UI {
	_, label, _ := r.confirmation()
	confirm := say("revoke")
	if r.working {
		confirm = say("revoke.running")
	}
	described := "revocation-hint"
	if r.problem != "" {
		described += " revocation-problem"
	}
	return dom.El("dialog", dom.Attr("id", revocationID), dom.Class("dialog", "narrow"), dom.Attr("aria-labelledby", "revocation-title"),
		dom.OnCancel("revocation", r.close),
		dom.On("close", "revocation", func(event goapp.Event) {
			if r.shown && !event.Get("target").Get("open").Bool() {
				r.close()
			}
		}),
		dom.El("form", dom.Class("dialog-form"), dom.Attr("method", "dialog"), dom.Flag("novalidate", true), dom.Attr("autocomplete", "off"),
			dom.On("submit", "revocation", func(event goapp.Event) {
				event.PreventDefault()
				r.confirm()
			}),
			dom.El("div", dom.Class("dialog-head"), dom.El("h2", dom.Attr("id", "revocation-title"), say("revoke.title", r.consumer.Name))),
			dom.El("div", dom.Class("dialog-body"),
				dom.El("p", say("revoke.words")),
				dom.Slot(r.renderSameName()),
				dom.El("dl", dom.Class("facts"),
					fact(say("consumer.id"), dom.El("code", dom.Class("small"), r.consumer.ID)),
					fact(say("fact.created"), r.screen.created(r.consumer)),
					fact(say("fact.used"), r.screen.lastUsed(r.consumer))),
				dom.El("div", dom.Class("field", faulty(r.problem != "")),
					dom.El("label", dom.Attr("for", revocationName), label),
					dom.El("p", dom.Attr("id", "revocation-hint"), dom.Class("hint"), say("revoke.hint")),
					dom.El("p", dom.Attr("id", "revocation-problem"), dom.Class("error"), dom.Attr("role", "alert"), r.problem),
					dom.El("input", dom.Attr("type", "text"), dom.Attr("id", revocationName), dom.Class("input"), dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"),
						dom.Attr("aria-describedby", described), dom.Attr("aria-invalid", dom.AriaBool(r.problem != ""))),
				),
			),
			dom.El("div", dom.Class("dialog-foot"),
				dom.Button("", "revocation-cancel", say("cancel"), dom.Click("revocation-cancel", r.close)),
				dom.El("button", dom.Attr("type", "submit"), dom.Attr("id", "revocation-confirm"), dom.Class("button", "danger"), dom.El("span", confirm)),
			),
		),
	)
}

// renderSameName says what the program goes on with.
func (r *revokeDialog) renderSameName() any {
	newer, older := r.screen.sameName(r.consumer)
	switch {
	case len(newer) > 0:
		return dom.El("div", dom.Class("namesakes"), r.screen.renderNewerToken(r.consumer, newer[0]), dom.El("p", say("revoke.newer")))
	case len(older) > 0:
		return dom.El("div", dom.Class("namesakes"), dom.El("p", say("revoke.newest")), r.screen.renderSameName(r.consumer))
	}
	return nil
}
