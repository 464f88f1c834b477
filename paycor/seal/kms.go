package seal

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/tink"

	"paycorcred/paycor/message"
)

// ErrRejected means that a KMS answered that it has not encrypted a text, or not with this
// key: the key is another one, or the text was changed.
var ErrRejected = errors.New("the KMS did not encrypt this with this key")

// kms is a KEK in a key management service.
type kms struct {
	address string
	service tink.AEAD
}

// NewKMS returns the KEK at an address of a key management service. service encrypts and
// decrypts with it; its errors say what to do, and are ErrRejected where they are. It may
// ignore associated data.
func NewKMS(address string, service tink.AEAD) (KEK, error) {
	if len(address) > maxAddress {
		return nil, fmt.Errorf("the address of the key has more than %d bytes", maxAddress)
	}
	return &kms{address, service}, nil
}

func (k *kms) Name() string { return k.address }

func (k *kms) ID() string { return Wrapping{KMS: k.address}.String() }

// Encrypt decrypts what it has encrypted, because a service may allow only one of both, and
// the keys of a database would be lost. The text begins with a digest of the associated
// data, since not every service binds it.
func (k *kms) Encrypt(plaintext, associatedData []byte) ([]byte, error) {
	digest := sha256.Sum256(associatedData)
	ciphertext, err := k.service.Encrypt(append(digest[:], plaintext...), associatedData)
	if err != nil {
		return nil, &UnavailableError{Name: k.address, Cause: err}
	}
	sealed := addKMSHeader(k.address, ciphertext)
	opened, err := k.Decrypt(sealed, associatedData)
	if errors.Is(err, ErrRejected) || err == nil && !bytes.Equal(opened, plaintext) {
		return nil, &UnavailableError{Name: k.address, Cause: message.Errorf("kms.differs", k.address)}
	}
	if err != nil {
		return nil, err
	}
	return sealed, nil
}

func (k *kms) Decrypt(sealed, associatedData []byte) ([]byte, error) {
	_, ciphertext, ok := cutKMSHeader(sealed)
	if !ok {
		return nil, ErrRejected // a key file has encrypted it: the service is not asked
	}
	text, err := k.service.Decrypt(ciphertext, associatedData)
	if errors.Is(err, ErrRejected) {
		return nil, err
	}
	if err != nil {
		return nil, &UnavailableError{Name: k.address, Cause: err}
	}
	digest := sha256.Sum256(associatedData)
	if len(text) < len(digest) || subtle.ConstantTimeCompare(text[:len(digest)], digest[:]) == 0 {
		return nil, ErrRejected
	}
	return text[len(digest):], nil
}
