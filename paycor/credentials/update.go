package credentials

import (
	"context"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
)

// update is an update of a credential and its result.
type update struct {
	patch   paycor.Patch
	options paycor.UpdateOptions

	saved       paycor.Credential
	draft       paycor.Draft
	report      paycor.Report
	duplicates  []paycor.Duplicate
	changed     []fields.Field
	needsVerify bool // a value that Paycor verifies changed, and there is no cached verdict
}

// Update implements api.Service.
func (s editor) Update(ctx context.Context, id string, patch paycor.Patch, options paycor.UpdateOptions) (paycor.Saved, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionUpdate, id); err != nil {
		return paycor.Saved{}, err
	}
	var u update
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		u = update{patch: patch, options: options}
		return s.storeUpdate(tx, id, &u)
	})
	if err != nil {
		return paycor.Saved{}, s.denied(ctx, audit.ActionUpdate, id, err)
	}
	if len(u.changed) > 0 {
		s.tokens.Forget(s.key(id))
		s.publish(id, audit.ActionUpdate)
	}
	if u.needsVerify && !options.SkipVerify {
		u.saved = s.verifySaved(ctx, u.saved, u.draft, blockingWarnings(u.report, options.AcceptWarnings), options.Progress)
	} else {
		s.probeAccessLater(u.saved, u.draft)
	}
	return savedWith(u.saved, u.report.Warnings, u.duplicates), nil
}

// storeUpdate checks the patch and applies it. It stores nothing if the patch
// changes nothing.
func (s editor) storeUpdate(tx Tx, id string, u *update) error {
	before, err := s.load(tx, id)
	if err != nil {
		return err
	}
	if !paycor.IfMatch(u.options.IfMatch, versionTag(before.Credential)) {
		return store.ErrStale
	}
	old := before.draft()
	environment := old.Environment
	if u.patch.Environment != nil {
		environment = *u.patch.Environment
	}
	u.draft = u.patch.ApplyTo(old.ReusableIn(environment)).Clean()
	if u.report, err = s.check(u.draft, paycor.Rules{StoredEnvironment: old.Environment}); err != nil {
		return err
	}
	u.saved = before.Credential
	if u.changed = u.draft.PatchFrom(old).Fields(); len(u.changed) == 0 {
		return nil
	}
	if u.saved, err = s.apply(before, u.draft); err != nil {
		return err
	}
	reverify := !u.draft.SameToPaycor(old)
	if reverify {
		verdict, cached := s.cachedVerdict(id, u.draft, u.options.SkipVerify)
		u.saved, u.needsVerify = u.saved.WithoutVerdict(), !cached
		if cached {
			u.saved = u.saved.WithVerdict(verdict)
		}
	}
	if u.duplicates, err = s.newDuplicates(tx, u.saved, u.changed); err != nil {
		return err
	}
	if err := s.discardOutdated(tx, before, &u.saved); err != nil {
		return err
	}
	if err := tx.UpdateCredential(s.caller.Workspace, u.saved, before.Version, secretsOf(u.draft)); err != nil {
		return err
	}
	if reverify {
		if err := dropTokens(tx, s.caller.Workspace, id, s.sameActivation(old, u.draft)); err != nil {
			return err
		}
		if u.saved, err = tx.Credential(s.caller.Workspace, id); err != nil {
			return err
		}
	}
	return s.record(tx, s.caller, audit.Entry{Action: audit.ActionUpdate, Credential: id, Fields: u.changed, Outcome: "done"})
}

// apply returns the credential with the draft's values and the next version.
func (s editor) apply(before stored, draft paycor.Draft) (paycor.Credential, error) {
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

// sameActivation reports whether a refresh token of the old values is valid for
// the new ones.
func (s *bound) sameActivation(old, draft paycor.Draft) bool {
	return tokens.ApplicationFromDraft(s.environment(old.Environment), old).
		SameActivation(tokens.ApplicationFromDraft(s.environment(draft.Environment), draft))
}
