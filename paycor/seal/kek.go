package seal

import "github.com/tink-crypto/tink-go/v2/tink"

// KEK is the key encryption key. It is in a key file, or a client of a KMS.
type KEK interface {
	tink.AEAD

	// Name describes where the key is, for messages: "the key file /…".
	Name() string
}
