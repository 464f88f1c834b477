package seal

import "github.com/tink-crypto/tink-go/v2/tink"

// KEK is the key that wraps the keys that encrypt the values. A key file is
// one; a client of a key management service is another.
type KEK interface {
	tink.AEAD

	// Name says where the key is, as words in a message: "the key file /…".
	Name() string
}
