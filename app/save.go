package app

import (
	"cmp"
	"context"
	"errors"

	"paycorcred/app/client"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// summaryID is the place at the top of the overlay that has the focus when a
// Save did not go through.
const summaryID = "summary"

// save is Save: check, ask Paycor, and keep what Paycor takes. A press while
// it works does nothing, so a double press saves once.
func (e *editor) save() {
	e.activate = false
	e.attempt(false)
}

// saveAndActivate saves what Paycor takes only after an activation, and goes
// on to that.
func (e *editor) saveAndActivate() {
	if e.stopped == unsettled {
		e.activate = true
		e.attempt(true)
	}
}

// saveAnyway is "Save anyway": it goes on where the last Save stopped.
func (e *editor) saveAnyway() {
	e.activate = false
	switch e.stopped {
	case swapped:
		e.accepted, e.key = true, ""
		e.attempt(false)
	case unsettled:
		e.attempt(true)
	case alike:
		e.twice = true
		e.attempt(false)
	}
}

// attempt is one Save. Unasked saves without asking Paycor first.
func (e *editor) attempt(unasked bool) {
	if !e.open || e.work != idle || e.finding {
		return
	}
	e.problems, e.warnings, e.failure, e.session, e.asking = nil, nil, "", false, false
	e.verdict, e.steps, e.stopped, e.slow, e.same, e.theirs = nil, nil, nothing, false, nil, nil
	e.peer.reset()
	e.mended = map[fields.Field]string{}

	draft := e.read()
	report := paycor.Check(draft, e.rules())
	e.problems, e.warnings = report.Problems, report.Warnings
	if len(report.Problems) > 0 {
		e.point()
		return
	}
	if len(report.Swapped()) > 0 && !e.accepted {
		e.stopped = swapped
		e.point()
		return
	}
	switch {
	case unasked:
		// The server remembers what Paycor said a moment ago, be it an outage,
		// and stores that with the credential.
		e.keep(draft)
	case e.mode == editing && len(e.patch(draft).Fields()) == 0:
		e.close()
		e.page.setStatus(say("edit.unchanged", e.base.Name), nil)
	default:
		e.look(draft)
	}
}

// goOn asks Paycor where it has a say, and saves.
func (e *editor) goOn(draft paycor.Draft) {
	if e.mode == editing && !e.patch(draft).Judged() {
		e.keep(draft)
		return
	}
	e.verify(draft)
}

// verify asks Paycor about the draft, step by step, and keeps it when Paycor
// takes it.
func (e *editor) verify(draft paycor.Draft) {
	ctx, cancel := context.WithCancel(e.page.ctx)
	e.work, e.cancel = verifying, cancel
	e.page.onSlow(ctx, func() { e.slow = true })
	// What can be read is looked at once it is saved: nobody waits for that here.
	request := paycor.VerifyRequest{AcceptWarnings: e.accepted, SkipDataAccess: true, Draft: draft}
	if e.mode == editing {
		request.ID = e.base.ID
	}
	e.page.loop.Async(func() {
		defer cancel()
		verdict, err := e.page.service.VerifyDraft(ctx, request, func(step verdicts.Step) {
			e.page.loop.Update(func() { e.step(ctx, step) })
		})
		e.page.loop.Update(func() {
			if !e.open || e.work != verifying {
				return
			}
			e.work, e.cancel = idle, nil
			switch {
			case err != nil:
				e.fail(err)
			case verdict.Outcome == verdicts.OutcomeVerified:
				e.steps = verdict.Steps
				e.keep(draft)
			default:
				e.steps, e.verdict, e.stopped = verdict.Steps, &verdict, unsettled
				e.found = verdict.Entities
				e.point()
			}
		})
	})
}

// step takes one reported step.
func (e *editor) step(ctx context.Context, step verdicts.Step) {
	if ctx.Err() != nil {
		return
	}
	e.steps = mergeStep(e.steps, step)
}

// mergeStep replaces the step of that name, or adds it.
func mergeStep(steps []verdicts.Step, step verdicts.Step) []verdicts.Step {
	for i := range steps {
		if steps[i].Name == step.Name {
			steps[i] = step
			return steps
		}
	}
	return append(steps, step)
}

// keep saves the draft on the server.
func (e *editor) keep(draft paycor.Draft) {
	e.work = saving
	patch, accepted, key := e.patch(draft), e.accepted, e.idempotencyKey()
	e.page.loop.Async(func() {
		var saved paycor.Saved
		var err error
		if e.mode == editing {
			saved, err = e.page.service.Update(e.page.ctx, e.base.ID, patch, paycor.UpdateOptions{
				IfMatch: cmp.Or(e.match, e.base.ETag()), AcceptWarnings: accepted,
			})
		} else {
			saved, err = e.page.service.Create(e.page.ctx, draft, paycor.CreateOptions{
				IdempotencyKey: key, AcceptWarnings: accepted,
			})
		}
		e.page.loop.Update(func() {
			e.work = idle
			if err != nil {
				e.fail(err)
				return
			}
			e.done(saved, patch)
		})
	})
}

// done closes the overlay after a save and shows what was saved.
func (e *editor) done(saved paycor.Saved, patch paycor.Patch) {
	p, mode, before, activate := e.page, e.mode, e.base, e.activate
	e.close()
	action := audit.ActionCreate
	if mode == editing {
		action = audit.ActionUpdate
	}
	p.changes.broadcast(events.Change{ID: saved.ID, Action: action})
	p.reportChange(action, saved.Credential)
	words := say("saved."+string(saved.State), saved.Name)
	switch {
	case activate && p.detail != nil && mode == editing:
		p.detail.show(saved.Credential)
		p.activation.openFor(saved.Credential, activationButton)
	case activate:
		p.document.Open(activationOf(saved.ID))
	case p.detail != nil && mode == editing:
		p.detail.show(saved.Credential)
		p.setStateStatus(words, saved.State, p.detail.undo(before, patch))
	case p.detail != nil:
		p.document.Open(pathOf(saved.ID) + "?" + queryCopied)
	default:
		p.setStateStatus(words, saved.State, nil)
		p.list.addSaved(saved.Credential)
		p.loop.AfterRender(func() { p.document.Focus(tileID(saved.ID)) })
	}
}

// fail shows why an attempt came to nothing. What was typed stays.
func (e *editor) fail(err error) {
	var known *paycor.Error
	switch {
	case errors.Is(err, context.Canceled):
		e.steps = nil
		e.failure = say("fail.stopped")
	case errors.As(err, &known) && len(known.Problems) > 0:
		for _, problem := range known.Problems {
			if problem.Swap() {
				e.warnings, e.stopped = append(e.warnings, problem), swapped
			} else {
				e.problems = append(e.problems, problem)
			}
		}
	case paycor.KindOf(err) == paycor.KindStale:
		e.failure = say("fail.stale")
		e.reload()
	default:
		e.failure, e.session = client.ErrorText(err), client.IsSignedOut(err) && !e.page.embedded()
	}
	e.point()
}

// reload reads the edited credential again, so that the next Save is made upon
// what somebody else has made of it. The base stays: only what was changed here
// since the opening is sent, and the other person's changes are kept.
func (e *editor) reload() {
	e.page.loop.Async(func() {
		credential, err := e.page.service.Credential(e.page.ctx, e.base.ID)
		e.page.loop.Update(func() {
			if err == nil && e.open && credential.ID == e.base.ID {
				e.match = credential.ETag()
				if e.theirs = e.overlapping(credential); len(e.theirs) > 0 {
					e.point()
				}
			}
		})
	})
}

// point moves the focus to what is said at the top of the overlay.
func (e *editor) point() { e.page.loop.AfterRender(func() { e.page.document.Focus(summaryID) }) }

// patch returns what the draft changes of the stored credential.
func (e *editor) patch(draft paycor.Draft) paycor.Patch {
	return draft.PatchFrom(e.base.Draft().Clean())
}
