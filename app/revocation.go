package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

const (
	revocationID   = "revocation"
	revocationName = "revocation-name"
)

// revocation is the dialog that ends an API token once its name is typed, or
// the end of its id where others that work have its name.
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

// guard is what has to be typed, which no other token that works has, and how
// it is asked for.
func (r *revocation) guard() (text string, label []goapp.UI, mismatch string) {
	if newer, older := r.screen.namesakes(r.consumer); len(newer)+len(older) == 0 {
		name := r.consumer.Name
		return name, []goapp.UI{goapp.Text(say("delete.label", name))}, say("delete.mismatch", name)
	}
	const enough = 6 // of 26 random letters and digits
	end := r.consumer.ID[max(0, len(r.consumer.ID)-enough):]
	return end, []goapp.UI{goapp.Text(say("revoke.label") + " "), el("code", end)}, say("revoke.mismatch", end)
}

// confirm revokes, where the guard was typed, or all of the id.

func (r *revocation) confirm() {
	page := r.screen.page
	if !r.open || r.working {
		return
	}
	guard, _, mismatch := r.guard()
	if typed := fold(page.surface.Value(revocationName)); typed != fold(guard) && typed != r.consumer.ID {
		r.problem = mismatch
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
	_, label, _ := r.guard()
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
				slot(r.renderNamesakes()),
				el("dl", class("facts"),
					fact(say("consumer.id"), el("code", class("small"), r.consumer.ID)),
					fact(say("fact.created"), r.screen.created(r.consumer)),
					fact(say("fact.used"), r.screen.lastUsed(r.consumer))),
				el("div", class("field", faulty(r.problem != "")),
					el("label", at("for", revocationName), label),
					el("p", at("id", "revocation-hint"), class("hint"), say("revoke.hint")),
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

// renderNamesakes says what the program goes on with.
func (r *revocation) renderNamesakes() any {
	newer, older := r.screen.namesakes(r.consumer)
	switch {
	case len(newer) > 0:
		return el("div", class("namesakes"), r.screen.renderNewer(r.consumer, newer[0]), el("p", say("revoke.newer")))
	case len(older) > 0:
		return el("div", class("namesakes"), el("p", say("revoke.newest")), r.screen.renderNamesakes(r.consumer))
	}
	return nil
}
