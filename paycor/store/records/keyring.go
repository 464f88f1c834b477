package records

import (
	"context"
	"sync/atomic"

	"paycorcred/paycor"
	"paycorcred/paycor/seal"
)

// Keyring holds the keys of the database that this process has unwrapped. Another
// process may rotate them at any time. A transaction that writes therefore compares them
// with the database's first, and one that reads does so when a value needs a key that is
// not here. So a key that nothing uses can be removed while servers run.
type Keyring struct {
	source  *KeySource
	current atomic.Pointer[unwrappedKeys]
}

// unwrappedKeys are the keys of one state of the database.
type unwrappedKeys struct {
	wrapped seal.Wrapped
	*seal.Sealer
}

// NewKeyring unwraps the keys of a database.
func NewKeyring(source *KeySource, wrapped seal.Wrapped) (*Keyring, error) {
	sealer, err := source.unwrap(wrapped)
	if err != nil {
		return nil, err
	}
	k := &Keyring{source: source}
	k.current.Store(&unwrappedKeys{wrapped, sealer})
	return k, nil
}

// Sealer returns what the keys make. Its fingerprints stay the same for ever.
func (k *Keyring) Sealer() *seal.Sealer { return k.current.Load().Sealer }

// Refresh takes up the keys that the connection's transaction sees.
func (k *Keyring) Refresh(ctx context.Context, conn Conn) error {
	_, err := k.refresh(ctx, conn)
	return err
}

// refresh returns the keys that the connection's transaction sees.
func (k *Keyring) refresh(ctx context.Context, conn Conn) (*unwrappedKeys, error) {
	wrapped, err := ReadKeysets(ctx, conn)
	if err != nil {
		return nil, err
	}
	return k.takeUp(wrapped)
}

// TakeUp takes up keys that were read from the database. It may ask a KMS, and holds no
// connection while it does.
func (k *Keyring) TakeUp(wrapped seal.Wrapped) error {
	_, err := k.takeUp(wrapped)
	return err
}

// takeUp returns the unwrapped keys. Those that only were wrapped again need not be
// unwrapped: so a server goes on after its KEK was replaced.
func (k *Keyring) takeUp(wrapped seal.Wrapped) (_ *unwrappedKeys, err error) {
	current := k.current.Load()
	if wrapped.Equal(current.wrapped) {
		return current, nil
	}
	sealer := current.Sealer
	if !sealer.Has(wrapped) {
		if sealer, err = k.source.unwrap(wrapped); err != nil {
			return nil, err
		}
	}
	current = &unwrappedKeys{wrapped, sealer}
	k.current.Store(current)
	return current, nil
}

// Open decrypts a value.
func (t *Transaction) Open(aad seal.AAD, sealed []byte) (paycor.Secret, error) {
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
