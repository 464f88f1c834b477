package credentials

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// fallback is what a credential can go back to.
type fallback struct {
	values   map[fields.Field]paycor.RotationValue
	secrets  map[fields.Field]paycor.Secret
	keep     paycor.Keep
	rotateBy paycor.Day
}

// keepReplaced keeps secrets that an edit replaces for a rollback: it sets the
// rotation record of u.saved and adds the secrets to keep. It returns the
// fields of kept secrets that are no longer needed.
//
// The secrets in use are kept unless they are known not to work. In that case
// the ones kept before stay, so that the last secrets that worked are not lost
// however often the current ones are replaced.
func (s editor) keepReplaced(tx Tx, before stored, u *update, secrets store.Secrets) ([]fields.Field, error) {
	old := before.draft()
	if !u.moves(old) && !u.replacesSecrets(old) {
		return nil, nil
	}
	works, err := s.works(tx, before)
	if err != nil {
		return nil, err
	}
	if err := u.checkReplaced(before, works); err != nil {
		return nil, err
	}
	if u.moves(old) {
		return nil, s.recordLeft(tx, before)
	}
	last := fallbackOf(before, works)
	now := s.now()
	next := paycor.Rotation{
		State: paycor.RotationPrevious, Keep: last.keep, RotateBy: last.rotateBy,
		StartedAt: now, StartedBy: s.caller.Name, DiscardAt: last.keep.Until(now),
	}
	for _, field := range paycor.RotatableFields() {
		if value, ok := last.values[field]; ok && last.secrets[field].Reveal() != u.draft.Value(field) {
			next.Values = append(next.Values, value)
			secrets[paycor.RotationPrevious.SecretField(field)] = last.secrets[field]
		}
	}
	u.saved.Rotation = nil
	if len(next.Values) > 0 {
		u.saved.Rotation = &next
	}
	return s.discardReplaced(tx, before, secrets)
}

// checkReplaced rejects an edit that would lose secrets or an activation which
// may work.
func (u *update) checkReplaced(before stored, works bool) error {
	old, kept := before.draft(), before.Rotation
	switch {
	case !u.moves(old) && !u.replacesSecrets(old):
		return nil
	case u.moves(old) && len(before.others) > 0:
		return nil // the application stays, with its secrets, for its other credentials
	case len(before.readableKept()) > 0 && kept.State == paycor.RotationPending && kept.MayWork():
		return paycor.Errorf(paycor.KindConflict, "error.replace-pending", kept.Fields()[0].Label())
	case !u.moves(old) || !u.options.SkipVerify || u.options.Force:
		return nil
	case works && (u.replacesSecrets(old) || before.HasRefreshToken), kept != nil && kept.State == paycor.RotationPrevious:
		return paycor.Errorf(paycor.KindConflict, "error.replace-untested")
	}
	return nil
}

// replacesSecrets reports whether the edit replaces a secret.
func (u *update) replacesSecrets(old paycor.Draft) bool {
	return old.ClientSecret != u.draft.ClientSecret || old.SubscriptionKey != u.draft.SubscriptionKey
}

// moves reports whether the edit is for another application, under which the
// saved secrets cannot be kept.
func (u *update) moves(old paycor.Draft) bool {
	return old.Environment != u.draft.Environment || old.ClientID != u.draft.ClientID
}

// fallbackOf returns the last secrets that worked, or may have worked.
func fallbackOf(before stored, works bool) fallback {
	last := fallback{values: map[fields.Field]paycor.RotationValue{}, secrets: map[fields.Field]paycor.Secret{}, keep: paycor.KeepDay, rotateBy: before.RotateBy}
	kept := before.Rotation
	if kept != nil && (kept.State != paycor.RotationPrevious || len(before.readableKept()) == 0) {
		kept = nil
	}
	if rejected := before.LastConclusive; !works && kept == nil && rejected != nil && rejected.Outcome == verdicts.OutcomeRejected {
		return last // nothing that works
	}
	for field, at := range map[fields.Field]time.Time{
		fields.ClientSecret: before.ClientSecretSavedAt, fields.SubscriptionKey: before.SubscriptionKeySavedAt,
	} {
		if secret := before.secrets[field]; !secret.IsZero() { // it may be unreadable
			last.values[field] = paycor.RotationValue{Field: field, SavedAt: at}
			last.secrets[field] = secret
		}
	}
	if works || kept == nil {
		return last
	}
	last.keep, last.rotateBy = kept.Keep, kept.RotateBy
	for _, value := range kept.Values {
		if secret := before.secrets[paycor.RotationPrevious.SecretField(value.Field)]; !secret.IsZero() {
			last.values[value.Field] = value
			last.secrets[value.Field] = secret
		}
	}
	return last
}

// discardReplaced returns the fields of kept secrets that are not kept any
// longer, and records those whose values are lost.
func (s editor) discardReplaced(tx Tx, before stored, secrets store.Secrets) (outdated []fields.Field, err error) {
	if before.Rotation == nil {
		return nil, nil
	}
	var lost []fields.Field
	for _, field := range before.Rotation.Fields() {
		kept := before.Rotation.State.SecretField(field)
		if _, replaced := secrets[kept]; !replaced {
			outdated = append(outdated, kept)
		}
		if value := before.secrets[kept]; value != secrets[kept] && value != secrets[field] {
			lost = append(lost, field)
		}
	}
	if len(lost) == 0 {
		return outdated, nil
	}
	return outdated, s.record(tx, s.caller, audit.Entry{
		Action: audit.ActionRotateEnd, Credential: before.ID, Fields: lost, Outcome: "done", Detail: string(before.Rotation.State),
	})
}
