package sqlite

import (
	"errors"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"time"
)

// TokenState returns what a credential holds: a zero one where it never held
// anything, ErrNotFound where there is no such credential.
func (t *tx) TokenState(workspace, id string) (store.TokenState, error) {
	var h store.TokenState
	var expires, renew, refused, ends, began timestamp
	const query = `SELECT epoch, expires_at, renew_at, refused_at, ended, lease_owner, lease_ends_at, began_at
		FROM holdings WHERE workspace = ? AND credential = ?`
	err := t.row(query, []any{workspace, id}, &h.Epoch, &expires, &renew, &refused, &h.RefreshTokenError, &h.LeaseOwner, &ends, &began)
	if errors.Is(err, store.ErrNotFound) {
		var one int
		return store.TokenState{}, t.row(`SELECT 1 FROM credentials WHERE workspace = ? AND id = ?`, []any{workspace, id}, &one)
	}
	h.ExpiresAt, h.RenewAt, h.RejectedAt = time.Time(expires), time.Time(renew), time.Time(refused)
	h.LeaseEndsAt, h.ExchangeStartedAt = time.Time(ends), time.Time(began)
	return h, err
}

// PutTokenState stores what a credential holds. Tokens among secrets are
// replaced; an empty one is removed, an absent one kept.
func (t *tx) PutTokenState(workspace, id string, h store.TokenState, tokens store.Secrets) error {
	if _, err := t.Credential(workspace, id); err != nil {
		return err
	}
	const query = `INSERT INTO holdings (workspace, credential, epoch, expires_at, renew_at, refused_at, ended, lease_owner, lease_ends_at, began_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
		epoch = excluded.epoch, expires_at = excluded.expires_at, renew_at = excluded.renew_at, refused_at = excluded.refused_at,
		ended = excluded.ended, lease_owner = excluded.lease_owner, lease_ends_at = excluded.lease_ends_at, began_at = excluded.began_at`
	_, err := t.exec(query, workspace, id, h.Epoch, timestamp(h.ExpiresAt), timestamp(h.RenewAt), timestamp(h.RejectedAt), string(h.RefreshTokenError),
		h.LeaseOwner, timestamp(h.LeaseEndsAt), timestamp(h.ExchangeStartedAt))
	if err != nil {
		return err
	}
	kept := store.Secrets{}
	for field, token := range tokens {
		if field != fields.AccessToken && field != fields.RefreshToken {
			return errors.New("storing what a credential holds: " + string(field) + " is no token")
		}
		if !token.IsZero() {
			kept[field] = token
			continue
		}
		if _, err := t.exec(`DELETE FROM secrets WHERE workspace = ? AND credential = ? AND field = ?`, workspace, id, string(field)); err != nil {
			return err
		}
	}
	sealed, err := t.seal(workspace, paycor.Credential{ID: id, UpdatedAt: h.SavedAt}, kept)
	if err != nil {
		return err
	}
	return t.putSecrets(workspace, id, sealed)
}

// verifierField is the place in which a verifier is sealed.
const verifierField = fields.CodeVerifier

// Activation finds one by the hash of its state.
func (t *tx) Activation(hash []byte) (store.Activation, error) {
	a := store.Activation{}
	var sealed []byte
	var created, expires timestamp
	const query = `SELECT hash, workspace, credential, holder, verifier, redirect_uri, created_at, expires_at FROM activations WHERE hash = ?`
	err := t.row(query, []any{nonNil(hash)}, &a.Hash, &a.Workspace, &a.Credential, &a.StartedBy, &sealed, &a.RedirectURI, &created, &expires)
	if err != nil {
		return store.Activation{}, err
	}
	a.CreatedAt, a.ExpiresAt = time.Time(created), time.Time(expires)
	a.Verifier, err = t.sealer.Open(t.aad(a.Workspace, a.Credential, verifierField), sealed)
	return a, err
}

// InsertActivation stores a new one; ErrExists if its hash is known.
func (t *tx) InsertActivation(a store.Activation) error {
	sealed, err := t.sealer.Seal(t.aad(a.Workspace, a.Credential, verifierField), a.Verifier)
	if err != nil {
		return err
	}
	const query = `INSERT INTO activations (hash, workspace, credential, holder, verifier, redirect_uri, created_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	return t.insert(query, nonNil(a.Hash), a.Workspace, a.Credential, a.StartedBy, sealed, a.RedirectURI, timestamp(a.CreatedAt), timestamp(a.ExpiresAt))
}

// DeleteActivation removes one; ErrNotFound if it is not there, so that of two
// who come with one state only the first goes on.
func (t *tx) DeleteActivation(hash []byte) error {
	changed, err := t.exec(`DELETE FROM activations WHERE hash = ?`, nonNil(hash))
	if err == nil && changed == 0 {
		return store.ErrNotFound
	}
	return err
}
