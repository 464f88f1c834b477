package app

import (
	"context"
	"errors"
	"slices"

	"paycorcred/app/client"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

const (
	rotationID      = "rotation"
	rotationSummary = "rotation-summary"
	rotationButton  = "rotate" // opens the dialog, and has the focus back
)

// rotationDialog is the dialog "Rotate" over a credential, and what its page offers
// of a rotation that is kept. What is typed stands in the document only.
type rotationDialog struct {
	page   *Page
	open   bool
	inView bool // the browser shows it: before, a "close" is the last opening's
	dirty  bool
	asking bool // whether to discard what was typed
	shown  map[fields.Field]bool

	problems []fields.Problem
	failure  string
	verdict  *verdicts.Verdict // why the new secrets are not in use
	swapped  bool              // nothing was sent: values look like another field's
	steps    []verdicts.Step
	working  bool
	cancel   context.CancelFunc

	ending bool   // whether to destroy what is kept is asked
	doing  string // what is done with what is kept, in words

	stays *verdicts.Verdict // why the way back was not taken
}

func newRotationDialog(p *Page) *rotationDialog {
	return &rotationDialog{page: p, shown: map[fields.Field]bool{}}
}

// rotationInput is the id of a field's input.
func rotationInput(field fields.Field) string { return "rotation-" + string(field) }

func rotationFields() []fields.Field {
	return []fields.Field{fields.ClientSecret, fields.SubscriptionKey, fields.Keep, fields.RotateBy}
}

func (r *rotationDialog) settle() {
	r.asking, r.problems, r.failure, r.verdict, r.swapped, r.steps = false, nil, "", nil, false, nil
}

// begin opens the dialog.
func (r *rotationDialog) begin() {
	if r.open {
		return
	}
	r.open, r.dirty, r.working, r.shown = true, false, false, map[fields.Field]bool{}
	r.settle()
	r.stays = nil
	r.page.setStatus("", nil)
	r.page.loop.AfterRender(func() {
		r.clear()
		r.page.document.ShowModal(rotationID)
		r.inView = true
		r.page.document.Focus(rotationInput(fields.ClientSecret))
	})
}

// clear empties the fields in the document.
func (r *rotationDialog) clear() {
	for _, field := range rotationFields() {
		r.page.document.SetValue(rotationInput(field), "")
	}
	r.page.document.SetValue(rotationInput(fields.Keep), string(paycor.KeepDay))
}

func (r *rotationDialog) changed(id string) {
	for _, field := range rotationFields() {
		r.dirty = r.dirty || id == rotationInput(field)
	}
}

// leave is Cancel and Escape: it stops a test under way, asks when something
// was typed, and closes otherwise.
func (r *rotationDialog) leave() {
	switch {
	case !r.open:
	case r.working:
		r.cancel()
	case r.asking:
		r.stay()
	case r.dirty:
		r.asking = true
		r.page.loop.AfterRender(func() { r.page.document.Focus("rotation-stay") })
	default:
		r.close()
	}
}

func (r *rotationDialog) stay() {
	r.asking = false
	r.page.loop.AfterRender(func() { r.page.document.Focus(rotationInput(fields.ClientSecret)) })
}

// close closes the dialog and wipes its fields in the document.
func (r *rotationDialog) close() {
	if r.cancel != nil {
		r.cancel()
	}
	r.clear()
	r.open, r.inView, r.dirty = false, false, false
	r.settle()
	r.page.document.Close(rotationID)
	r.page.loop.Wipe()
	r.page.loop.AfterRender(func() { r.page.document.Focus(rotationButton) })
}

func (r *rotationDialog) closed(showing bool) {
	if r.open && r.inView && !showing {
		r.close()
	}
}

// request reads what is typed.
func (r *rotationDialog) request() paycor.RotateRequest {
	value := func(field fields.Field) string { return r.page.document.Value(rotationInput(field)) }
	return paycor.RotateRequest{
		ClientSecret:    paycor.NewSecret(value(fields.ClientSecret)),
		SubscriptionKey: paycor.NewSecret(value(fields.SubscriptionKey)),
		Keep:            paycor.Keep(value(fields.Keep)),
		RotateBy:        paycor.Day(value(fields.RotateBy)),
	}
}

// submit tests what is typed and puts it in the place of what is in use where
// Paycor takes it. keep leaves it as pending where Paycor does not; sure asks
// Paycor although a value looks like another field's.
func (r *rotationDialog) submit(keep, sure bool) {
	if !r.open || r.working {
		return
	}
	r.settle()
	request, credential := r.request(), r.page.detail.credential
	request.KeepPending, request.AcceptWarnings = keep, sure
	if len(request.Fields()) == 0 {
		r.problems = []fields.Problem{{Field: fields.ClientSecret, Code: fields.ProblemRequired, Message: say("rotate.enter")}}
	} else {
		report := paycor.Check(request.ApplyTo(credential.Draft()), paycor.Rules{
			Environments: r.page.start.Environments, StoredEnvironment: credential.Environment,
			Stored: paycor.RotatableFields(),
		})
		r.problems = append(request.Check(), paycor.RotationProblems(report.Problems, request.Fields())...)
	}
	if len(r.problems) > 0 {
		r.point()
		return
	}
	ctx, cancel := context.WithCancel(r.page.ctx)
	r.working, r.cancel = true, cancel
	r.page.loop.Async(func() {
		defer cancel()
		rotated, err := r.page.service.Rotate(ctx, credential.ID, request, func(step verdicts.Step) {
			r.page.loop.Update(func() { r.steps = mergeStep(r.steps, step) })
		})
		r.page.loop.Update(func() {
			r.working, r.cancel = false, nil
			if err != nil {
				r.fail(err)
				return
			}
			r.done(rotated, keep)
		})
	})
}

// done shows what came of a test.
func (r *rotationDialog) done(rotated paycor.Rotated, keep bool) {
	r.page.detail.show(rotated.Credential)
	r.page.changes.broadcast(events.Change{ID: rotated.Credential.ID, Action: audit.ActionRotate})
	switch {
	case rotated.Promoted:
		r.close()
		r.page.setStatus(say("rotated.promoted", rotated.Credential.Name), nil)
		r.page.loop.AfterRender(func() { r.page.document.Focus("rotation-back") }) // what opened the dialog is not offered now
	case keep:
		r.close()
		r.page.setStatus(say("rotated.pending"), nil)
	case r.open:
		verdict := rotated.Verdict
		r.verdict, r.steps, r.swapped = &verdict, verdict.Steps, verdict.Code == verdicts.CodeLooksSwapped
		r.point()
	}
}

// fail shows why a test came to nothing. What was typed stays.
func (r *rotationDialog) fail(err error) {
	r.steps = nil
	var known *paycor.Error
	switch {
	case errors.Is(err, context.Canceled):
		r.failure = say("rotate.stopped")
	case errors.As(err, &known) && len(known.Problems) > 0:
		r.problems = known.Problems
	default:
		r.failure = client.ErrorText(err)
	}
	r.page.detail.refresh()
	r.point()
}

func (r *rotationDialog) point() {
	r.page.loop.AfterRender(func() { r.page.document.Focus(rotationSummary) })
}

// fault returns what is wrong with a field, or "".
func (r *rotationDialog) fault(field fields.Field) string {
	for _, problem := range r.problems {
		if problem.Field == field {
			return problem.Message
		}
	}
	if r.verdict != nil && slices.Contains(r.verdict.Fields, field) {
		return r.verdict.Message
	}
	return ""
}

// testAgain tests the pending secrets once more.
func (r *rotationDialog) testAgain() {
	r.act(say("rotate.testing"), func(ctx context.Context) (paycor.Credential, func(), error) {
		rotated, err := r.page.service.Rotate(ctx, r.page.detail.credential.ID, paycor.RotateRequest{}, nil)
		words := say("rotated.pending")
		if rotated.Promoted {
			words = say("rotated.promoted", rotated.Credential.Name)
		}
		return rotated.Credential, func() { r.told(words) }, err
	})
}

// goBack makes the secrets before the ones in use again, where Paycor takes
// them, or anyway.
func (r *rotationDialog) goBack(anyway bool) {
	r.act(say("rotate.going-back"), func(ctx context.Context) (paycor.Credential, func(), error) {
		rotated, err := r.page.service.RotateBack(ctx, r.page.detail.credential.ID, anyway, nil)
		return rotated.Credential, func() { r.wentBack(rotated) }, err
	})
}

// wentBack says what came of the way back. What does not work is no success.
func (r *rotationDialog) wentBack(rotated paycor.Rotated) {
	name := rotated.Credential.Name
	switch state := rotated.Credential.State; {
	case !rotated.Promoted:
		r.stays = &rotated.Verdict
		r.page.showError(errorAtRotation, say("rotated.not-back"))
		r.page.loop.AfterRender(func() { r.page.document.Focus("rotation-stays") })
	case state == paycor.StateRejected || state == paycor.StateNeedsActivation:
		r.page.showError(errorAtRotation, say("rotated.back.refused", name))
		r.page.loop.AfterRender(func() { r.page.document.Focus("main") })
	case state == paycor.StateVerified:
		r.told(say("rotated.back", name))
	default:
		r.told(say("rotated.back.unknown", name))
	}
}

// told says that something was done.
func (r *rotationDialog) told(words string) {
	r.page.setStatus(words, nil)
	r.page.loop.AfterRender(func() { r.page.document.Focus("main") }) // what was pressed may be gone
}

// ask asks whether to destroy what is kept.
func (r *rotationDialog) ask() {
	r.ending = true
	r.page.loop.AfterRender(func() { r.page.document.Focus("rotation-keep") })
}

func (r *rotationDialog) dontEnd() {
	r.ending = false
	r.page.loop.AfterRender(func() { r.page.document.Focus("rotation-end") })
}

// end destroys what is kept.
func (r *rotationDialog) end() {
	r.ending = false
	r.act(say("rotate.ending"), func(ctx context.Context) (paycor.Credential, func(), error) {
		credential, err := r.page.service.EndRotation(ctx, r.page.detail.credential.ID)
		return credential, func() { r.told(say("rotated.ended")) }, err
	})
}

// act does something with what is kept, and says then what came of it. A press
// while it is under way does nothing.
func (r *rotationDialog) act(doing string, do func(context.Context) (paycor.Credential, func(), error)) {
	if r.doing != "" {
		return
	}
	r.doing, r.stays = doing, nil
	r.page.setStatus(doing, nil)
	r.page.loop.Async(func() {
		credential, done, err := do(r.page.ctx)
		r.page.loop.Update(func() {
			r.doing = ""
			if err != nil {
				r.page.showError(errorAtRotation, client.ErrorText(err))
				r.page.detail.refresh()
				return
			}
			r.page.detail.show(credential)
			done()
			r.page.changes.broadcast(events.Change{ID: credential.ID, Action: audit.ActionRotate})
		})
	})
}
