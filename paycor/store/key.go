package store

// Key is one of the keys that encrypt stored values.
type Key struct {
	ID      string
	Primary bool // it encrypts what is stored from now on
	Values  int  // how many stored values it encrypted
}

// ValuePosition is a position in the order of all encrypted values; "" is before the
// first and after the last one.
type ValuePosition string

// Reencrypted says what one step of Reencrypt did.
type Reencrypted struct {
	Next     ValuePosition // where the next step begins; "" when there is nothing left
	Values   int           // encrypted again
	Unopened int           // left as they are, because they cannot be decrypted
}

// KeyReader reads which keys there are.
type KeyReader interface {
	// Keys lists the keys, the primary one first. It reads all values.
	Keys() ([]Key, error)

	// WrappedBy returns the ID of the key that encrypts these keys: the URL of a key in a
	// KMS, or key-file: and the number that the key file has as its primaryKeyId.
	WrappedBy() (string, error)

	// KeyChange returns a change of the keys as they are now, which has changed nothing yet.
	KeyChange() (KeyChange, error)
}

// KeyChange is a change of the keys. It is made outside of transactions, because it may ask a
// KMS, which takes long: no other process could write until it answers. KeyWriter.StoreKeys stores it.
type KeyChange interface {
	// Rewrap encrypts the keys with another KEK. Values stay as they are.
	Rewrap(to KEK) error

	// AddKey creates a key, which becomes the primary one, and returns its ID.
	AddKey() (string, error)

	// RemoveKeys removes keys. The primary one cannot be removed.
	RemoveKeys(ids []string) error
}

// KEK is a key that encrypts the keys of a database, and is not in it. It is a seal.KEK.
type KEK interface {
	Encrypt(plaintext, associatedData []byte) ([]byte, error)
	Decrypt(ciphertext, associatedData []byte) ([]byte, error)
	Name() string // where the key is
	ID() string   // as KeyReader.WrappedBy returns it
}

// KeyWriter rotates the keys. Until all values are encrypted again, the earlier keys
// stay.
type KeyWriter interface {
	// StoreKeys stores changed keys. It returns ErrStale if the keys were changed since the
	// change began, or if a value needs a key that was removed.
	StoreKeys(changed KeyChange) error

	// Reencrypt encrypts values that another key than the primary one encrypted. It
	// examines up to limit values after a position.
	Reencrypt(after ValuePosition, limit int) (Reencrypted, error)
}
