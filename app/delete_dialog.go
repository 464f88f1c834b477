package app

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
)

const (
	deletionID   = "deletion"
	deletionName = "deletion-name"
)

// deleteDialog is the dialog that deletes a credential once its name is typed.
type deleteDialog struct {
	page       *Page
	credential paycor.Credential
	open       bool
	shown      bool // the browser shows it: before, a "close" is the last opening's
	opener     string
	working    bool
	problem    string
}

// begin asks.
func (d *deleteDialog) begin(credential paycor.Credential, opener string) {
	d.credential, d.opener, d.open, d.working, d.problem = credential, opener, true, false, ""
	d.page.setStatus("", nil)
	d.page.loop.AfterRender(func() {
		d.page.document.SetValue(deletionName, "")
		d.page.document.ShowModal(deletionID)
		d.shown = true
		d.page.document.Focus(deletionName)
	})
}

// close is Cancel and Escape.
func (d *deleteDialog) close() {
	if !d.open || d.working {
		return
	}
	d.open, d.shown = false, false
	d.page.document.Close(deletionID)
	opener := d.opener
	d.page.loop.AfterRender(func() { d.page.document.Focus(opener) })
}

// confirm deletes, where the name was typed.
func (d *deleteDialog) confirm() {
	if !d.open || d.working {
		return
	}
	if fold(d.page.document.Value(deletionName)) != fold(d.credential.Name) {
		d.problem = say("delete.mismatch", d.credential.Name)
		d.page.loop.AfterRender(func() { d.page.document.Focus(deletionName) })
		return
	}
	d.working, d.problem = true, ""
	d.page.loop.Async(func() {
		err := d.page.service.Delete(d.page.ctx, d.credential.ID, "")
		d.page.loop.Update(func() {
			d.working = false
			if err != nil && paycor.KindOf(err) != paycor.KindNotFound {
				d.problem = client.ErrorText(err)
				d.page.loop.AfterRender(func() { d.page.document.Focus(deletionName) })
				return
			}
			d.open, d.shown = false, false
			d.page.document.Close(deletionID)
			d.page.changes.broadcast(events.Change{ID: d.credential.ID, Action: audit.ActionDelete})
			d.page.reportChange(audit.ActionDelete, d.credential)
			d.page.document.Open("/?" + queryDeleted)
		})
	})
}

// fold makes a name comparable: how blanks were typed does not matter.
func fold(name string) string { return strings.Join(strings.Fields(name), " ") }

func (d *deleteDialog) render() goapp.UI {
	used := say("delete.unused")
	if !d.credential.LastUsedAt.IsZero() {
		used = say("delete.used", ago(d.credential.LastUsedAt, d.page.now()))
	}
	if last := d.page.lastUserText(); last != "" {
		used = last
	}
	if last := d.page.lastActivityText(); last != "" {
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
	return dom.El("dialog", dom.Attr("id", deletionID), dom.Class("dialog", "narrow"), dom.Attr("aria-labelledby", "deletion-title"),
		dom.OnCancel("deletion", d.close),
		dom.On("close", "deletion", func(event goapp.Event) {
			if d.shown && !event.Get("target").Get("open").Bool() {
				d.close()
			}
		}),
		dom.El("form", dom.Class("dialog-form"), dom.Attr("method", "dialog"), dom.Flag("novalidate", true), dom.Attr("autocomplete", "off"),
			dom.On("submit", "deletion", func(event goapp.Event) {
				event.PreventDefault()
				d.confirm()
			}),
			dom.El("div", dom.Class("dialog-head"), dom.El("h2", dom.Attr("id", "deletion-title"), say("delete.title", d.credential.Name)), d.page.sessionMonitor.render("deletion")),
			dom.El("div", dom.Class("dialog-body"),
				dom.El("p", say("delete.words")),
				dom.El("p", dom.Class("fact-line"), used),
				dom.El("div", dom.Class("field", faulty(d.problem != "")),
					dom.El("label", dom.Attr("for", deletionName), say("delete.label", d.credential.Name)),
					dom.El("p", dom.Attr("id", "deletion-hint"), dom.Class("hint"), say("delete.hint")),
					dom.El("p", dom.Attr("id", "deletion-problem"), dom.Class("error"), dom.Attr("role", "alert"), d.problem),
					dom.El("input", dom.Attr("type", "text"), dom.Attr("id", deletionName), dom.Class("input"), dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"),
						dom.Attr("aria-describedby", described), dom.Attr("aria-invalid", dom.AriaBool(d.problem != ""))),
				),
			),
			dom.El("div", dom.Class("dialog-foot"),
				dom.Button("", "deletion-cancel", say("cancel"), dom.Click("deletion-cancel", d.close)),
				dom.El("button", dom.Attr("type", "submit"), dom.Attr("id", "deletion-confirm"), dom.Class("button", "danger"), dom.El("span", confirm)),
			),
		),
	)
}

// lastActivityText says who touched the credential last, as far as its history is
// known here.
func (p *Page) lastActivityText() string {
	if p.detail == nil {
		return ""
	}
	for _, entry := range p.detail.history {
		if entry.Outcome == "done" || entry.Action == audit.ActionVerify {
			return say("delete.changed", entry.CallerName, ago(entry.At, p.now()))
		}
	}
	return ""
}
