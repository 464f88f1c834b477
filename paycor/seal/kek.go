package seal

import (
	"fmt"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// KEK is a key encryption key. Implementations are safe for concurrent use.
type KEK interface {
	tink.AEAD

	// Name says where the key is: the path of its file, or the address of a KMS.
	Name() string

	// ID is what Wrapping.String returns of what the key has wrapped.
	ID() string
}

// UnavailableError means that a KMS could not be asked, or did not do what it was asked:
// the keys may be right.
type UnavailableError struct {
	Name  string // of the KEK
	Cause error
}

func (e *UnavailableError) Error() string { return fmt.Sprintf("%s: %v", e.Name, e.Cause) }

func (e *UnavailableError) Unwrap() error { return e.Cause }

// recordedKEK remembers why it failed, which neither the reader nor the writer of a keyset
// reports.
type recordedKEK struct {
	KEK
	failure error
}

func (k *recordedKEK) Encrypt(plaintext, associatedData []byte) ([]byte, error) {
	ciphertext, err := k.KEK.Encrypt(plaintext, associatedData)
	k.failure = err
	return ciphertext, err
}

func (k *recordedKEK) Decrypt(ciphertext, associatedData []byte) ([]byte, error) {
	plaintext, err := k.KEK.Decrypt(ciphertext, associatedData)
	k.failure = err
	return plaintext, err
}
