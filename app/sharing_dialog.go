package app

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
)

const sharingID = "sharing-dialog"

// sharingDialog chooses who may use a credential.
type sharingDialog struct {
	form.Dialog

	detail     *detailPage
	restricted bool
	match      string // ETag to save upon

	programsKnown   bool     // blockedPrograms is known
	blockedPrograms []string // names of programs in use that would lose access
}

func newSharingDialog(o *detailPage) *sharingDialog {
	d := &sharingDialog{detail: o}
	d.Dialog = form.Dialog{
		Form: form.Form{
			Context: o.page.forms, Prefix: "sharing-", SummaryID: "sharing-summary",
			Fields:   []fields.Field{fields.Sharing, fields.SharingPeople, fields.SharingGroups},
			Describe: func(field fields.Field) form.Input { return describeSharingField(o.page.words, field) },
			Target:   func(fields.Field) string { return d.choiceID() },
		},
		ID: sharingID, IDPrefix: "sharing-", SubmitID: "sharing-save", Width: "medium", Submit: d.submit,
	}
	d.FirstFocus = d.choiceID
	return d
}

func describeSharingField(w words, field fields.Field) form.Input {
	switch field {
	case fields.SharingPeople:
		return form.Input{Label: w.say("sharing.people"), Hint: w.say("sharing.people-hint")}
	case fields.SharingGroups:
		return form.Input{Label: w.say("sharing.groups"), Hint: w.say("sharing.groups-hint")}
	}
	return form.Input{Group: true}
}

// choiceID returns the ID of the selected choice.
func (d *sharingDialog) choiceID() string {
	if d.restricted {
		return "sharing-restricted"
	}
	return "sharing-everybody"
}

// openForChange opens the dialog with the current choice.
func (d *sharingDialog) openForChange() {
	if d.IsOpen() {
		return
	}
	now := d.detail.credential.Sharing
	d.restricted, d.match = now != nil, d.detail.credential.ETag()
	d.programsKnown, d.blockedPrograms = false, nil
	d.detail.page.setStatus("", nil)
	people, groups := "", ""
	if now != nil {
		people, groups = strings.Join(now.People, "\n"), strings.Join(now.Groups, "\n")
	}
	d.Open(sharingChange, func() {
		d.SetValue(fields.SharingPeople, people)
		d.SetValue(fields.SharingGroups, groups)
	})
	d.loadBlockedPrograms()
}

// loadBlockedPrograms finds out which programs would lose access. Only
// administrators may see the scope of each token, and only outside a frame.
func (d *sharingDialog) loadBlockedPrograms() {
	p := d.detail.page
	if !p.can(paycor.RightAdmin) || p.embedded() || d.detail.usage == nil {
		return
	}
	p.loop.Async(func() {
		programs, err := consumer.All(p.ctx, p.service)
		p.loop.Update(func() {
			if err == nil && d.IsOpen() {
				d.programsKnown, d.blockedPrograms = true, blockedPrograms(programs, d.detail.usage.Users)
			}
		})
	})
}

// draft returns the typed choice; nil restricts nothing.
func (d *sharingDialog) draft() *paycor.Sharing {
	if !d.restricted {
		return nil
	}
	sharing := typedSharing(d.Value)
	return &sharing
}

// typedSharing returns the typed people and groups.
func typedSharing(value func(fields.Field) string) paycor.Sharing {
	names := func(field fields.Field) []string {
		return strings.FieldsFunc(value(field), func(c rune) bool { return c == '\n' || c == ',' || c == ';' })
	}
	return paycor.Sharing{People: names(fields.SharingPeople), Groups: names(fields.SharingGroups)}.Clean()
}

// submit saves the choice. A press while it works does nothing.
func (d *sharingDialog) submit() {
	if !d.IsOpen() || d.IsBusy() {
		return
	}
	d.ResetResult()
	with := d.draft()
	if with != nil {
		d.Problems = with.Check()
	}
	if len(d.Problems) > 0 {
		d.FocusSummary()
		return
	}
	p := d.detail.page
	ctx := d.Start(p.ctx, false)
	d.Loop.Async(func() {
		credential, err := p.service.Share(ctx, d.detail.credential.ID, with, d.match)
		d.Loop.Update(func() {
			d.Finish()
			switch {
			case paycor.KindOf(err) == paycor.KindStale:
				d.match = "" // saving again replaces what somebody else changed
				d.Failure = d.detail.page.say("sharing.stale")
				d.FocusSummary()
			case err != nil:
				d.ShowError(err)
				d.FocusSummary()
			default:
				d.detail.show(credential)
				p.setStatusAt(sharingStatus, d.detail.page.say("sharing.saved", credential.Name))
				p.changes.broadcast(events.Change{ID: credential.ID, Action: audit.ActionShare})
				d.Close()
			}
		})
	})
}

func (d *sharingDialog) render() goapp.UI {
	view := form.View{
		Title: d.detail.page.say("sharing"), Submit: d.detail.page.say("save"),
		Body: []any{d.RenderSummary(d.detail.page.say("summary.failed"), nil), d.renderChoices(),
			dom.El("div", dom.Class("stack"), dom.Flag("hidden", !d.restricted),
				dom.El("p", dom.Class("hint"), dom.Attr("id", "sharing-cut"), dom.Attr("role", "status"), d.blockedProgramsText()),
				d.RenderTextarea(fields.SharingPeople, "3", ""),
				d.RenderTextarea(fields.SharingGroups, "3", ""))},
	}
	if d.IsBusy() {
		view.Status = d.detail.page.say("save.running")
	}
	return d.Render(view)
}

func (d *sharingDialog) renderChoices() goapp.UI {
	return dom.El("fieldset", dom.Class("choices", form.ErrorClass(d.Error(fields.Sharing) != "")),
		dom.El("legend", dom.Class("visually-hidden"), d.detail.page.say("sharing")),
		d.RenderError(fields.Sharing),
		d.renderChoice("sharing-everybody", false, d.detail.page.say("sharing.everybody"), ""),
		d.renderChoice("sharing-restricted", true, d.detail.page.say("sharing.some"), d.detail.page.say("sharing.some-words")))
}

func (d *sharingDialog) renderChoice(id string, restricted bool, name, text string) goapp.UI {
	return dom.El("label", dom.Class("choice"),
		dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", "sharing"), dom.Attr("id", id), dom.Property("checked", d.restricted == restricted),
			dom.On("change", id, func(goapp.Event) { d.restricted = restricted })),
		dom.El("span", dom.Class("choice-text"), dom.El("span", dom.Class("choice-name"), name), dom.El("span", dom.Class("hint"), text)))
}

// blockedProgramsText says which programs would lose access.
func (d *sharingDialog) blockedProgramsText() string {
	switch {
	case !d.programsKnown:
		return d.detail.page.say("sharing.cut-unknown")
	case len(d.blockedPrograms) == 0:
		return d.detail.page.say("sharing.cut-none")
	}
	return d.detail.page.say("sharing.cut", strings.Join(d.blockedPrograms, ", "))
}
