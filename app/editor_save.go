package app

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// save is the Save button: check, verify with Paycor, and save what Paycor
// accepts.
func (e *editor) save() {
	if e.batch.active && e.Document.Focused() == batchSearchID {
		return // Enter searches
	}
	e.thenActivate = false
	e.trySave(true)
}

// saveAndActivate saves what Paycor accepts only after an activation, and opens
// the activation.
func (e *editor) saveAndActivate() {
	if e.blocker == blockNotVerified {
		e.thenActivate = true
		e.trySave(false)
	}
}

// saveAnyway overrides what stopped the last save.
func (e *editor) saveAnyway() {
	e.thenActivate = false
	switch e.blocker {
	case blockSwapped:
		e.acceptWarnings, e.idempotencyKey = true, ""
		e.trySave(true)
	case blockNotVerified, blockReplace:
		e.trySave(false)
	case blockDuplicate:
		e.duplicates.accepted = true
		e.trySave(true)
	}
}

// trySave saves the typed values. While a save is running it does nothing, so a
// double click saves once. Without verify, it does not ask Paycor first.
func (e *editor) trySave(verify bool) {
	if !e.IsOpen() || e.IsBusy() {
		return
	}
	e.resetAttempt()
	if e.batch.active {
		e.batch.save()
		return
	}
	draft := e.draft()
	if !e.check(draft, e.rules()) {
		return
	}
	switch {
	case !verify:
		// The server remembers a recent verdict, even that Paycor was not
		// reachable, and stores it with the credential.
		e.persist(draft, true)
	case e.operation == opUpdate && len(e.patch(draft).Fields()) == 0:
		e.Close()
		e.page.setStatus(e.page.say("edit.unchanged", e.base.Name), nil)
	default:
		e.duplicates.run(draft)
	}
}

// check reports whether a draft can be saved, and shows why if not.
func (e *editor) check(draft paycor.Draft, rules paycor.Rules) bool {
	report := paycor.Check(draft, rules)
	e.Problems, e.Warnings = report.Problems, report.Warnings
	if len(report.Problems) > 0 {
		e.FocusSummary()
		return false
	}
	if len(report.Swapped()) > 0 && !e.acceptWarnings {
		e.block(blockSwapped)
		return false
	}
	return true
}

// block stops a save, until "Save anyway" overrides the reason.
func (e *editor) block(reason blocker) {
	e.blocker = reason
	e.FocusSummary()
}

// verifyAndPersist verifies the draft if it has values that Paycor can check,
// and saves it.
func (e *editor) verifyAndPersist(draft paycor.Draft) {
	if e.operation == opUpdate && !e.patch(draft).Judged() {
		e.persist(draft, false)
		return
	}
	e.verify(draft)
}

// verify verifies the draft step by step, and saves it if Paycor accepts it.
func (e *editor) verify(draft paycor.Draft) {
	ctx := e.Start(e.page.ctx, true)
	e.page.onSlow(ctx, func() { e.slow = true })
	request := e.verifyRequest(draft)
	request.SkipDataAccess = true // the server checks data access after the save, so the person does not wait for it
	e.Loop.Async(func() {
		verdict, err := e.page.service.VerifyDraft(ctx, request, func(step verdicts.Step) {
			e.Loop.Update(func() {
				if ctx.Err() == nil {
					e.steps = mergeStep(e.steps, step)
				}
			})
		})
		e.Loop.Update(func() {
			if !e.IsOpen() || !e.IsBusy() {
				return
			}
			e.Finish()
			switch {
			case err != nil:
				e.fail(err)
			case verdict.Outcome == verdicts.OutcomeVerified:
				e.steps = verdict.Steps
				e.persist(draft, false)
			case e.replacement.mayLose(draft, verdict):
				e.steps = verdict.Steps
				e.replacement.check(draft)
			default:
				e.steps, e.Verdict, e.entities.found = verdict.Steps, &verdict, verdict.Entities
				e.block(blockNotVerified)
			}
		})
	})
}

