package credentials

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// verificationTimeout bounds one verification. Paycor's slow endpoints take half a
// minute each.
const verificationTimeout = 2 * time.Minute

// Verify implements api.Service.
func (s *service) Verify(ctx context.Context, id string, progress paycor.Progress) (verdicts.Verdict, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionVerify, id); err != nil {
		return verdicts.Verdict{}, err
	}
	saved, err := s.open(ctx, id)
	if err != nil {
		return verdicts.Verdict{}, s.denied(ctx, audit.ActionVerify, id, err)
	}
	// A saved credential was saved knowingly: its warnings hold nothing back.
	verdict, err := s.verify(ctx, audit.ActionVerify, verification{draft: saved.draft(), id: id, saved: true, probeAccess: true}, progress)
	if err != nil {
		return verdicts.Verdict{}, s.recordUnfinished(ctx, audit.ActionVerify, id, err)
	}
	if _, err := s.storeVerdict(context.WithoutCancel(ctx), saved.Credential, saved.draft(), verdict); err != nil {
		return verdicts.Verdict{}, fail(err)
	}
	return verdict, nil
}

// VerifyDraft implements api.Service.
func (s *service) VerifyDraft(ctx context.Context, request paycor.VerifyRequest, progress paycor.Progress) (verdicts.Verdict, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionDraft, request.ID); err != nil {
		return verdicts.Verdict{}, err
	}
	draft, rules := request.Draft, paycor.Rules{Verification: true}
	if request.ID != "" {
		saved, err := s.open(ctx, request.ID)
		if err != nil {
			return verdicts.Verdict{}, s.denied(ctx, audit.ActionDraft, request.ID, err)
		}
		rules.StoredEnvironment = saved.Environment
		draft = draft.Fill(saved.draft().ReusableIn(draft.Environment))
	}
	draft = draft.Clean()
	report, err := s.check(draft, rules)
	if err != nil {
		return verdicts.Verdict{}, err
	}
	swapped := blockingWarnings(report, request.AcceptWarnings)
	verdict, err := s.verify(ctx, audit.ActionDraft, verification{draft: draft, id: request.ID, swapped: swapped, probeAccess: !request.SkipDataAccess}, progress)
	if err != nil {
		return verdicts.Verdict{}, s.recordUnfinished(ctx, audit.ActionDraft, request.ID, err)
	}
	err = s.config.Store.Update(context.WithoutCancel(ctx), func(tx store.Tx) error {
		return s.record(tx, s.caller, audit.Entry{
			Action: audit.ActionDraft, Credential: request.ID, Outcome: string(verdict.Outcome), Detail: audit.TriedDetail(verdict.Code, draft.Environment),
		})
	})
	if err != nil {
		return verdicts.Verdict{}, err
	}
	if len(swapped) == 0 {
		s.verdictCache.keep(s.verdictKey(request.ID, draft), verdict)
	}
	return verdict, nil
}

// verify asks Paycor, unless too many are being asked already, and once it is
// written down that it will be.
func (s *service) verify(ctx context.Context, action audit.Action, about verification, progress paycor.Progress) (verdicts.Verdict, error) {
	leave := s.verifications.Acquire(quota.PrincipalsOf(s.caller)...)
	if leave == nil {
		return verdicts.Verdict{}, paycor.Errorf(paycor.KindBusy, "Too many verifications are running. Wait a minute, then verify again.")
	}
	defer leave()
	if len(about.swapped) == 0 && !about.recorded { // swapped: nothing is sent
		detail := about.cause
		if action != audit.ActionVerify { // of what is saved the environment is known
			detail = audit.TriedDetail("", about.draft.Environment)
		}
		if err := s.begin(ctx, action, about.id, detail); err != nil {
			return verdicts.Verdict{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, verificationTimeout)
	defer cancel()
	question, tokens, err := s.prepare(ctx, about)
	if err != nil {
		return verdicts.Verdict{}, err
	}
	verdict, err := s.config.Verify(ctx, question, tokens, progress)
	if err == nil {
		s.config.OnVerification(about.draft.Environment, verdict.Outcome)
	}
	verdict.RequestID = s.caller.RequestID
	return explainUnconfigured(verdict, question.Environment), err
}

// recordUnfinished writes down a verification that ended without a verdict, and
// returns why it did. The secrets may have been sent all the same: whoever
// hangs up early is not to stay out of the audit trail by that.
func (s *service) recordUnfinished(ctx context.Context, action audit.Action, credential string, cause error) error {
	if paycor.KindOf(cause) == paycor.KindBusy {
		return cause // it had not begun
	}
	return s.appendUnfinished(ctx, action, credential, cause)
}

// appendUnfinished is unfinished where the beginning is on record.
func (s *service) appendUnfinished(ctx context.Context, action audit.Action, credential string, cause error) error {
	err := s.config.Store.Update(context.WithoutCancel(ctx), func(tx store.Tx) error {
		return s.record(tx, s.caller, audit.Entry{Action: action, Credential: credential, Outcome: "unfinished"})
	})
	if err != nil {
		return errors.Join(err, cause)
	}
	return cause
}

// verifySaved asks Paycor about what has just been saved. The save stands
// whatever comes of it, so a trouble of ours is logged and leaves the
// credential Not verified.
func (s *service) verifySaved(ctx context.Context, credential paycor.Credential, draft paycor.Draft, swapped []fields.Problem, progress paycor.Progress) paycor.Credential {
	ctx = context.WithoutCancel(ctx) // whoever saved may leave; the verdict still belongs to the credential
	verdict, err := s.verify(ctx, audit.ActionVerify, verification{draft: draft, id: credential.ID, saved: true, swapped: swapped}, progress)
	if err == nil {
		var judged paycor.Credential
		if judged, err = s.storeVerdict(ctx, credential, draft, verdict); err == nil {
			s.lookLater(judged, draft)
			return judged
		}
	} else {
		err = s.recordUnfinished(ctx, audit.ActionVerify, credential.ID, err)
	}
	if paycor.KindOf(err) == "" && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, store.ErrNotFound) {
		s.config.Logger.ErrorContext(ctx, "verifying a saved credential", "credential", credential.ID, "request_id", s.caller.RequestID, "error", err)
	}
	return credential
}

// storeVerdict stores a verdict, unless the values it is about were changed while
// Paycor was asked, or the credential deleted. That Paycor was asked is written
// down in any case.
func (s *service) storeVerdict(ctx context.Context, asked paycor.Credential, draft paycor.Draft, verdict verdicts.Verdict) (paycor.Credential, error) {
	var judged paycor.Credential
	var deleted bool
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		current, err := s.load(tx, asked.ID)
		if deleted = errors.Is(err, store.ErrNotFound); err != nil && !deleted {
			return err
		}
		judged = current.Credential
		if !deleted && current.draft().SameForPaycor(draft) {
			judged = judged.WithVerdict(verdict)
			if err := tx.UpdateCredential(s.caller.Workspace, judged, current.Version, nil); err != nil {
				return err
			}
		}
		return s.record(tx, s.caller, audit.Entry{
			Action: audit.ActionVerify, Credential: asked.ID, Outcome: string(verdict.Outcome), Detail: string(verdict.Code),
		})
	})
	switch {
	case err != nil:
		return asked, err
	case deleted:
		return asked, store.ErrNotFound
	}
	s.changes.Publish(s.caller.Workspace, events.Change{ID: asked.ID, Action: audit.ActionVerify})
	return judged, nil
}
