package credentials

import (
	"context"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// update is an update of a credential and its result.
type update struct {
	patch   paycor.Patch
	options paycor.UpdateOptions
	tested  *tested // the result of the test; nil if there was none

	saved       paycor.Credential
	draft       paycor.Draft
	report      paycor.Report
	duplicates  []paycor.Duplicate
	changed     []fields.Field
	affected    []string // other credentials of the application that the update changed
	also        []string // those of them that the caller sees, if the application changed
	alsoHidden  bool     // there are others
	needsVerify bool     // a value that Paycor verifies changed, and there is no recent verdict
}

// Update implements api.Service.
//
// Values that identify an application are tested first, beside the saved ones,
// which stay if Paycor does not accept the new ones. A secret that works is kept
// for a rollback when it is replaced.
func (s editor) Update(ctx context.Context, id string, patch paycor.Patch, options paycor.UpdateOptions) (paycor.Saved, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionUpdate, id); err != nil {
		return paycor.Saved{}, err
	}
	u := update{patch: patch, options: options}
	if err := s.testReplacement(ctx, id, &u); err != nil {
		return paycor.Saved{}, s.denied(ctx, audit.ActionUpdate, id, err)
	}
	err := s.config.Store.Update(ctx, func(tx Tx) error { return s.storeUpdate(tx, id, &u) })
	if err != nil {
		return paycor.Saved{}, s.denied(ctx, audit.ActionUpdate, id, err)
	}
	if len(u.changed) > 0 {
		s.tokens.Forget(s.tokenKey(u.saved))
		s.publishAll(s.caller.Workspace, id, u.affected, audit.ActionUpdate)
	}
	if u.needsVerify && !options.SkipVerify && s.recentOutage(id, u.draft) {
		s.verifySavedLater(u.saved, u.draft, blockingWarnings(u.report, options.AcceptWarnings))
	} else if u.needsVerify && !options.SkipVerify {
		u.saved = s.verifySaved(ctx, u.saved, u.draft, blockingWarnings(u.report, options.AcceptWarnings), options.Progress)
	} else {
		s.probeAccessLater(u.saved, u.draft)
	}
	saved := savedWith(u.saved, u.report.Warnings, u.duplicates)
	saved.AlsoChanged, saved.AlsoChangedHidden = u.also, u.alsoHidden
	return saved, nil
}

// prepare applies the patch to a credential and checks the result.
func (u *update) prepare(s editor, before stored) (err error) {
	if !paycor.IfMatch(u.options.IfMatch, versionTag(before.Credential)) {
		return store.ErrStale
	}
	old := before.draft()
	environment := old.Environment
	if u.patch.Environment != nil {
		environment = *u.patch.Environment
	}
	u.draft = u.patch.ApplyTo(old.ReusableIn(environment)).Clean()
	u.report, err = s.check(u.draft, paycor.Rules{StoredEnvironment: old.Environment})
	return err
}

// storeUpdate checks the patch and applies it. It stores nothing if the patch
// changes nothing.
func (s editor) storeUpdate(tx Tx, id string, u *update) error {
	before, err := s.loadReadable(tx, id)
	if err != nil {
		return err
	}
	if err := u.prepare(s, before); err != nil {
		return err
	}
	old := before.draft()
	if u.tested != nil && !u.tested.old.SameToPaycor(old) {
		return store.ErrStale // the test was about other values
	}
	u.saved, u.needsVerify, u.also, u.alsoHidden = before.Credential, false, nil, false
	if u.changed = u.draft.PatchFrom(old).Fields(); len(u.changed) == 0 {
		return nil
	}
	if u.saved, err = s.apply(before, u.draft); err != nil {
		return err
	}
	reverify := !u.draft.SameToPaycor(old)
	if reverify {
		if err := u.setVerdict(s, tx, old); err != nil {
			return err
		}
	}
	if u.duplicates, err = s.newDuplicates(tx, u.saved, u.changed); err != nil {
		return err
	}
	secrets := store.Secrets{} // the saved ones stay, and with them the other credentials of the application
	if u.moves(old) || u.replacesSecrets(old) {
		secrets = secretsOf(u.draft)
	}
	outdated, err := s.keepReplaced(tx, before, u, secrets)
	if err != nil {
		return err
	}
	if u.moves(old) {
		if u.saved.ApplicationID, err = s.findApplication(tx, u.draft); err != nil {
			return err
		}
		if u.saved.ApplicationID == "" {
			u.saved.ApplicationID = newApplicationID(s.now())
		} else {
			secrets = nil
		}
	}
	if err := tx.UpdateCredential(s.caller.Workspace, u.saved, before.Version, secrets); err != nil {
		return err
	}
	if err := tx.DeleteSecrets(s.caller.Workspace, id, outdated...); err != nil {
		return err
	}
	if reverify {
		if err := s.replaceTokens(tx, before, u); err != nil {
			return err
		}
		if u.saved, err = tx.Credential(s.caller.Workspace, id); err != nil {
			return err
		}
	}
	if u.affected, err = s.applyToOthers(tx, s.caller.Workspace, u.saved, u.applicationChange(old)); err != nil {
		return err
	}
	if !u.moves(old) && slices.ContainsFunc(u.changed, ofApplication) {
		u.affected = before.others
		if u.also, u.alsoHidden, err = s.visibleAmong(tx, before.others); err != nil {
			return err
		}
	}
	if err := s.joinAfterEdit(tx, u, old); err != nil {
		return err
	}
	return s.record(tx, s.caller, audit.Entry{Action: audit.ActionUpdate, Credential: id, Fields: u.changed, Outcome: "done", Detail: u.detail(old)})
}

