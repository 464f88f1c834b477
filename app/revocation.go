package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

const (
	revocationID   = "revocation"
	revocationName = "revocation-name"
)

// revocation is the dialog that ends an API token once its name is typed.
type revocation struct {
	screen   *consumers
	consumer paycor.Consumer
	open     bool
	shown    bool // the browser shows it: before, a "close" is the last opening's
	opener   string
	working  bool
	problem  string
}

// begin asks.
func (r *revocation) begin(consumer paycor.Consumer, opener string) {
	page := r.screen.page
	r.consumer, r.opener, r.open, r.working, r.problem = consumer, opener, true, false, ""
	page.tell("", nil)
	page.after(func() {
		page.surface.SetValue(revocationName, "")
		page.surface.ShowModal(revocationID)
		r.shown = true
		page.surface.Focus(revocationName)
	})
}

// close is Cancel and Escape.
func (r *revocation) close() {
	if r.open && !r.working {
		r.leave(r.opener)
	}
}

func (r *revocation) leave(to string) {
	page := r.screen.page
	r.open, r.shown = false, false
	page.surface.Close(revocationID)
	page.after(func() { page.surface.Focus(to) })
}

// confirm revokes, where the name was typed.
func (r *revocation) confirm() {
	page := r.screen.page
	if !r.open || r.working {
		return
	}
	if fold(page.surface.Value(revocationName)) != fold(r.consumer.Name) {
		r.problem = say("delete.mismatch", r.consumer.Name)
		page.after(func() { page.surface.Focus(revocationName) })
		return
	}
	r.working, r.problem = true, ""
	page.async(func() {
		err := page.service.RevokeConsumer(page.ctx, r.consumer.ID)
		page.do(func() {
			r.working = false
			if err != nil && paycor.KindOf(err) != paycor.KindNotFound {
				r.problem = words(err)
				page.after(func() { page.surface.Focus(revocationName) })
				return
			}
			page.tell(say("revoke.done", r.consumer.Name), nil)
			r.leave(addConsumerID) // the button that opened it is gone
			r.screen.refresh()
		})
	})
}

func (r *revocation) render() goapp.UI {
	last := say("delete.unused")
	if !r.consumer.LastUsedAt.IsZero() {
		last = say("delete.used", ago(r.consumer.LastUsedAt, r.screen.page.now()))
	}
	confirm := say("revoke")
	if r.working {
		confirm = say("revoke.running")
	}
	described := "revocation-hint"
	if r.problem != "" {
		described += " revocation-problem"
	}
	return el("dialog", at("id", revocationID), class("dialog", "narrow"), at("aria-labelledby", "revocation-title"),
		escape("revocation", r.close),
		on("close", "revocation", func(event goapp.Event) {
			if r.shown && !event.Get("target").Get("open").Bool() {
				r.close()
			}
		}),
		el("form", class("dialog-form"), at("method", "dialog"), flag("novalidate", true), at("autocomplete", "off"),
			on("submit", "revocation", func(event goapp.Event) {
				event.PreventDefault()
				r.confirm()
			}),
			el("div", class("dialog-head"), el("h2", at("id", "revocation-title"), say("revoke.title", r.consumer.Name))),
			el("div", class("dialog-body"),
				el("p", say("revoke.words")),
				el("p", class("fact-line"), last),
				el("div", class("field", faulty(r.problem != "")),
					el("label", at("for", revocationName), say("delete.label", r.consumer.Name)),
					el("p", at("id", "revocation-hint"), class("hint"), say("delete.hint")),
					el("p", at("id", "revocation-problem"), class("error"), at("role", "alert"), r.problem),
					el("input", at("type", "text"), at("id", revocationName), class("input"), at("autocomplete", "off"), at("spellcheck", "false"),
						at("aria-describedby", described), at("aria-invalid", yes(r.problem != ""))),
				),
			),
			el("div", class("dialog-foot"),
				button("", "revocation-cancel", say("cancel"), click("revocation-cancel", r.close)),
				el("button", at("type", "submit"), at("id", "revocation-confirm"), class("button", "danger"), el("span", confirm)),
			),
		),
	)
}
