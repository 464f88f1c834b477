package sqlite

import (
	"bytes"
	"context"
	"sync/atomic"

	"paycorcred/paycor"
	"paycorcred/paycor/seal"
)

// keyring holds the keys of the database that this process has unwrapped. Another
// process may rotate them at any time. A transaction that writes therefore compares them
// with the database's first, and one that reads does so when a value needs a key that is
// not here. So a key that nothing uses can be removed while servers run.
type keyring struct {
	db      *DB
	current atomic.Pointer[unwrappedKeys]
}

// unwrappedKeys are the keys of one state of the database.
type unwrappedKeys struct {
	wrapped seal.Wrapped
	*seal.Sealer
}

// newKeyring unwraps the keys of a database.
func newKeyring(db *DB, wrapped seal.Wrapped) (*keyring, error) {
	sealer, err := db.unwrapKeys(wrapped)
	if err != nil {
		return nil, err
	}
	k := &keyring{db: db}
	k.current.Store(&unwrappedKeys{wrapped, sealer})
	return k, nil
}

// sealer returns what the keys make. Its fingerprints stay the same for ever.
func (k *keyring) sealer() *seal.Sealer { return k.current.Load().Sealer }

// refresh returns the keys that the connection's transaction sees.
func (k *keyring) refresh(ctx context.Context, conn *connection) (*unwrappedKeys, error) {
	var wrapped seal.Wrapped
	if err := conn.row(ctx, selectKeysets, nil, &wrapped.Values, &wrapped.Fingerprints); err != nil {
		return nil, err
	}
	current := k.current.Load()
	if bytes.Equal(wrapped.Values, current.wrapped.Values) && bytes.Equal(wrapped.Fingerprints, current.wrapped.Fingerprints) {
		return current, nil
	}
	sealer, err := k.db.unwrapKeys(wrapped)
	if err != nil {
		return nil, err
	}
	current = &unwrappedKeys{wrapped, sealer}
	k.current.Store(current)
	return current, nil
}

// open decrypts a value.
func (t *transaction) open(aad seal.AAD, sealed []byte) (paycor.Secret, error) {
	secret, err := t.sealer.Open(aad, sealed)
	if err == nil || t.sealer.Knows(sealed) {
		return secret, err
	}
	keys, refreshErr := t.keys.refresh(t.ctx, t.conn)
	if refreshErr != nil || keys == t.sealer {
		return secret, err
	}
	t.sealer = keys
	return t.sealer.Open(aad, sealed)
}
