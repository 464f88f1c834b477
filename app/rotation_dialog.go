package app

import (
	"context"
	"errors"
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

const (
	rotationID     = "rotation"
	rotationButton = "rotate" // opens the dialog, and gets the focus back
)

// rotationDialog replaces the secrets of a credential. Paycor tests new secrets
// before they are used.
type rotationDialog struct {
	form.Dialog

	page    *credentialsPage
	steps   []verdicts.Step
	swapped bool // nothing was sent, because values look like another field's
	stopped bool // the person canceled the last test
}

func newRotationDialog(p *credentialsPage) *rotationDialog {
	d := &rotationDialog{page: p}
	d.Dialog = form.Dialog{
		Form: form.Form{
			Context: p.forms, Prefix: "rotation-", SummaryID: "rotation-summary",
			Fields:   []fields.Field{fields.ClientSecret, fields.SubscriptionKey, fields.Keep, fields.RotateBy},
			Describe: d.describe,
		},
		ID: rotationID, IDPrefix: "rotation-", SubmitID: "rotation-submit", Width: "medium",
		Submit: func() { d.rotate(false, false) },
		Closed: func() { d.steps, d.swapped, d.stopped = nil, false, false },
	}
	d.FirstFocus = func() string { return d.InputID(fields.ClientSecret) }
	return d
}

func (d *rotationDialog) describe(field fields.Field) form.Input {
	input := form.Input{Hint: d.page.say("rotate.hint." + string(field)), Optional: true}
	switch field {
	case fields.Keep:
		input.Label, input.Optional = d.page.say("rotate.keep"), false
	case fields.RotateBy:
		input.Label, input.Kind = d.page.say("rotate.next"), "date"
	default:
		input.Label = d.page.say("rotate.new", d.page.fieldLabel(field))
	}
	if saved := d.page.detail.credential.Rotation; saved != nil && saved.State == paycor.RotationPending && slices.Contains(saved.Fields(), field) {
		input.Hint += " " + d.page.say("rotate.replaces", d.page.fieldLabel(field))
	}
	return input
}

// openForNew opens the dialog for new secrets.
func (d *rotationDialog) openForNew() {
	if d.IsOpen() {
		return
	}
	d.page.detail.saved.refused = nil
	d.page.setStatus("", nil)
	d.Open(rotationButton, func() {
		d.Clear()
		d.SetValue(fields.Keep, string(paycor.KeepDay))
	})
}

// request reads the typed values.
func (d *rotationDialog) request() paycor.RotateRequest {
	return paycor.RotateRequest{
		ClientSecret:    paycor.NewSecret(d.Value(fields.ClientSecret)),
		SubscriptionKey: paycor.NewSecret(d.Value(fields.SubscriptionKey)),
		Keep:            paycor.Keep(d.Value(fields.Keep)),
		RotateBy:        paycor.Day(d.Value(fields.RotateBy)),
	}
}

// check returns what keeps a request from being sent.
func (d *rotationDialog) check(request paycor.RotateRequest) []fields.Problem {
	if len(request.Fields()) == 0 {
		return []fields.Problem{{Field: fields.ClientSecret, Code: fields.ProblemRequired, Message: message.New("rotate.enter")}}
	}
	credential := d.page.detail.credential
	report := paycor.Check(request.ApplyTo(credential.Draft()), paycor.Rules{
		Environments: d.page.start.Environments, StoredEnvironment: credential.Environment,
		Stored: paycor.RotatableFields(),
	})
	return append(request.Check(), paycor.RotationProblems(report.Problems, request.Fields())...)
}

// rotate tests the new secrets and starts to use them if Paycor accepts them.
// With keepPending, rejected secrets are saved as pending. With acceptWarnings,
// they are tested even if they look like another field's.
func (d *rotationDialog) rotate(keepPending, acceptWarnings bool) {
	if !d.IsOpen() || d.IsBusy() {
		return
	}
	d.ResetResult()
	d.steps, d.swapped, d.stopped = nil, false, false
	request, id := d.request(), d.page.detail.credential.ID
	request.KeepPending, request.AcceptWarnings = keepPending, acceptWarnings
	if d.Problems = d.check(request); len(d.Problems) > 0 {
		d.FocusSummary()
		return
	}
	ctx := d.Start(d.page.ctx, true)
	d.Loop.Async(func() {
		rotated, err := d.page.service.Rotate(ctx, id, request, func(step verdicts.Step) {
			d.Loop.Update(func() { d.steps = mergeStep(d.steps, step) })
		})
		d.Loop.Update(func() {
			d.Finish()
			if err != nil {
				d.fail(err)
				return
			}
			d.show(rotated, keepPending)
		})
	})
}

// show shows the result of a test.
func (d *rotationDialog) show(rotated paycor.Rotated, keepPending bool) {
	d.page.detail.show(rotated.Credential)
	d.page.changes.broadcast(events.Change{ID: rotated.Credential.ID, Action: audit.ActionRotate})
	switch {
	case rotated.Promoted:
		d.SetOpener("main") // the button that opened the dialog is hidden now
		d.Close()
		d.page.setStatus(withUsers(d.page.words, promotedText(d.page.words, rotated.Credential), d.page.detail.application), nil)
	case keepPending:
		d.Close()
		d.page.setStatus(d.page.say("rotated.pending"), nil)
	case d.IsOpen():
		d.Verdict, d.steps, d.swapped = &rotated.Verdict, rotated.Verdict.Steps, rotated.Verdict.Code == verdicts.CodeLooksSwapped
		d.FocusSummary()
	}
}

// fail shows why a test failed. What was typed stays.
func (d *rotationDialog) fail(err error) {
	d.steps = nil
	d.page.detail.refresh()
	if errors.Is(err, context.Canceled) {
		d.stopped = true // the person asked for it, so it is no error
		d.Loop.AfterRender(func() { d.Document.Focus(d.SubmitID) })
		return
	}
	d.ShowError(err)
	d.FocusSummary()
}

func (d *rotationDialog) render() goapp.UI {
	view := form.View{
		Title: d.page.say("rotate.title"),
		Body: []any{
			d.RenderSummary(d.page.say("rotate.failed"), d.notice()),
			dom.El("p", dom.Class("intro"), d.page.say("rotate.intro")),
			dom.Slot(d.page.detail.renderShared("rotation-users")),
			d.RenderSecret(fields.ClientSecret),
			d.RenderSecret(fields.SubscriptionKey),
			d.renderKeep(),
			d.RenderInput(fields.RotateBy, "", nil),
		},
		Submit: d.page.say("rotate.go"), Busy: d.page.say("rotate.testing"),
	}
	switch {
	case d.stopped:
		view.Status = d.page.say("rotate.stopped")
	case d.IsBusy():
		view.Status = d.page.say("rotate.testing")
	}
	if d.IsBusy() || d.Verdict != nil && !d.swapped {
		view.Steps = renderSteps(d.page.words, d.steps)
	}
	return d.Render(view)
}

func (d *rotationDialog) renderKeep() goapp.UI {
	var options []form.Option
	for _, keep := range paycor.Keeps() {
		options = append(options, form.Option{Value: string(keep), Text: d.page.say("rotate.keep." + string(keep))})
	}
	return d.RenderSelect(fields.Keep, string(paycor.KeepDay), options)
}

// notice says why the new secrets are not used, and offers what else can be done
// with them.
func (d *rotationDialog) notice() *form.Notice {
	if d.Verdict == nil {
		return nil
	}
	credential := d.page.detail.credential
	verdict := d.page.renderVerdict("rotation", d.page.environment(credential.Environment), credential.ID, *d.Verdict)
	if d.swapped {
		return &form.Notice{Title: d.page.say("summary.swapped"), Body: []any{verdict,
			dom.El("p", dom.Button("", "rotation-sure", d.page.say("rotate.confirm"), dom.Click("rotation-sure", func() { d.rotate(false, true) })))}}
	}
	return &form.Notice{Title: d.page.say("rotate.refused"), Severe: d.Verdict.Outcome == verdicts.OutcomeRejected, Body: []any{verdict,
		dom.El("p", d.page.say("rotate.still")), dom.El("p", d.page.say("rotate.pending-help")),
		dom.El("p", dom.Button("", "rotation-pend", d.page.say("rotate.keep-pending"), dom.Click("rotation-pend", func() { d.rotate(true, true) })))}}
}
