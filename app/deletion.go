package app

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

const (
	deletionID   = "deletion"
	deletionName = "deletion-name"
)

// deletion is the dialog that deletes a credential once its name is typed.
type deletion struct {
	page       *Page
	credential paycor.Credential
	open       bool
	shown      bool // the browser shows it: before, a "close" is the last opening's
	opener     string
	working    bool
	problem    string
}

// begin asks.
func (d *deletion) begin(credential paycor.Credential, opener string) {
	d.credential, d.opener, d.open, d.working, d.problem = credential, opener, true, false, ""
	d.page.tell("", nil)
	d.page.after(func() {
		d.page.surface.SetValue(deletionName, "")
		d.page.surface.ShowModal(deletionID)
		d.shown = true
		d.page.surface.Focus(deletionName)
	})
}

// close is Cancel and Escape.
func (d *deletion) close() {
	if !d.open || d.working {
		return
	}
	d.open, d.shown = false, false
	d.page.surface.Close(deletionID)
	opener := d.opener
	d.page.after(func() { d.page.surface.Focus(opener) })
}

// confirm deletes, where the name was typed.
func (d *deletion) confirm() {
	if !d.open || d.working {
		return
	}
	if fold(d.page.surface.Value(deletionName)) != fold(d.credential.Name) {
		d.problem = say("delete.mismatch", d.credential.Name)
		d.page.after(func() { d.page.surface.Focus(deletionName) })
		return
	}
	d.working, d.problem = true, ""
	d.page.async(func() {
		err := d.page.service.Delete(d.page.ctx, d.credential.ID, "")
		d.page.do(func() {
			d.working = false
			if err != nil && paycor.KindOf(err) != paycor.KindNotFound {
				d.problem = words(err)
				d.page.after(func() { d.page.surface.Focus(deletionName) })
				return
			}
			d.open, d.shown = false, false
			d.page.surface.Close(deletionID)
			d.page.live.announce(paycor.Change{ID: d.credential.ID, Action: paycor.ActionDelete})
			d.page.report(paycor.ActionDelete, d.credential)
			d.page.surface.Open("/?" + queryDeleted)
		})
	})
}

// fold makes a name comparable: how blanks were typed does not matter.
func fold(name string) string { return strings.Join(strings.Fields(name), " ") }

func (d *deletion) render() goapp.UI {
	used := say("delete.unused")
	if !d.credential.LastUsedAt.IsZero() {
		used = say("delete.used", ago(d.credential.LastUsedAt, d.page.now()))
	}
	if last := d.page.lastUser(); last != "" {
		used = last
	}
	if last := d.page.lastHand(); last != "" {
		used += " " + last
	}
	confirm := say("delete")
	if d.working {
		confirm = say("delete.running")
	}
	described := "deletion-hint"
	if d.problem != "" {
		described += " deletion-problem"
	}
	return el("dialog", at("id", deletionID), class("dialog", "narrow"), at("aria-labelledby", "deletion-title"),
		escape("deletion", d.close),
		on("close", "deletion", func(event goapp.Event) {
			if d.shown && !event.Get("target").Get("open").Bool() {
				d.close()
			}
		}),
		el("form", class("dialog-form"), at("method", "dialog"), flag("novalidate", true), at("autocomplete", "off"),
			on("submit", "deletion", func(event goapp.Event) {
				event.PreventDefault()
				d.confirm()
			}),
			el("div", class("dialog-head"), el("h2", at("id", "deletion-title"), say("delete.title", d.credential.Name)), d.page.watch.render("deletion")),
			el("div", class("dialog-body"),
				el("p", say("delete.words")),
				el("p", class("fact-line"), used),
				el("div", class("field", faulty(d.problem != "")),
					el("label", at("for", deletionName), say("delete.label", d.credential.Name)),
					el("p", at("id", "deletion-hint"), class("hint"), say("delete.hint")),
					el("p", at("id", "deletion-problem"), class("error"), at("role", "alert"), d.problem),
					el("input", at("type", "text"), at("id", deletionName), class("input"), at("autocomplete", "off"), at("spellcheck", "false"),
						at("aria-describedby", described), at("aria-invalid", yes(d.problem != ""))),
				),
			),
			el("div", class("dialog-foot"),
				button("", "deletion-cancel", say("cancel"), click("deletion-cancel", d.close)),
				el("button", at("type", "submit"), at("id", "deletion-confirm"), class("button", "danger"), el("span", confirm)),
			),
		),
	)
}

// lastHand says who touched the credential last, as far as its history is
// known here.
func (p *Page) lastHand() string {
	if p.own == nil {
		return ""
	}
	for _, entry := range p.own.history {
		if entry.Outcome == "done" || entry.Action == paycor.ActionVerify {
			return say("delete.hand", entry.CallerName, ago(entry.At, p.now()))
		}
	}
	return ""
}
