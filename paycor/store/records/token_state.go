package records

import (
	"errors"
	"fmt"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// tokenStateTx reads and writes token states.
type tokenStateTx struct{ *Transaction }

func (t tokenStateTx) TokenState(workspace, id string) (store.TokenState, error) {
	var state store.TokenState
	var expires, renew, rejected, leaseEnds, started Timestamp
	const query = `SELECT t.epoch, t.expires_at, t.renew_at, t.rejected_at, t.refresh_token_error, t.lease_owner, t.lease_ends_at, t.exchange_started_at
		FROM credentials c CROSS JOIN token_states t ON t.workspace = c.workspace AND t.application = c.application WHERE c.workspace = ? AND c.id = ?`
	err := t.Row(query, []any{workspace, id}, &state.Epoch, &expires, &renew, &rejected, &state.RefreshTokenError,
		&state.LeaseOwner, &leaseEnds, &started)
	if errors.Is(err, store.ErrNotFound) {
		return store.TokenState{}, t.requireCredential(workspace, id)
	}
	state.ExpiresAt, state.RenewAt, state.RejectedAt = time.Time(expires), time.Time(renew), time.Time(rejected)
	state.LeaseEndsAt, state.ExchangeStartedAt = time.Time(leaseEnds), time.Time(started)
	return state, err
}

const callAccess = `SELECT c.owner, c.shared, a.id, a.environment, c.verdict, coalesce(t.expires_at, ''), coalesce(t.renew_at, ''), key.sealed, token.sealed
	FROM credentials c` + WithApplication + `
	LEFT JOIN token_states t ON t.workspace = a.workspace AND t.application = a.id
	LEFT JOIN secrets key ON key.workspace = a.workspace AND key.application = a.id AND key.field = 'subscription_key'
	LEFT JOIN secrets token ON token.workspace = a.workspace AND token.application = a.id AND token.field = 'access_token'
	WHERE c.workspace = ? AND c.id = ?`

func (t tokenStateTx) CallAccess(workspace, id string) (store.CallAccess, error) {
	var found store.CallAccess
	var shared JSON[[]string]
	var verdict JSON[verdicts.Verdict]
	var expires, renew Timestamp
	var key, token []byte
	if err := t.soon(callAccess, []any{workspace, id}, &found.Owner, closed{&shared}, &found.ApplicationID, &found.Environment, &verdict, &expires, &renew, &key, &token); err != nil {
		return found, err
	}
	found.Sharing = sharingOf(shared)
	found.Verdict, found.ExpiresAt, found.RenewAt = withKeys(verdict.value), time.Time(expires), time.Time(renew)
	for _, sealed := range []struct {
		field fields.Field
		value []byte
		into  *paycor.Secret
	}{{fields.SubscriptionKey, key, &found.SubscriptionKey}, {fields.AccessToken, token, &found.AccessToken}} {
		if sealed.value == nil {
			continue
		}
		opened, err := t.Open(t.AAD(workspace, found.ApplicationID, sealed.field), sealed.value)
		if err != nil && sealed.field == fields.SubscriptionKey {
			return store.CallAccess{}, &store.UnreadableError{Credential: id, Fields: []fields.Field{sealed.field}, Cause: err}
		}
		*sealed.into = opened // a new token takes the place of one that is lost
	}
	return found, nil
}

func (t tokenStateTx) PutTokenState(workspace, id string, state store.TokenState, tokens store.Secrets) error {
	application, err := t.applicationOf(workspace, id)
	if err != nil {
		return err
	}
	const query = `INSERT INTO token_states (workspace, application, epoch, expires_at, renew_at, rejected_at, refresh_token_error,
		lease_owner, lease_ends_at, exchange_started_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workspace, application) DO UPDATE SET
		epoch = excluded.epoch, expires_at = excluded.expires_at, renew_at = excluded.renew_at, rejected_at = excluded.rejected_at,
		refresh_token_error = excluded.refresh_token_error, lease_owner = excluded.lease_owner, lease_ends_at = excluded.lease_ends_at,
		exchange_started_at = excluded.exchange_started_at`
	err = t.Queue(query, workspace, application, state.Epoch, Timestamp(state.ExpiresAt), Timestamp(state.RenewAt), Timestamp(state.RejectedAt),
		string(state.RefreshTokenError), state.LeaseOwner, Timestamp(state.LeaseEndsAt), Timestamp(state.ExchangeStartedAt))
	if err != nil {
		return err
	}
	replaced := store.Secrets{}
	for field, token := range tokens {
		if field != fields.AccessToken && field != fields.RefreshToken {
			return fmt.Errorf("storing the token state of credential %s: %s is not a token", id, field)
		}
		if !token.IsZero() {
			replaced[field] = token
			continue
		}
		if err := t.deleteSecret(workspace, application, field); err != nil {
			return err
		}
	}
	sealed, err := t.sealSecrets(workspace, paycor.Credential{ID: id, ApplicationID: application, UpdatedAt: state.SavedAt}, replaced)
	if err != nil {
		return err
	}
	return t.putSecrets(workspace, application, sealed)
}
