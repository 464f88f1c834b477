package seal

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"

	"paycorcred/paycor"
)

// FingerprintSize is the length of a fingerprint in bytes.
const FingerprintSize = 32

// What Load and Open say when they cannot do what was asked.
var (
	ErrWrongKey = errors.New("the key does not fit")
	ErrSealed   = errors.New("the sealed value does not open: it was changed, moved from another place, or sealed with a key that is gone")
)

// The names under which the keysets are wrapped: neither opens as the other.
const (
	valuesKeyset       = "paycorcred keyset for values"
	fingerprintsKeyset = "paycorcred keyset for fingerprints"
)

// Wrapped is a Sealer's keysets, encrypted under a KEK. It may be stored
// anywhere.
type Wrapped struct {
	Values       []byte
	Fingerprints []byte
}

// Sealer seals and opens single values and makes fingerprints. It is safe for
// concurrent use.
type Sealer struct {
	values       tink.AEAD
	fingerprints *prf.Set
}

// New makes a Sealer with new keys, and those keys wrapped under kek.
//
// The values' key is XChaCha20-Poly1305 and not AES-GCM, because its nonces
// are long enough to be drawn at random without end: access tokens are sealed
// again and again under one key for as long as a server lives.
func New(kek KEK) (*Sealer, Wrapped, error) {
	values, err := keyset.NewHandle(aead.XChaCha20Poly1305KeyTemplate())
	if err != nil {
		return nil, Wrapped{}, fmt.Errorf("making the key for values: %w", err)
	}
	fingerprints, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return nil, Wrapped{}, fmt.Errorf("making the key for fingerprints: %w", err)
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

// Load unwraps a Sealer's keys. The error is ErrWrongKey when kek is not the
// key they were wrapped under, or when they were changed.
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
	return &Sealer{primitive, set}, nil
}

func wrap(handle *keyset.Handle, kek KEK, name string) ([]byte, error) {
	var wrapped bytes.Buffer
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&wrapped), kek, []byte(name)); err != nil {
		return nil, fmt.Errorf("wrapping the %s with %s: %w", name, kek.Name(), err)
	}
	return wrapped.Bytes(), nil
}

func unwrap(wrapped []byte, kek KEK, name string) (*keyset.Handle, error) {
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(wrapped)), kek, []byte(name))
	if err != nil {
		return nil, fmt.Errorf("%s does not unwrap the %s: %w", kek.Name(), name, ErrWrongKey)
	}
	return handle, nil
}

// Seal encrypts a secret for one place. The result does not show the secret,
// except for its length.
func (s *Sealer) Seal(place AAD, secret paycor.Secret) ([]byte, error) {
	sealed, err := s.values.Encrypt([]byte(secret.Reveal()), place.bytes())
	if err != nil {
		return nil, fmt.Errorf("sealing %s: %w", place.Field, err)
	}
	return sealed, nil
}

// Open decrypts what was sealed for this place; ErrSealed where it was not.
func (s *Sealer) Open(place AAD, sealed []byte) (paycor.Secret, error) {
	secret, err := s.values.Decrypt(sealed, place.bytes())
	if err != nil {
		return paycor.Secret{}, fmt.Errorf("opening %s: %w", place.Field, ErrSealed)
	}
	return paycor.NewSecret(string(secret)), nil
}

// Fingerprint returns a keyed digest of data for one purpose, FingerprintSize
// bytes long. Equal data give equal digests under one purpose; without the
// key a digest tells nothing of the data.
func (s *Sealer) Fingerprint(purpose string, data []byte) []byte {
	digest, err := s.fingerprints.ComputePrimaryPRF(append(encode(purpose), data...), FingerprintSize)
	if err != nil {
		// The key was tried when the Sealer was made, and HMAC takes any data.
		panic(fmt.Sprintf("seal: computing a fingerprint: %v", err))
	}
	return digest
}
