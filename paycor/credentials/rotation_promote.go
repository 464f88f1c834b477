package credentials

import (
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/verdicts"
)

// promote puts the pending secrets into use and keeps the previous ones for a
// rollback. The token from the test becomes the current one, so that no call
// has to wait for another. Tokens issued before stay valid: Paycor issues them
// to the application, whichever secret was used.
func (s rotator) promote(tx Tx, current stored, verdict verdicts.Verdict, token tokens.Token) (paycor.Credential, error) {
	pending, now := *current.Rotation, s.now()
	previous := paycor.Rotation{
		State: paycor.RotationPrevious, Keep: pending.Keep, RotateBy: current.RotateBy,
		StartedAt: now, StartedBy: s.caller.Name, DiscardAt: pending.Keep.Until(now),
	}
	after := current.Credential.WithVerdict(verdict)
	return s.swapSecrets(tx, current, after, previous, nil, token)
}

// swapSecrets exchanges the secrets in use with the kept ones. replacement is
// the rotation record of the secrets that go out of use. Those of the fields in discard
// are not kept.
func (s rotator) swapSecrets(tx Tx, current stored, after paycor.Credential, replacement paycor.Rotation, discard []fields.Field, token tokens.Token) (paycor.Credential, error) {
	kept := *current.Rotation
	secrets := store.Secrets{}
	for _, value := range kept.Values {
		savedAt := swapSavedAt(&after, value)
		secrets[value.Field] = current.secrets[kept.State.SecretField(value.Field)]
		if !slices.Contains(discard, value.Field) {
			replacement.Values = append(replacement.Values, paycor.RotationValue{Field: value.Field, SavedAt: savedAt})
			secrets[replacement.State.SecretField(value.Field)] = current.secrets[value.Field]
		}
	}
	after.Rotation, after.RotateBy, after.UpdatedAt = &replacement, kept.RotateBy, s.now()
	if len(replacement.Values) == 0 {
		after.Rotation = nil
	}
	after.Version++
	if err := tx.UpdateCredential(s.caller.Workspace, after, current.Version, secrets); err != nil {
		return after, err
	}
	if err := tx.DeleteSecrets(s.caller.Workspace, after.ID, secretFields(&kept)...); err != nil {
		return after, err
	}
	return after, s.storeProbedToken(tx, after.ID, token)
}

// swapSavedAt sets when a secret that comes into use was saved, and returns
// when the one it replaces was.
func swapSavedAt(credential *paycor.Credential, value paycor.RotationValue) time.Time {
	at := &credential.ClientSecretSavedAt
	if value.Field == fields.SubscriptionKey {
		at = &credential.SubscriptionKeySavedAt
	}
	replaced := *at
	*at = value.SavedAt
	return replaced
}

// storeProbedToken makes the token from the test the current one.
func (s rotator) storeProbedToken(tx Tx, id string, token tokens.Token) error {
	if token.Access.IsZero() {
		return nil // the token of an activated credential is stored already
	}
	state, err := tx.TokenState(s.caller.Workspace, id)
	if err != nil {
		return err
	}
	state.Epoch++ // an exchange in flight with the previous secret must not replace it
	now := s.now()
	state.SavedAt, state.ExpiresAt, state.RenewAt = now, token.ExpiresAt, tokens.RenewAt(now, token.ExpiresAt)
	return tx.PutTokenState(s.caller.Workspace, id, state, store.Secrets{fields.AccessToken: token.Access})
}
