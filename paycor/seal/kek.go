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
}

// UnavailableError means that a KMS could not be asked, or did not do what it was asked:
// the keys may be right.
type UnavailableError struct {
	Name  string // of the KEK
	Cause error
}

func (e *UnavailableError) Error() string { return fmt.Sprintf("%s: %v", e.Name, e.Cause) }

func (e *UnavailableError) Unwrap() error { return e.Cause }

// recordedKEK remembers why decrypting failed, which the reader of a keyset does not
// report.
type recordedKEK struct {
	KEK
	failure error
}

func (k *recordedKEK) Decrypt(ciphertext, associatedData []byte) ([]byte, error) {
	plaintext, err := k.KEK.Decrypt(ciphertext, associatedData)
	k.failure = err
	return plaintext, err
}
