package seal_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/seal"
)

// service is a KMS in memory. It ignores associated data, as some do.
type service struct {
	asked  int
	broken bool // it decrypts something else
	away   bool
}

func (s *service) Encrypt(plaintext, _ []byte) ([]byte, error) {
	return s.answer("+" + string(plaintext))
}

func (s *service) Decrypt(ciphertext, _ []byte) ([]byte, error) {
	text, ok := strings.CutPrefix(string(ciphertext), "+")
	if !ok {
		return nil, seal.ErrRejected
	}
	if s.broken {
		text += "!"
	}
	return s.answer(text)
}

func (s *service) answer(text string) ([]byte, error) {
	s.asked++
	if s.away {
		return nil, errors.New("connection refused")
	}
	return []byte(text), nil
}

func newKMS(t *testing.T, address string, service *service) seal.KEK {
	t.Helper()
	kek, err := seal.NewKMS(address, service)
	require.NoError(t, err)
	return kek
}

func TestKeysAreWrappedAgain(t *testing.T) {
	file, managed := newKEK(t), newKMS(t, "kms://key", &service{})
	original, wrapped, err := seal.New(file)
	require.NoError(t, err)
	assert.Equal(t, file.ID(), wrapped.Wrapping().String())
	assert.Regexp(t, `^key-file:[1-9]\d*$`, file.ID())
	sealed, err := original.Seal(testAAD, paycor.NewSecret("a secret"))
	require.NoError(t, err)

	rewrapped, err := wrapped.Rewrap(file, managed)
	require.NoError(t, err)
	assert.Equal(t, seal.Wrapping{KMS: "kms://key"}, rewrapped.Wrapping())
	assert.Equal(t, managed.ID(), rewrapped.Wrapping().String())
	assert.True(t, original.Has(wrapped))
	assert.True(t, original.Has(rewrapped))
	_, err = seal.Load(file, rewrapped)
	require.ErrorIs(t, err, seal.ErrWrongKey)
	_, err = seal.Load(managed, wrapped)
	require.ErrorIs(t, err, seal.ErrWrongKey)
	loaded, err := seal.Load(managed, rewrapped)
	require.NoError(t, err)
	opened, err := loaded.Open(testAAD, sealed)
	require.NoError(t, err)
	assert.Equal(t, "a secret", opened.Reveal())
	assert.Equal(t, original.Fingerprint("p", nil), loaded.Fingerprint("p", nil))

	changed, _, err := rewrapped.AddKey(managed)
	require.NoError(t, err)
	assert.False(t, original.Has(changed), "a key was added")
	_, other, err := seal.New(file)
	require.NoError(t, err)
	assert.False(t, original.Has(other))
	assert.False(t, original.Has(seal.Wrapped{Values: wrapped.Values, Fingerprints: other.Fingerprints}))
	assert.False(t, original.Has(seal.Wrapped{}))
	_, err = wrapped.Rewrap(newKEK(t), managed)
	require.ErrorIs(t, err, seal.ErrWrongKey)

	back, err := rewrapped.Rewrap(managed, newKEK(t))
	require.NoError(t, err)
	assert.NotEqual(t, wrapped.Wrapping(), back.Wrapping(), "another key file is another key")
}

// Neither keyset unwraps as the other, even by a KMS that ignores associated data.
func TestKMSThatIgnoresAssociatedData(t *testing.T) {
	kek := newKMS(t, "kms://key", &service{})
	_, wrapped, err := seal.New(kek)
	require.NoError(t, err)
	_, err = seal.Load(kek, seal.Wrapped{Values: wrapped.Fingerprints, Fingerprints: wrapped.Values})
	assert.ErrorIs(t, err, seal.ErrWrongKey)
}

// What a KMS does not decrypt again must not protect a database.
func TestKMSThatDecryptsSomethingElse(t *testing.T) {
	_, _, err := seal.New(newKMS(t, "kms://key", &service{broken: true}))
	assert.ErrorAs(t, err, new(*seal.UnavailableError))
}

func TestRememberAsksOnce(t *testing.T) {
	service := &service{}
	kek := seal.Remember(newKMS(t, "kms://key", service))
	_, wrapped, err := seal.New(kek)
	require.NoError(t, err)
	asked := service.asked
	service.away = true
	for range 3 {
		_, err = seal.Load(kek, wrapped)
		require.NoError(t, err)
	}
	assert.Equal(t, asked, service.asked)
	require.ErrorContains(t, seal.Try(kek), "connection refused")
	service.away = false
	for range 50 {
		require.NoError(t, seal.Try(kek))
	}
	service.away = true
	_, err = seal.Load(kek, wrapped)
	require.NoError(t, err, "a check does not displace the keysets")
	_, err = seal.Load(seal.Remember(newKMS(t, "kms://key", service)), wrapped)
	require.ErrorAs(t, err, new(*seal.UnavailableError))
}

func TestAddressThatIsTooLong(t *testing.T) {
	_, err := seal.NewKMS("kms://"+strings.Repeat("k", 3000), &service{})
	assert.ErrorContains(t, err, "2048")
}

// Texts that only begin as those of a KMS do are none.
func FuzzWrapping(f *testing.F) {
	kek, err := seal.NewKMS("kms://key", &service{})
	require.NoError(f, err)
	_, wrapped, err := seal.New(kek)
	require.NoError(f, err)
	f.Add(wrapped.Values)
	f.Add([]byte("\x12\x14paycorcred kms 1\n\xff\xff"))
	f.Fuzz(func(t *testing.T, values []byte) {
		found := seal.Wrapped{Values: values}
		_ = found.Wrapping().String()
		_, _ = seal.Load(kek, found)
	})
}
