package seal

import (
	"encoding/binary"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// KeyID identifies a data encryption key within its keyset.
type KeyID uint32

func (id KeyID) String() string { return fmt.Sprintf("%08x", uint32(id)) }

// Key is one data encryption key for values.
type Key struct {
	ID      KeyID
	Primary bool // it encrypts new values; the others only decrypt
}

// KeyOf returns the key that a value was sealed with.
func KeyOf(sealed []byte) (id KeyID, ok bool) {
	if len(sealed) < keyPrefixSize || sealed[0] != keyPrefixVersion {
		return 0, false
	}
	return KeyID(binary.BigEndian.Uint32(sealed[1:keyPrefixSize])), true
}

// The prefix that Tink puts before a ciphertext: a version and the ID of the key.
const (
	keyPrefixVersion = 1
	keyPrefixSize    = 5
)

// keysOf lists the keys of a keyset.
func keysOf(handle *keyset.Handle) (keys []Key) {
	for i := range handle.Len() {
		if entry, err := handle.Entry(i); err == nil {
			keys = append(keys, Key{KeyID(entry.KeyID()), entry.IsPrimary()})
		}
	}
	return keys
}

// AddKey returns the keys with a new one for values, which encrypts from then on, and the
// new one's ID.
func (w Wrapped) AddKey(kek KEK) (changed Wrapped, added KeyID, err error) {
	changed, err = w.changeValues(kek, func(manager *keyset.Manager) error {
		id, err := manager.Add(aead.XChaCha20Poly1305KeyTemplate())
		if err != nil {
			return err
		}
		added = KeyID(id)
		return manager.SetPrimary(id)
	})
	return changed, added, err
}

// RemoveKeys returns the keys without some of those for values. What they encrypted is
// lost. The primary key cannot be removed.
func (w Wrapped) RemoveKeys(kek KEK, ids []KeyID) (Wrapped, error) {
	return w.changeValues(kek, func(manager *keyset.Manager) error {
		for _, id := range ids {
			if err := manager.Delete(uint32(id)); err != nil {
				return err
			}
		}
		return nil
	})
}

// changeValues changes the keyset for values.
func (w Wrapped) changeValues(kek KEK, change func(*keyset.Manager) error) (Wrapped, error) {
	handle, err := unwrap(w.Values, kek, valuesKeyset)
	if err != nil {
		return Wrapped{}, err
	}
	manager := keyset.NewManagerFromHandle(handle)
	if err := change(manager); err != nil {
		return Wrapped{}, fmt.Errorf("changing the %s: %w", valuesKeyset, err)
	}
	if handle, err = manager.Handle(); err != nil {
		return Wrapped{}, fmt.Errorf("changing the %s: %w", valuesKeyset, err)
	}
	w.Values, err = wrap(handle, kek, valuesKeyset)
	return w, err
}