// mergeStep replaces the step of the same name, or appends the step.
func mergeStep(steps []verdicts.Step, step verdicts.Step) []verdicts.Step {
	for i := range steps {
		if steps[i].Name == step.Name {
			steps[i] = step
			return steps
		}
	}
	return append(steps, step)
}

// persist saves the draft on the server, with force even if Paycor does not
// accept it.
func (e *editor) persist(draft paycor.Draft, force bool) {
	ctx := e.Start(e.page.ctx, false)
	e.saving = true
	patch, acceptWarnings, key, application := e.patch(draft), e.acceptWarnings, e.key(), e.application.used
	e.Loop.Async(func() {
		var saved paycor.Saved
		var err error
		if e.operation == opUpdate {
			saved, err = e.page.service.Update(ctx, e.base.ID, patch, paycor.UpdateOptions{
				IfMatch: cmp.Or(e.ifMatch, e.base.ETag()), AcceptWarnings: acceptWarnings, Force: force,
			})
		} else {
			saved, err = e.page.service.Create(ctx, draft, paycor.CreateOptions{
				IdempotencyKey: key, AcceptWarnings: acceptWarnings, ApplicationID: application,
			})
		}
		e.Loop.Update(func() {
			e.Finish()
			e.saving = false
			if err != nil {
				e.fail(err)
				return
			}
			e.saved(saved, patch)
		})
	})
}

// saved closes the overlay and shows what was saved.
func (e *editor) saved(saved paycor.Saved, patch paycor.Patch) {
	p, update, before, activate := e.page, e.operation == opUpdate, e.base, e.thenActivate
	e.Close()
	action := audit.ActionCreate
	if update {
		action = audit.ActionUpdate
	}
	p.changes.broadcast(events.Change{ID: saved.ID, Action: action})
	p.host.reportChange(action, saved.Credential)
	status := e.page.say("saved."+string(saved.State), saved.Name)
	switch {
	case activate && p.detail != nil && update:
		p.detail.show(saved.Credential)
		p.activation.openFor(saved.Credential, activationButton)
	case activate:
		p.document.Open(activationOf(saved.ID))
	case p.detail != nil && update && !patch.Judged():
		// Paycor was not asked, so there is nothing to say about the state.
		p.detail.show(saved.Credential)
		p.setStatus(e.page.say("saved.unchecked", saved.Name), p.detail.undo(before, patch))
	case p.detail != nil && update:
		p.detail.show(saved.Credential)
		if slices.ContainsFunc(patch.Fields(), fields.Field.Secret) {
			status = withUsers(e.page.words, withKept(e.page.words, status, saved.Rotation), p.detail.application)
		}
		p.setStateStatus(status, saved.State, p.detail.undo(before, patch))
	case p.detail != nil:
		p.document.Open(pathOf(saved.ID) + "?" + queryCopied)
	default:
		p.setStateStatus(status, saved.State, nil)
		p.list.addSaved(saved.Credential)
		p.loop.AfterRender(func() { p.document.Focus(tileID(saved.ID)) })
	}
}

// fail shows why a save failed. Typed values stay.
func (e *editor) fail(err error) {
	var known *paycor.Error
	switch {
	case errors.Is(err, context.Canceled):
		e.steps, e.stopped = nil, true // the person asked for it, so it is no error
		e.focusSave()
		return
	case errors.As(err, &known) && len(known.Problems) > 0:
		for _, problem := range known.Problems {
			if problem.Swap() {
				e.Warnings, e.blocker = append(e.Warnings, problem), blockSwapped
			} else {
				e.Problems = append(e.Problems, problem)
			}
		}
	case known != nil && (known.Kind == paycor.KindNotAccepted || known.Kind == paycor.KindNotTested) && known.Verdict != nil:
		e.replacement.ask(known)
	case paycor.KindOf(err) == paycor.KindStale:
		e.Failure = e.page.say("fail.stale")
		e.conflict.reload()
	default:
		e.ShowError(err)
	}
	e.FocusSummary()
}

// focusSave moves the focus to the Save button once it is rendered.
func (e *editor) focusSave() {
	e.Loop.AfterRender(func() { e.Document.Focus(e.SubmitID) })
}
