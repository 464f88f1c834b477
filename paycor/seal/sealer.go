package seal

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"

	"paycorcred/paycor"
)

// FingerprintSize is the length of a fingerprint in bytes.
const FingerprintSize = 32

var (
	// ErrWrongKey means that a KEK cannot unwrap the keys.
	ErrWrongKey = errors.New("wrong key")

	// ErrSealed means that a sealed value cannot be decrypted.
	ErrSealed = errors.New("the encrypted value cannot be decrypted: it was changed, moved, or encrypted with a key that no longer exists")
)

// Associated data of the wrapped keysets, so that neither unwraps as the other.
const (
	valuesKeyset       = "paycorcred keyset for values"
	fingerprintsKeyset = "paycorcred keyset for fingerprints"
)

// Wrapped contains a Sealer's keysets, encrypted under a KEK. It needs no further
// protection.
type Wrapped struct {
	Values       []byte
	Fingerprints []byte
}

// Equal reports whether both are the same keys, wrapped in the same operation.
func (w Wrapped) Equal(other Wrapped) bool {
	return bytes.Equal(w.Values, other.Values) && bytes.Equal(w.Fingerprints, other.Fingerprints)
}

// Sealer encrypts and decrypts single values and makes fingerprints. It is safe for
// concurrent use.
type Sealer struct {
	keys         []Key
	values       tink.AEAD
	fingerprints *prf.Set
	ids          [2]keysetIDs // of the keys for values and of those for fingerprints
}

// New creates a Sealer with new keys, and returns those keys wrapped under kek.
//
// The key for values is XChaCha20-Poly1305 rather than AES-GCM: its nonces are long
// enough to be random for any number of values, and access tokens are encrypted again
// and again under one key.
func New(kek KEK) (*Sealer, Wrapped, error) {
	values, err := keyset.NewHandle(aead.XChaCha20Poly1305KeyTemplate())
	if err != nil {
		return nil, Wrapped{}, fmt.Errorf("creating the key for values: %w", err)
	}
	fingerprints, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return nil, Wrapped{}, fmt.Errorf("creating the key for fingerprints: %w", err)
	}
	wrappedValues, err := wrap(values, kek, valuesKeyset)
	if err != nil {
		return nil, Wrapped{}, err
	}
	wrappedFingerprints, err := wrap(fingerprints, kek, fingerprintsKeyset)
	if err != nil {
		return nil, Wrapped{}, err
	}
	sealer, err := newSealer(values, fingerprints)
	return sealer, Wrapped{wrappedValues, wrappedFingerprints}, err
}

// Load unwraps a Sealer's keys. It returns ErrWrongKey if they were wrapped under
// another KEK or changed, and an *UnavailableError if a KMS does not answer.
func Load(kek KEK, wrapped Wrapped) (*Sealer, error) {
	values, err := unwrap(wrapped.Values, kek, valuesKeyset)
	if err != nil {
		return nil, err
	}
	fingerprints, err := unwrap(wrapped.Fingerprints, kek, fingerprintsKeyset)
	if err != nil {
		return nil, err
	}
	return newSealer(values, fingerprints)
}

func newSealer(values, fingerprints *keyset.Handle) (*Sealer, error) {
	primitive, err := aead.New(values)
	if err != nil {
		return nil, fmt.Errorf("using the key for values: %w", err)
	}
	set, err := prf.NewPRFSet(fingerprints)
	if err != nil {
		return nil, fmt.Errorf("using the key for fingerprints: %w", err)
	}
	if _, err := set.ComputePrimaryPRF(nil, FingerprintSize); err != nil {
		return nil, fmt.Errorf("trying the key for fingerprints: %w", err)
	}
	return &Sealer{keysOf(values), primitive, set, [2]keysetIDs{idsOf(values.KeysetInfo()), idsOf(fingerprints.KeysetInfo())}}, nil
}

func wrap(handle *keyset.Handle, kek KEK, name string) ([]byte, error) {
	var wrapped wrappedWriter
	recorded := &recordedKEK{KEK: kek}
	err := handle.WriteWithAssociatedData(&wrapped, recorded, []byte(name))
	if unavailable, is := errors.AsType[*UnavailableError](recorded.failure); is {
		return nil, unavailable
	}
	if err != nil {
		return nil, fmt.Errorf("wrapping the %s with %s: %w", name, kek.Name(), err)
	}
	return wrapped.Bytes(), nil
}

func unwrap(wrapped []byte, kek KEK, name string) (*keyset.Handle, error) {
	recorded := &recordedKEK{KEK: kek}
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(wrapped)), recorded, []byte(name))
	if unavailable, is := errors.AsType[*UnavailableError](recorded.failure); is {
		return nil, unavailable
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot unwrap the %s: %w", kek.Name(), name, ErrWrongKey)
	}
	return handle, nil
}

// Keys lists the keys for values.
func (s *Sealer) Keys() []Key { return slices.Clone(s.keys) }

// Primary returns the key that encrypts new values.
func (s *Sealer) Primary() KeyID {
	return s.keys[slices.IndexFunc(s.keys, func(key Key) bool { return key.Primary })].ID
}

// Knows reports whether a value was sealed with a key that the Sealer has.
func (s *Sealer) Knows(sealed []byte) bool {
	id, ok := KeyOf(sealed)
	return ok && slices.ContainsFunc(s.keys, func(key Key) bool { return key.ID == id })
}

// Seal encrypts a secret. The result reveals only its length.
func (s *Sealer) Seal(aad AAD, secret paycor.Secret) ([]byte, error) {
	sealed, err := s.values.Encrypt([]byte(secret.Reveal()), aad.bytes())
	if err != nil {
		return nil, fmt.Errorf("sealing %s: %w", aad.Field, err)
	}
	return sealed, nil
}

// Open decrypts a value that was sealed with the same AAD, or returns ErrSealed.
func (s *Sealer) Open(aad AAD, sealed []byte) (paycor.Secret, error) {
	secret, err := s.values.Decrypt(sealed, aad.bytes())
	if err != nil {
		return paycor.Secret{}, fmt.Errorf("opening %s: %w", aad.Field, ErrSealed)
	}
	return paycor.NewSecret(string(secret)), nil
}

// Fingerprint returns a keyed digest of data, FingerprintSize bytes long. Equal data
// have equal digests under one purpose. Without the key, a digest reveals nothing
// about the data.
func (s *Sealer) Fingerprint(purpose string, data []byte) []byte {
	digest, err := s.fingerprints.ComputePrimaryPRF(append(encode(purpose), data...), FingerprintSize)
	if err != nil {
		// newSealer has tried the key, and HMAC accepts any data.
		panic(fmt.Sprintf("seal: computing a fingerprint: %v", err))
	}
	return digest
}