// joinAfterEdit joins the application to one that has the same values and secrets since
// the edit.
func (s editor) joinAfterEdit(tx Tx, u *update, old paycor.Draft) error {
	if u.moves(old) || !changesApplication(u.changed) {
		return nil
	}
	var rotateBy paycor.Day
	if slices.Contains(u.changed, fields.RotateBy) {
		rotateBy = u.draft.RotateBy
	}
	var joined []string
	var err error
	u.saved, joined, err = s.joinEqual(tx, u.saved, rotateBy, u.saved.Verdict)
	u.affected = append(u.affected, joined...)
	return err
}

// setVerdict replaces the verdict after a change of values that Paycor verifies:
// by that of the test, or by a recent one about the same values.
func (u *update) setVerdict(s editor, r Reader, old paycor.Draft) error {
	verdict, known := s.cachedVerdict(u.saved.ID, u.draft, u.options.SkipVerify)
	if u.tested != nil {
		verdict, known = u.tested.verdict, true
	}
	accepted := u.saved.LastConclusive != nil && u.saved.LastConclusive.AcceptsSecrets()
	u.saved, u.needsVerify = u.saved.WithoutVerdict(), !known
	if known && accepted {
		verdict = verdict.Blaming(u.draft.PatchFrom(old).Identifying())
	}
	if !known {
		return nil
	}
	made := verdicts.Change{Kind: verdicts.ChangeEdited, At: u.saved.UpdatedAt, By: s.caller.Name, Fields: judgedFields(u.changed)}
	verdict, err := s.withLastSuccess(r, u.saved, verdict, &made)
	u.saved = u.saved.WithVerdict(verdict)
	return err
}

// detail returns the detail of the audit entry: whether values that Paycor does
// not accept replaced the saved ones, or else the verdict that the change adopted.
func (u *update) detail(old paycor.Draft) string {
	accepted := u.tested != nil && u.tested.verdict.AcceptsSecrets()
	if u.options.Force && !accepted && len(u.draft.PatchFrom(old).Identifying()) > 0 {
		return audit.DetailForced
	}
	if old.SameToPaycor(u.draft) {
		return ""
	}
	return adoptedCode(u.saved)
}

// applicationChange returns what the update means for the other credentials of the
// application. A credential that moves changes neither application.
func (u *update) applicationChange(old paycor.Draft) applicationChange {
	change := applicationChange{replaced: !u.moves(old) && changesApplication(u.changed)}
	if verdict := u.saved.Verdict; verdict != nil && !old.SameToPaycor(u.draft) {
		change.verdict = verdict
	}
	return change
}

// replaceTokens stores the token from the test, or removes the tokens that the
// change invalidates. Paycor issues tokens to the application, whichever secret
// was used, so a change of secrets that work invalidates none.
func (s editor) replaceTokens(tx Tx, before stored, u *update) error {
	old, id := before.draft(), before.ID
	if u.moves(old) || !changesApplication(u.changed) {
		return dropEntityToken(tx, s.caller.Workspace, u.saved)
	}
	request := paycor.RotateRequest{ClientSecret: u.draft.ClientSecret, SubscriptionKey: u.draft.SubscriptionKey}
	if u.tested != nil && u.tested.verdict.AcceptsSecrets() && request.ApplyTo(old).SameToPaycor(u.draft) {
		return rotator(s).storeProbedToken(tx, id, u.tested.token)
	}
	return dropAccessToken(tx, s.caller.Workspace, id)
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
	if old.Environment != draft.Environment || old.ClientID != draft.ClientID { // another application
		after.ActivatedAt, after.ActivatedBy, after.Rotation = time.Time{}, "", nil
	}
	after.UpdatedAt = now
	after.Version++
	return after, nil
}
