package app

import (
	"context"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

const savedSecretsID = "saved-secrets" // the heading of the card

// savedSecrets is the card of the detail page about the secrets a rotation
// keeps in addition to the ones in use: the previous ones, or pending ones.
type savedSecrets struct {
	page       *credentialsPage
	confirming bool              // the question whether to delete them is shown
	running    string            // the running action; empty for none
	refused    *verdicts.Verdict // why Paycor rejected the previous secrets
}

// testAgain tests the pending secrets again.
func (s *savedSecrets) testAgain() {
	s.run(s.page.say("rotate.testing"), func(ctx context.Context) (paycor.Credential, func(), error) {
		rotated, err := s.page.service.Rotate(ctx, s.page.detail.credential.ID, paycor.RotateRequest{}, nil)
		status := s.page.say("rotated.pending")
		if rotated.Promoted {
			status = promotedText(s.page.words, rotated.Credential)
		}
		return rotated.Credential, func() { s.succeed(status) }, err
	})
}

// restore starts to use the previous secrets again if Paycor accepts them, or
// anyway.
func (s *savedSecrets) restore(anyway bool) {
	s.run(s.page.say("rotate.going-back"), func(ctx context.Context) (paycor.Credential, func(), error) {
		rotated, err := s.page.service.RotateBack(ctx, s.page.detail.credential.ID, anyway, nil)
		return rotated.Credential, func() { s.restored(rotated) }, err
	})
}

// undo starts to use the previous secrets again if Paycor accepts them, and
// undoes the other changes that were saved with the newer ones.
func (s *savedSecrets) undo(others paycor.Patch) {
	s.run(s.page.say("rotate.going-back"), func(ctx context.Context) (paycor.Credential, func(), error) {
		rotated, err := s.page.service.RotateBack(ctx, s.page.detail.credential.ID, false, nil)
		if err != nil || !rotated.Promoted || len(others.Fields()) == 0 {
			return rotated.Credential, func() { s.restored(rotated) }, err
		}
		saved, err := s.page.service.Update(ctx, rotated.Credential.ID, others,
			paycor.UpdateOptions{IfMatch: rotated.Credential.ETag(), AcceptWarnings: true, Force: true})
		if err != nil {
			return rotated.Credential, func() { s.page.showError(errorAtTop, s.page.say("undo.failed", s.page.errorText(err))) }, nil
		}
		rotated.Credential = saved.Credential
		return saved.Credential, func() { s.restored(rotated) }, nil
	})
}

// withKept adds to the result of a save how long the previous secret is kept.
func withKept(w words, status string, rotation *paycor.Rotation) string {
	switch {
	case rotation == nil || rotation.State != paycor.RotationPrevious:
		return status
	case rotation.DiscardAt.IsZero():
		return w.say("list.sentences", status, w.say("replace.kept-until-told"))
	}
	return w.say("list.sentences", status, w.say("replace.kept-until", w.formatTime(rotation.DiscardAt, locale.DateTime)))
}

// promotedText says that the new secret is used, and how long the previous one is kept.
func promotedText(w words, credential paycor.Credential) string {
	return withKept(w, w.say("rotated.promoted", credential.Name), credential.Rotation)
}

// restored shows the result of restore. Secrets that do not work are an error.
func (s *savedSecrets) restored(rotated paycor.Rotated) {
	name := rotated.Credential.Name
	switch state := rotated.Credential.State; {
	case !rotated.Promoted:
		s.refused = &rotated.Verdict
		text := s.page.say("rotated.not-back")
		if rotated.Verdict.Outcome != verdicts.OutcomeRejected {
			text = s.page.say("rotated.not-back.unknown")
		}
		s.page.showError(errorAtRotation, text)
		s.page.loop.AfterRender(func() { s.page.document.Focus("rotation-rejected") })
	case state == paycor.StateNeedsActivation:
		s.page.showError(errorAtRotation, s.page.say("rotated.back.needs_activation", name))
		s.page.loop.AfterRender(func() { s.page.document.Focus("main") })
	case state == paycor.StateRejected:
		s.page.showError(errorAtRotation, s.page.say("rotated.back.refused", name))
		s.page.loop.AfterRender(func() { s.page.document.Focus("main") })
	case state == paycor.StateVerified:
		s.succeed(s.page.say("rotated.back", name))
	default:
		s.succeed(s.page.say("rotated.back.unknown", name))
	}
}

// succeed reports the result of an action.
func (s *savedSecrets) succeed(status string) {
	s.page.setStatus(status, nil)
	s.page.loop.AfterRender(func() { s.page.document.Focus("main") }) // the button may be gone
}

// confirmDelete asks whether to delete the saved secrets.
func (s *savedSecrets) confirmDelete() {
	s.confirming = true
	s.page.loop.AfterRender(func() { s.page.document.Focus("saved-secret-keep") })
}

func (s *savedSecrets) cancelDelete() {
	s.confirming = false
	s.page.loop.AfterRender(func() { s.page.document.Focus("rotation-end") })
}

// remove deletes the saved secrets.
func (s *savedSecrets) remove() {
	s.confirming = false
	s.run(s.page.say("rotate.ending"), func(ctx context.Context) (paycor.Credential, func(), error) {
		credential, err := s.page.service.EndRotation(ctx, s.page.detail.credential.ID)
		return credential, func() { s.succeed(s.page.say("rotated.ended")) }, err
	})
}

// run does something with the saved secrets and shows the result. A press while it
// runs does nothing.
func (s *savedSecrets) run(status string, do func(context.Context) (paycor.Credential, func(), error)) {
	if s.running != "" {
		return
	}
	s.running, s.refused = status, nil
	s.page.setStatus(status, nil)
	s.page.loop.Async(func() {
		credential, done, err := do(s.page.ctx)
		s.page.loop.Update(func() {
			s.running = ""
			if err != nil {
				s.page.showError(errorAtRotation, s.page.errorText(err))
				s.page.detail.refresh()
				return
			}
			s.page.detail.show(credential)
			done()
			s.page.changes.broadcast(events.Change{ID: credential.ID, Action: audit.ActionRotate})
		})
	})
}

// render renders the card if there is a rotation.
func (s *savedSecrets) render(heading string) any {
	c := s.page.detail.credential
	switch {
	case c.Rotation == nil && s.page.lastError.target == errorAtRotation: // it ended while something failed
		return s.page.renderError(errorAtRotation)
	case c.Rotation == nil:
		return nil
	}
	names := make([]string, len(c.Rotation.Values))
	for i, value := range c.Rotation.Values {
		names[i] = s.page.fieldLabel(value.Field)
	}
	what := s.page.words.list(names)
	parts := []any{dom.Class("card"), dom.Attr("aria-labelledby", savedSecretsID), dom.El(heading, dom.Attr("id", savedSecretsID), dom.Attr("tabindex", "-1"), s.page.say("rotation."+string(c.Rotation.State)))}
	if c.Rotation.State == paycor.RotationPrevious {
		parts = append(parts, dom.El("p", s.page.say("rotation.previous.words", what)), s.renderEnd(*c.Rotation))
		if s.page.can(paycor.RightEdit) {
			parts = append(parts, dom.El("p", dom.Class("muted", "small"), s.nextSecret()))
		}
	} else {
		parts = append(parts, dom.El("p", s.page.say("rotation.pending.words", what)), s.renderPending(*c.Rotation))
	}
	parts = append(parts, s.page.renderError(errorAtRotation), dom.Slot(s.renderRefused(*c.Rotation)))
	if s.page.can(paycor.RightEdit) {
		parts = append(parts, dom.El("div", dom.Class("actions"), s.renderChoices(*c.Rotation)))
	}
	return dom.El("section", parts...)
}

// renderRefused says why the previous secrets were not restored.
func (s *savedSecrets) renderRefused(rotation paycor.Rotation) any {
	if s.refused == nil || rotation.State != paycor.RotationPrevious {
		return nil
	}
	refused := *s.refused
	if refused.Outcome == verdicts.OutcomeRejected {
		refused.Remedy = message.Message{} // about secrets to enter, and these are saved
	}
	return dom.El("div", dom.Attr("id", "rotation-rejected"), dom.Attr("tabindex", "-1"),
		s.page.renderVerdict("back", s.page.environment(s.page.detail.credential.Environment), s.page.detail.credential.ID, refused))
}

// renderEnd says when the previous secrets are deleted.
func (s *savedSecrets) renderEnd(rotation paycor.Rotation) goapp.UI {
	if rotation.DiscardAt.IsZero() {
		return dom.El("p", dom.Class("muted", "small"), s.page.say("rotation.until-told"))
	}
	return dom.El("p", dom.Class("muted", "small"), dom.El("span", s.page.say("rotation.until")), s.page.exactTime(rotation.DiscardAt, locale.DateTime))
}

// renderPending says why the secrets are pending: Paycor's verdict, or until
// when they were used.
func (s *savedSecrets) renderPending(rotation paycor.Rotation) goapp.UI {
	var parts []any
	if !rotation.UsedUntil.IsZero() {
		parts = append(parts, dom.El("p", dom.Class("muted", "small"), dom.El("span", s.page.say("rotation.used")), s.page.exactTime(rotation.UsedUntil, locale.DateTime)))
	}
	switch {
	case rotation.Verdict == nil && rotation.UsedUntil.IsZero():
		return dom.El("p", dom.Class("muted", "small"), s.page.say("rotation.untested"))
	case rotation.Verdict == nil:
		return dom.El("div", parts...)
	case rotation.Verdict.Outcome == verdicts.OutcomeVerified: // at that time
		return dom.El("div", append(parts, dom.El("p", dom.Class("muted", "small"), dom.El("span", s.page.say("rotation.accepted")), s.page.exactTime(rotation.Verdict.CheckedAt, locale.DateTime)))...)
	}
	return dom.El("div", append(parts, s.page.renderVerdict("pending", s.page.environment(s.page.detail.credential.Environment), s.page.detail.credential.ID, *rotation.Verdict),
		dom.El("p", dom.Class("muted", "small"), s.page.say("checked"), s.page.pastTime(rotation.Verdict.CheckedAt, s.page.now())))...)
}

// isLast reports whether the previous secrets are the last that worked.
func (s *savedSecrets) isLast() bool {
	c := s.page.detail.credential
	return c.Rotation.State == paycor.RotationPrevious && c.LastConclusive != nil && c.LastConclusive.Outcome == verdicts.OutcomeRejected && !c.LastConclusive.AcceptsSecrets()
}

// nextSecret says how to enter another secret without losing the previous one.
func (s *savedSecrets) nextSecret() string {
	if s.isLast() {
		return s.page.say("rotation.first.edit")
	}
	return s.page.say("rotation.first")
}

// question asks whether to delete the saved secrets, and says if they are the
// last that worked.
func (s *savedSecrets) question(rotation paycor.Rotation) string {
	if s.isLast() {
		return s.page.say("rotation.confirm.last")
	}
	return s.page.say("rotation.confirm." + string(rotation.State))
}

func (s *savedSecrets) renderChoices(rotation paycor.Rotation) []goapp.UI {
	if s.confirming {
		return []goapp.UI{
			dom.El("p", dom.Class("question"), dom.Attr("role", "alert"), s.question(rotation)),
			dom.Button("", "saved-secret-keep", s.page.say("rotation.keep"), dom.Click("saved-secret-keep", s.cancelDelete)),
			dom.Button("danger", "rotation-destroy", s.page.say("rotation.delete"), dom.Click("rotation-destroy", s.remove)),
		}
	}
	if rotation.State == paycor.RotationPrevious {
		if s.refused != nil {
			return []goapp.UI{
				dom.Button("", "rotation-back", s.page.say("rotation.back.again"), dom.Click("rotation-back", func() { s.restore(false) })),
				dom.Button("danger-quiet", "rotation-anyway", s.page.say("rotation.anyway"), dom.Click("rotation-anyway", func() { s.restore(true) })),
				dom.Button("danger-quiet", "rotation-end", s.page.say("rotation.end"), dom.Click("rotation-end", s.confirmDelete)),
			}
		}
		return []goapp.UI{
			dom.Button("", "rotation-back", s.page.say("rotation.back"), dom.Click("rotation-back", func() { s.restore(false) })),
			dom.Button("danger-quiet", "rotation-end", s.page.say("rotation.end"), dom.Click("rotation-end", s.confirmDelete)),
		}
	}
	return []goapp.UI{
		dom.Button("", "rotation-again", s.page.say("rotation.again"), dom.Click("rotation-again", s.testAgain)),
		dom.Button("danger-quiet", "rotation-end", s.page.say("rotation.discard"), dom.Click("rotation-end", s.confirmDelete)),
	}
}
