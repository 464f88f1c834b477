package credentials

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/verdicts"
)

// Verify implements api.Service.
func (s verifier) Verify(ctx context.Context, id string, progress paycor.Progress) (verdicts.Verdict, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionVerify, id); err != nil {
		return verdicts.Verdict{}, err
	}
	saved, err := s.open(ctx, id)
	if err != nil {
		return verdicts.Verdict{}, s.denied(ctx, audit.ActionVerify, id, err)
	}
	// Warnings do not prevent the call: the credential was saved despite them.
	verdict, err := s.verify(ctx, audit.ActionVerify, verification{draft: saved.draft(), id: id, tokens: s.tokenKey(saved.Credential), saved: true, probeAccess: true}, progress)
	if err != nil {
		return verdicts.Verdict{}, s.recordIfStarted(ctx, audit.ActionVerify, id, err)
	}
	after, err := s.storeVerdict(context.WithoutCancel(ctx), saved.Credential, saved.draft(), verdict)
	if err != nil {
		return verdicts.Verdict{}, fail(err)
	}
	if stored := after.Verdict; stored != nil && stored.CheckedAt.Equal(verdict.CheckedAt) {
		verdict.LastSuccess = stored.LastSuccess
	}
	return verdict, nil
}

// VerifyDraft implements api.Service.
func (s verifier) VerifyDraft(ctx context.Context, request paycor.VerifyRequest, progress paycor.Progress) (verdicts.Verdict, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionVerifyDraft, request.ID); err != nil {
		return verdicts.Verdict{}, err
	}
	draft, saved, report, err := s.completeDraft(ctx, audit.ActionVerifyDraft, request)
	if err != nil {
		return verdicts.Verdict{}, err
	}
	swapped := blockingWarnings(report, request.AcceptWarnings)
	key := s.tokenKey(saved)
	if request.ApplicationID != "" {
		key.Application = request.ApplicationID
	} else if request.ID == "" && draft.Grant == paycor.GrantAuthorizationCode {
		if key, err = s.keyOfEqual(ctx, draft); err != nil {
			return verdicts.Verdict{}, err
		}
	}
	verdict, err := s.verify(ctx, audit.ActionVerifyDraft, verification{
		draft: draft, id: request.ID, tokens: key, swapped: swapped, probeAccess: !request.SkipDataAccess,
	}, progress)
	if err != nil {
		return verdicts.Verdict{}, s.recordIfStarted(ctx, audit.ActionVerifyDraft, request.ID, err)
	}
	if err := s.recordTried(ctx, audit.ActionVerifyDraft, request.ID, verdict, draft.Environment); err != nil {
		return verdicts.Verdict{}, err
	}
	if len(swapped) == 0 {
		s.verdictCache.put(s.verdictKey(request.ID, draft), verdict)
	}
	return verdict, nil
}

// completeDraft fills the draft's blanks from the saved application and the saved
// credential, if the request names them, and checks the result. It returns the saved credential, too.
func (s verifier) completeDraft(ctx context.Context, action audit.Action, request paycor.VerifyRequest) (paycor.Draft, paycor.Credential, paycor.Report, error) {
	draft, rules := request.Draft, paycor.Rules{Verification: true}
	var saved stored
	if request.ApplicationID != "" {
		var err error
		if draft, err = s.fromApplication(ctx, action, request.ApplicationID, draft); err != nil {
			return draft, saved.Credential, paycor.Report{}, err
		}
		rules.StoredEnvironment = draft.Environment
	}
	if request.ID != "" {
		var err error
		if saved, err = s.open(ctx, request.ID); err != nil {
			return draft, saved.Credential, paycor.Report{}, s.denied(ctx, action, request.ID, err)
		}
		rules.StoredEnvironment = saved.Environment
		draft = draft.Fill(saved.draft().ReusableIn(draft.Environment))
	}
	draft = draft.Clean()
	report, err := s.check(draft, rules)
	return draft, saved.Credential, report, err
}

// recordTried records the verdict about a draft and the environment it was
// tried in.
func (s verifier) recordTried(ctx context.Context, action audit.Action, id string, verdict verdicts.Verdict, environment string) error {
	return s.config.Store.Update(context.WithoutCancel(ctx), func(tx Tx) error {
		return s.record(tx, s.caller, audit.Entry{
			Action: action, Credential: id, Outcome: string(verdict.Outcome), Detail: audit.TriedDetail(verdict.Code, environment),
		})
	})
}
