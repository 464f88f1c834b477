package credentials

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// verificationTimeout bounds one verification. Paycor's slow endpoints take half a
// minute each.
const verificationTimeout = 2 * time.Minute

// Verify implements paycor.Service.
func (s *service) Verify(ctx context.Context, id string, progress paycor.Progress) (paycor.Verdict, error) {
	if err := s.may(ctx, paycor.RightEdit, paycor.ActionVerify, id); err != nil {
		return paycor.Verdict{}, err
	}
	saved, err := s.open(ctx, id)
	if err != nil {
		return paycor.Verdict{}, s.denied(ctx, paycor.ActionVerify, id, err)
	}
	// A saved credential was saved knowingly: its warnings hold nothing back.
	verdict, err := s.verify(ctx, paycor.ActionVerify, verification{draft: saved.draft(), id: id, saved: true, probeAccess: true}, progress)
	if err != nil {
		return paycor.Verdict{}, s.recordUnfinished(ctx, paycor.ActionVerify, id, err)
	}
	if _, err := s.storeVerdict(context.WithoutCancel(ctx), saved.Credential, saved.draft(), verdict); err != nil {
		return paycor.Verdict{}, fail(err)
	}
	return verdict, nil
}

// VerifyDraft implements paycor.Service.
func (s *service) VerifyDraft(ctx context.Context, request paycor.VerifyRequest, progress paycor.Progress) (paycor.Verdict, error) {
	if err := s.may(ctx, paycor.RightEdit, paycor.ActionDraft, request.ID); err != nil {
		return paycor.Verdict{}, err
	}
	draft, rules := request.Draft, paycor.Rules{Verification: true}
	if request.ID != "" {
		saved, err := s.open(ctx, request.ID)
		if err != nil {
			return paycor.Verdict{}, s.denied(ctx, paycor.ActionDraft, request.ID, err)
		}
		rules.StoredEnvironment = saved.Environment
		draft = draft.Fill(saved.draft().KeptFor(draft.Environment))
	}
	draft = draft.Clean()
	report, err := s.check(draft, rules)
	if err != nil {
		return paycor.Verdict{}, err
	}
	swapped := blockingWarnings(report, request.AcceptWarnings)
	verdict, err := s.verify(ctx, paycor.ActionDraft, verification{draft: draft, id: request.ID, swapped: swapped, probeAccess: !request.SkipDataAccess}, progress)
	if err != nil {
		return paycor.Verdict{}, s.recordUnfinished(ctx, paycor.ActionDraft, request.ID, err)
	}
	err = s.config.Store.Update(context.WithoutCancel(ctx), func(tx store.Tx) error {
		return s.record(tx, s.caller, paycor.AuditEntry{
			Action: paycor.ActionDraft, Credential: request.ID, Outcome: string(verdict.Outcome), Detail: paycor.TriedDetail(verdict.Code, draft.Environment),
		})
	})
	if err != nil {
		return paycor.Verdict{}, err
	}
	if len(swapped) == 0 {
		s.verdictCache.keep(s.verdictKey(request.ID, draft), verdict)
	}
	return verdict, nil
}

// verify asks Paycor, unless too many are being asked already, and once it is
// written down that it will be.
func (s *service) verify(ctx context.Context, action paycor.Action, about verification, progress paycor.Progress) (paycor.Verdict, error) {
	leave := s.verifications.Take(s.caller.Parties()...)
	if leave == nil {
		return paycor.Verdict{}, paycor.Errorf(paycor.KindBusy, "Too many verifications are running. Wait a minute, then verify again.")
	}
	defer leave()
	if len(about.swapped) == 0 && !about.recorded { // swapped: nothing is sent
		detail := about.cause
		if action != paycor.ActionVerify { // of what is saved the environment is known
			detail = paycor.TriedDetail("", about.draft.Environment)
		}
		if err := s.begin(ctx, action, about.id, detail); err != nil {
			return paycor.Verdict{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, verificationTimeout)
	defer cancel()
	question, tokens, err := s.prepare(ctx, about)
	if err != nil {
		return paycor.Verdict{}, err
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
func (s *service) recordUnfinished(ctx context.Context, action paycor.Action, credential string, cause error) error {
	if paycor.KindOf(cause) == paycor.KindBusy {
		return cause // it had not begun
	}
	return s.appendUnfinished(ctx, action, credential, cause)
}

// appendUnfinished is unfinished where the beginning is on record.
func (s *service) appendUnfinished(ctx context.Context, action paycor.Action, credential string, cause error) error {
	err := s.config.Store.Update(context.WithoutCancel(ctx), func(tx store.Tx) error {
		return s.record(tx, s.caller, paycor.AuditEntry{Action: action, Credential: credential, Outcome: "unfinished"})
	})
	if err != nil {
		return errors.Join(err, cause)
	}
	return cause
}

// verifySaved asks Paycor about what has just been saved. The save stands
// whatever comes of it, so a trouble of ours is logged and leaves the
// credential Not verified.
func (s *service) verifySaved(ctx context.Context, credential paycor.Credential, draft paycor.Draft, swapped []paycor.Problem, progress paycor.Progress) paycor.Credential {
	ctx = context.WithoutCancel(ctx) // whoever saved may leave; the verdict still belongs to the credential
	verdict, err := s.verify(ctx, paycor.ActionVerify, verification{draft: draft, id: credential.ID, saved: true, swapped: swapped}, progress)
	if err == nil {
		var judged paycor.Credential
		if judged, err = s.storeVerdict(ctx, credential, draft, verdict); err == nil {
			s.lookLater(judged, draft)
			return judged
		}
	} else {
		err = s.recordUnfinished(ctx, paycor.ActionVerify, credential.ID, err)
	}
	if paycor.KindOf(err) == "" && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, store.ErrNotFound) {
		s.config.Logger.ErrorContext(ctx, "verifying a saved credential", "credential", credential.ID, "request_id", s.caller.RequestID, "error", err)
	}
	return credential
}

// storeVerdict stores a verdict, unless the values it is about were changed while
// Paycor was asked, or the credential deleted. That Paycor was asked is written
// down in any case.
func (s *service) storeVerdict(ctx context.Context, asked paycor.Credential, draft paycor.Draft, verdict paycor.Verdict) (paycor.Credential, error) {
	var judged paycor.Credential
	var deleted bool
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		current, err := s.load(tx, asked.ID)
		if deleted = errors.Is(err, store.ErrNotFound); err != nil && !deleted {
			return err
		}
		judged = current.Credential
		if !deleted && current.draft().SameForPaycor(draft) {
			judged = judged.Judge(verdict)
			if err := tx.UpdateCredential(s.caller.Workspace, judged, current.Version, nil); err != nil {
				return err
			}
		}
		return s.record(tx, s.caller, paycor.AuditEntry{
			Action: paycor.ActionVerify, Credential: asked.ID, Outcome: string(verdict.Outcome), Detail: string(verdict.Code),
		})
	})
	switch {
	case err != nil:
		return asked, err
	case deleted:
		return asked, store.ErrNotFound
	}
	s.changes.tell(s.caller.Workspace, paycor.Change{ID: asked.ID, Action: paycor.ActionVerify})
	return judged, nil
}
