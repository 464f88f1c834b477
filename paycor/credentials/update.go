package credentials

import (
	"context"
	"strconv"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
)

// Update implements api.Service.
func (s *service) Update(ctx context.Context, id string, patch paycor.Patch, options paycor.UpdateOptions) (paycor.Saved, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionUpdate, id); err != nil {
		return paycor.Saved{}, err
	}
	var (
		saved     paycor.Credential
		draft     paycor.Draft
		report    paycor.Report
		alike     []paycor.Duplicate
		changed   []fields.Field
		unsettled bool // a value that Paycor judges changed, and no verdict is at hand
	)
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		before, err := s.load(tx, id)
		if err != nil {
			return err
		}
		if !matches(options.IfMatch, tagOf(before.Credential)) {
			return store.ErrStale
		}
		old := before.draft()
		environment := old.Environment
		if patch.Environment != nil {
			environment = *patch.Environment
		}
		draft = patch.ApplyTo(old.ReusableIn(environment)).Clean()
		if report, err = s.check(draft, paycor.Rules{StoredEnvironment: old.Environment}); err != nil {
			return err
		}
		saved, unsettled = before.Credential, false
		if changed = differing(old, draft); len(changed) == 0 {
			return nil
		}
		if saved, err = s.apply(before, draft); err != nil {
			return err
		}
		if !draft.SameForPaycor(old) {
			verdict, known := s.cachedVerdict(id, draft, options.SkipVerify)
			saved, unsettled = saved.WithoutVerdict(), !known
			if known {
				saved = saved.WithVerdict(verdict)
			}
		}
		if alike, err = s.newDuplicates(tx, saved, changed); err != nil {
			return err
		}
		if err := s.discardOutdated(tx, before, &saved); err != nil {
			return err
		}
		if err := tx.UpdateCredential(s.caller.Workspace, saved, before.Version, secretsOf(draft)); err != nil {
			return err
		}
		if !draft.SameForPaycor(old) {
			if err := dropTokens(tx, s.caller.Workspace, id, s.sameActivation(old, draft)); err != nil {
				return err
			}
			if saved, err = tx.Credential(s.caller.Workspace, id); err != nil {
				return err
			}
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionUpdate, Credential: id, Fields: changed, Outcome: "done"})
	})
	if err != nil {
		return paycor.Saved{}, s.denied(ctx, audit.ActionUpdate, id, err)
	}
	if len(changed) > 0 {
		s.tokens.Forget(s.key(id))
		s.changes.Publish(s.caller.Workspace, events.Change{ID: id, Action: audit.ActionUpdate})
	}
	if unsettled && !options.SkipVerify {
		saved = s.verifySaved(ctx, saved, draft, blockingWarnings(report, options.AcceptWarnings), options.Progress)
	} else {
		s.lookLater(saved, draft)
	}
	return savedWith(saved, report.Warnings, alike), nil
}

// apply returns the credential with the draft's values, one version on.
func (s *service) apply(before stored, draft paycor.Draft) (paycor.Credential, error) {
	after, err := before.Credential.WithDraft(draft)
	if err != nil {
		return paycor.Credential{}, err
	}
	old, now := before.draft(), s.now()
	if draft.ClientSecret != old.ClientSecret {
		after.ClientSecretSavedAt = now
	}
	if draft.SubscriptionKey != old.SubscriptionKey {
		after.SubscriptionKeySavedAt = now
	}
	if !s.sameActivation(old, draft) {
		after.ActivatedAt, after.ActivatedBy = time.Time{}, ""
	}
	after.UpdatedAt = now
	after.Version++
	return after, nil
}

// sameActivation reports whether a refresh token of the old values is good for
// the new ones.
func (s *service) sameActivation(old, draft paycor.Draft) bool {
	return tokens.ApplicationFromDraft(s.environment(old.Environment), old).SameActivation(tokens.ApplicationFromDraft(s.environment(draft.Environment), draft))
}

func (s *service) key(id string) tokens.Key {
	return tokens.Key{Workspace: s.caller.Workspace, Credential: id}
}

func differing(old, draft paycor.Draft) []fields.Field { return draft.PatchFrom(old).Fields() }

// matches reports whether an If-Match header allows a change of something: is
// tells which tags are its.
func matches(ifMatch string, is func(tag string) bool) bool {
	if ifMatch == "" {
		return true
	}
	for tag := range strings.SplitSeq(ifMatch, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || is(tag) {
			return true
		}
	}
	return false
}

// tagOf tells the tags of a credential as it is. Only edits count: a
// verification since then must not throw an edit away, so what a tag says of
// the verdict is passed over.
func tagOf(credential paycor.Credential) func(tag string) bool {
	version := `"` + strconv.FormatInt(credential.Version, 10)
	return func(tag string) bool {
		return tag == version+`"` || strings.HasPrefix(tag, version+"-") && strings.HasSuffix(tag, `"`)
	}
}

// Delete implements api.Service.
func (s *service) Delete(ctx context.Context, id, ifMatch string) error {
	if err := s.may(ctx, paycor.RightAdmin, audit.ActionDelete, id); err != nil {
		return err
	}
	var gone store.CredentialSharing
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		credential, err := tx.Credential(s.caller.Workspace, id)
		if err != nil {
			return err
		}
		if !matches(ifMatch, tagOf(credential)) {
			return store.ErrStale
		}
		if gone, err = tx.CredentialSharing(s.caller.Workspace, id); err != nil {
			return err
		}
		if err := tx.DeleteCredential(s.caller.Workspace, id, credential.Version); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionDelete, Credential: id, Outcome: "done", Detail: credential.Name})
	})
	if err != nil {
		return s.denied(ctx, audit.ActionDelete, id, err)
	}
	s.tokens.Forget(s.key(id))
	s.changes.Publish(s.caller.Workspace, events.Change{ID: id, Action: audit.ActionDelete, Owner: gone.Owner, Sharing: gone.Sharing})
	return nil
}
