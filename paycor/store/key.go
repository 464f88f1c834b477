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
}

// KeyWriter rotates the keys. Until all values are encrypted again, the earlier keys
// stay.
type KeyWriter interface {
	// AddKey creates a key, which becomes the primary one, and returns its ID.
	AddKey() (string, error)

	// Reencrypt encrypts values that another key than the primary one encrypted. It
	// examines up to limit values after a position.
	Reencrypt(after ValuePosition, limit int) (Reencrypted, error)

	// RemoveUnusedKeys removes the keys that no value needs, except for the primary one,
	// and returns their IDs.
	RemoveUnusedKeys() ([]string, error)
}
