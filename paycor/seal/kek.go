package seal

import "github.com/tink-crypto/tink-go/v2/tink"

// KEK is the key encryption key. It is in a key file, or a client of a KMS.
type KEK interface {
	tink.AEAD

	// Name says where the key is: the path of its file, or the address of a KMS.
	Name() string
}
