package records

import (
	"time"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// activationTx reads and writes started activations.
type activationTx struct{ *Transaction }

func (t activationTx) Activation(hash []byte) (store.Activation, error) {
	var a store.Activation
	var sealed []byte
	var created, expires Timestamp
	const query = `SELECT hash, workspace, credential, holder, verifier, redirect_uri, link, created_at, expires_at FROM activations WHERE hash = ?`
	err := t.Row(query, []any{nonNil(hash)}, &a.Hash, &a.Workspace, &a.Credential, &a.StartedBy, &sealed, &a.RedirectURI, &a.Link, &created, &expires)
	if err != nil {
		return store.Activation{}, err
	}
	if len(a.Link) == 0 {
		a.Link = nil
	}
	a.CreatedAt, a.ExpiresAt = time.Time(created), time.Time(expires)
	if a.Verifier, err = t.Open(t.AAD(a.Workspace, a.Credential, fields.CodeVerifier), sealed); err != nil {
		return store.Activation{}, store.ErrNotFound // nobody can finish it, so it has to be started again
	}
	return a, nil
}

func (t activationTx) InsertActivation(a store.Activation) error {
	sealed, err := t.Seal(t.AAD(a.Workspace, a.Credential, fields.CodeVerifier), a.Verifier)
	if err != nil {
		return err
	}
	const query = `INSERT INTO activations (hash, workspace, credential, holder, verifier, redirect_uri, link, created_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	return t.insert(query, nonNil(a.Hash), a.Workspace, a.Credential, a.StartedBy, sealed, a.RedirectURI, nonNil(a.Link), Timestamp(a.CreatedAt), Timestamp(a.ExpiresAt))
}

func (t activationTx) DeleteActivation(hash []byte) error {
	return t.change(store.ErrNotFound, `DELETE FROM activations WHERE hash = ?`, nonNil(hash))
}
