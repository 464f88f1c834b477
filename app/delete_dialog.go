package app

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
)

const deletionID = "deletion"

// deleteDialog deletes a credential once its name is typed.
type deleteDialog struct {
	*form.Confirmation

	page       *credentialsPage
	credential paycor.Credential
}

func newDeleteDialog(p *credentialsPage) *deleteDialog {
	d := &deleteDialog{page: p}
	d.Confirmation = form.NewConfirmation(p.forms, deletionID, func() form.Input {
		return form.Input{Label: p.say("delete.label", d.credential.Name), Hint: p.say("delete.hint")}
	})
	d.Accepts = func(typed string) bool { return foldSpaces(typed) == foldSpaces(d.credential.Name) }
	d.Mismatch = func() string { return p.say("delete.mismatch", d.credential.Name) }
	d.Confirm = d.remove
	return d
}

// openFor opens the dialog for a credential.
func (d *deleteDialog) openFor(credential paycor.Credential, opener string) {
	d.credential = credential
	d.page.setStatus("", nil)
	d.Open(opener)
}

// remove deletes the credential and leaves its page.
func (d *deleteDialog) remove() {
	ctx, detail := d.Start(d.page.ctx, false), d.page.detail
	detail.leaving = true
	d.Loop.Async(func() {
		err := d.page.service.Delete(ctx, d.credential.ID, "")
		d.Loop.Update(func() {
			d.Finish()
			if err != nil && paycor.KindOf(err) != paycor.KindNotFound {
				d.ShowError(err)
				detail.leaving = false
				detail.refresh() // something else may have changed since
				return
			}
			d.SetOpener("") // the page that shows it closes
			d.Close()
			d.page.changes.broadcast(events.Change{ID: d.credential.ID, Action: audit.ActionDelete})
			d.page.host.reportChange(audit.ActionDelete, d.credential)
			d.page.document.OpenWith("/", d.credential.Name)
		})
	})
}

// words says what is lost. Secrets that other credentials use, too, stay.
func (d *deleteDialog) words() string {
	if detail := d.page.detail; detail != nil && detail.credential.ID == d.credential.ID && detail.isShared() {
		return d.page.say("delete.words.shared")
	}
	return d.page.say("delete.words")
}

func (d *deleteDialog) render() goapp.UI {
	label := d.page.say("delete")
	if d.IsBusy() {
		label = d.page.say("delete.running")
	}
	return d.Render(form.View{
		Title: d.page.say("delete.title", d.credential.Name),
		Body: []any{
			dom.El("p", d.words()),
			dom.El("p", dom.Class("fact-line"), d.usageText()),
			d.RenderInput(),
		},
		Submit: label, Danger: true,
	})
}

// usageText says who still uses the credential.
func (d *deleteDialog) usageText() string {
	text := d.page.say("delete.unused")
	if !d.credential.LastUsedAt.IsZero() {
		text = d.page.say("delete.used", d.page.timeText(d.credential.LastUsedAt, d.page.now()))
	}
	if lastUser := d.page.detail.lastUserText(); lastUser != "" {
		text = lastUser
	}
	if last := d.page.detail.lastActivityText(); last != "" {
		text += " " + last
	}
	return text
}

// foldSpaces returns a name with single spaces, for comparison.
func foldSpaces(name string) string { return strings.Join(strings.Fields(name), " ") }
