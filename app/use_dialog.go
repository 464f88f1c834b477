package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

const (
	useID    = "use"
	useFixID = "use-fix"
)

// useDialog asks whether to use a selected credential although calls through it
// will fail.
type useDialog struct {
	form.Dialog

	list       *credentialList
	credential paycor.Credential // as it was when Continue was pressed
}

func newUseDialog(l *credentialList) *useDialog {
	d := &useDialog{list: l}
	d.Dialog = form.Dialog{
		Form: form.Form{Context: l.page.forms, SummaryID: "use-summary"},
		ID:   useID, IDPrefix: "use-", SubmitID: "use-submit", Width: "narrow",
		FirstFocus: func() string { return useFixID },
		Submit:     d.fix,
	}
	return d
}

// isUnusable reports whether Paycor rejects a credential or it needs activation, as far
// as is known.
func isUnusable(c paycor.Credential) bool {
	return c.State != paycor.StateNotVerified && c.LastConclusive != nil && c.LastConclusive.Outcome != verdicts.OutcomeVerified
}

// ask opens the question about the selected credential.
func (d *useDialog) ask() {
	d.credential = d.list.selected
	d.list.page.setStatus("", nil)
	d.Open("continue", func() {})
}

func (d *useDialog) canFix() bool { return d.list.page.can(paycor.RightEdit) }

// fix opens where the problem can be fixed.
func (d *useDialog) fix() {
	href := pathOf(d.credential.ID)
	if d.canFix() && d.credential.LastConclusive.Outcome == verdicts.OutcomeNeedsActivation {
		href = activationOf(d.credential.ID)
	}
	d.SetOpener("") // the list closes
	d.Close()
	d.list.page.document.Open(href)
}

// useAnyway passes the credential on, unless it was deleted meanwhile.
func (d *useDialog) useAnyway() {
	d.Close()
	if d.list.selected.ID == d.credential.ID {
		d.list.use()
	}
}

func (d *useDialog) render() goapp.UI {
	if !d.IsOpen() {
		return d.Render(form.View{})
	}
	p, c, known := d.list.page, d.credential, *d.credential.LastConclusive
	fix := p.say("use.details")
	if d.canFix() {
		fix = p.say("use.fix")
	}
	body := []any{
		dom.El("p", p.sentence(known.Message)),
		dom.El("p", dom.El("strong", p.effectText(c, nil))),
		dom.El("p", dom.Class("muted", "small"), p.say("checked")+" ", p.pastTime(known.CheckedAt, p.now())),
	}
	if d.list.purpose == paycor.PurposeDestination {
		body = append(body, dom.El("p", p.say("destination.note")))
	}
	return d.Render(form.View{
		Title: p.say("use."+string(known.Outcome), c.Name),
		Body: append(body, dom.El("p", dom.Class("actions"),
			dom.Button("primary", useFixID, fix, dom.Click(useFixID, d.fix)),
			dom.Button("danger-quiet", "use-anyway", p.say("use.anyway"), dom.Click("use-anyway", d.useAnyway)))),
	})
}
