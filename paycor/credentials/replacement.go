package credentials

import (
	"context"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// tested is the result of testing an edit's values before they are saved.
type tested struct {
	old     paycor.Draft // what was saved at that time
	verdict verdicts.Verdict
	token   tokens.Token // that the test got, unless the token store has it already
}

// testReplacement tests the values that identify an application at Paycor
// before they replace the saved ones. If Paycor does not accept them and the
// saved ones may work, it returns the error that says so, and nothing changes.
func (s editor) testReplacement(ctx context.Context, id string, u *update) error {
	var before stored
	var changed []fields.Field
	var works bool
	err := s.config.Store.View(ctx, func(r Reader) (err error) {
		if before, err = s.loadReadable(r, id); err != nil {
			return err
		}
		if err := u.prepare(s, before); err != nil {
			return err
		}
		changed = u.draft.PatchFrom(before.draft()).Identifying()
		if len(changed) == 0 {
			return nil
		}
		if works, err = s.works(r, before); err != nil {
			return err
		}
		return u.checkReplaced(before, works)
	})
	if err != nil || len(changed) == 0 || u.options.SkipVerify || u.options.Force && s.recentOutage(id, u.draft) {
		return err // nobody has to wait for Paycor twice to replace the saved ones anyway
	}
	if swapped := blockingWarnings(u.report, u.options.AcceptWarnings); len(swapped) > 0 {
		return &paycor.Error{Kind: paycor.KindInvalid, Message: message.New("error.not-changed", swapped[0].Message), Problems: swapped}
	}
	result := tested{old: before.draft()}
	var cached bool
	if result.verdict, cached = s.cachedVerdict(id, u.draft, false); !cached {
		result.verdict, err = s.verify(ctx, audit.ActionVerifyDraft, verification{
			draft: u.draft, id: id, tokens: s.tokenKey(before.Credential), onToken: func(issued tokens.Token) { result.token = issued },
		}, u.options.Progress)
		if err != nil {
			return s.recordIfStarted(ctx, audit.ActionVerifyDraft, id, err)
		}
		if err := s.recordTried(ctx, audit.ActionVerifyDraft, id, result.verdict, u.draft.Environment); err != nil {
			return err
		}
		s.verdictCache.put(s.verdictKey(id, u.draft), result.verdict) // for a second request with Force
	}
	if u.options.Force || replaces(result.verdict, works) {
		u.tested = &result
		return nil
	}
	return s.notReplaced(ctx, before, changed, result.verdict)
}

// replaces reports whether a verdict allows new values to replace the saved
// ones. Values that Paycor rejects never do. Without an answer, they do if
// nothing that works is lost.
func replaces(verdict verdicts.Verdict, savedWorks bool) bool {
	return verdict.AcceptsSecrets() || verdict.Outcome != verdicts.OutcomeRejected && !savedWorks
}

// works reports whether the saved secrets work as far as is known: Paycor accepted them
// at the last check of a credential of the application, or calls succeeded since.
func (s *bound) works(r Reader, saved stored) (bool, error) {
	if len(saved.unreadable) > 0 {
		return false, nil
	}
	all, err := credentialsOf(r, s.caller.Workspace, saved)
	if err != nil {
		return false, err
	}
	for _, c := range all {
		if works, err := s.worksFor(r, c); works || err != nil {
			return works, err
		}
	}
	return false, nil
}

// worksFor is works for one credential.
func (s *bound) worksFor(r Reader, c paycor.Credential) (bool, error) {
	conclusive := c.LastConclusive
	if conclusive != nil && conclusive.AcceptsSecrets() {
		return true, nil
	}
	day := s.now().Add(-usage.Hours * time.Hour)
	used, err := r.Usage(s.caller.Workspace, c.ID, day, day)
	return err == nil && slices.ContainsFunc(used.Users, func(user usage.User) bool {
		return user.Day.Done > 0 && (conclusive == nil || user.LastUsedAt.After(conclusive.CheckedAt))
	}), err
}

// notReplaced returns the error that new values did not replace the saved
// ones, with Paycor's verdicts about both. It checks the saved ones again
// before it says that they work.
func (s editor) notReplaced(ctx context.Context, before stored, changed []fields.Field, verdict verdicts.Verdict) error {
	saved, key := before.LastConclusive, "replace.saved-unknown"
	failed := &paycor.Error{Kind: paycor.KindNotAccepted}
	switch {
	case len(before.unreadable) > 0:
		saved = nil
	case verdict.Outcome.Conclusive():
		if now, err := s.verifyBeside(ctx, before); err == nil {
			saved = &now
		}
	}
	if !verdict.Outcome.Conclusive() {
		failed.Kind, failed.RetryAfter = paycor.KindNotTested, time.Duration(verdict.RetryAfter)*time.Second
	}
	switch {
	case len(before.unreadable) > 0:
		key = "replace.saved-unreadable"
	case !verdict.Outcome.Conclusive():
		key = "replace.saved-kept"
	case saved != nil && saved.AcceptsSecrets():
		key, verdict = "replace.saved-works", verdict.Blaming(changed)
	case saved != nil && saved.Outcome.Conclusive():
		key = "replace.saved-rejected"
	}
	var labels []message.Message
	for _, field := range changed {
		labels = append(labels, field.Label())
	}
	if len(changed) > 1 {
		key += ".several"
	}
	failed.Verdict, failed.SavedVerdict = &verdict, saved
	failed.Message = message.New("list.sentences", message.New("replace."+string(verdict.Outcome), message.List(labels)), message.New(key))
	return failed
}

// verifyBeside verifies the saved values after new ones were rejected, and
// stores the verdict.
func (s editor) verifyBeside(ctx context.Context, saved stored) (verdicts.Verdict, error) {
	verdict, err := s.verify(ctx, audit.ActionVerify, verification{draft: saved.draft(), id: saved.ID, tokens: s.tokenKey(saved.Credential), saved: true, conserveTokens: true}, nil)
	if err != nil {
		return verdict, s.recordIfStarted(ctx, audit.ActionVerify, saved.ID, err)
	}
	_, err = s.storeVerdict(context.WithoutCancel(ctx), saved.Credential, saved.draft(), verdict)
	return verdict, err
}
