package seal_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/seal"
)

func TestKeysAreAddedAndRemoved(t *testing.T) {
	kek := newKEK(t)
	old, wrapped, err := seal.New(kek)
	require.NoError(t, err)
	require.Equal(t, []seal.Key{{ID: old.Primary(), Primary: true}}, old.Keys())
	before, err := old.Seal(testAAD, paycor.NewSecret("old value"))
	require.NoError(t, err)

	wrapped, added, err := wrapped.AddKey(kek)
	require.NoError(t, err)
	both, err := seal.Load(kek, wrapped)
	require.NoError(t, err)
	assert.Equal(t, added, both.Primary())
	assert.Len(t, both.Keys(), 2)
	opened, err := both.Open(testAAD, before)
	require.NoError(t, err)
	assert.Equal(t, "old value", opened.Reveal())
	after, err := both.Seal(testAAD, paycor.NewSecret("new value"))
	require.NoError(t, err)
	id, ok := seal.KeyOf(after)
	assert.True(t, ok)
	assert.Equal(t, added, id)
	assert.False(t, old.Knows(after))
	_, err = old.Open(testAAD, after)
	assert.ErrorIs(t, err, seal.ErrSealed, "the new key encrypts")
	assert.True(t, both.Knows(before))
	assert.Equal(t, old.Fingerprint("p", nil), both.Fingerprint("p", nil), "fingerprints stay")

	_, err = wrapped.RemoveKeys(kek, []seal.KeyID{added})
	assert.Error(t, err, "the primary key stays")
	wrapped, err = wrapped.RemoveKeys(kek, []seal.KeyID{old.Primary()})
	require.NoError(t, err)
	last, err := seal.Load(kek, wrapped)
	require.NoError(t, err)
	assert.Equal(t, []seal.Key{{ID: added, Primary: true}}, last.Keys())
	_, err = last.Open(testAAD, before)
	assert.ErrorIs(t, err, seal.ErrSealed)

	_, _, err = wrapped.AddKey(newKEK(t))
	assert.ErrorIs(t, err, seal.ErrWrongKey)
}

func TestKeyOfWhatNoKeyEncrypted(t *testing.T) {
	for _, value := range []string{"", "\x01", "\x01abc", "\x02abcd", "plain text"} {
		_, ok := seal.KeyOf([]byte(value))
		assert.False(t, ok, "%q", value)
	}
}

// unavailable is a KMS that does not answer.
type unavailable struct{ seal.KEK }

func (k unavailable) Decrypt([]byte, []byte) ([]byte, error) {
	return nil, &seal.UnavailableError{Name: k.Name(), Cause: errors.New("connection refused")}
}

func TestUnavailableKEKIsNoWrongKey(t *testing.T) {
	kek := newKEK(t)
	_, wrapped, err := seal.New(kek)
	require.NoError(t, err)
	_, err = seal.Load(unavailable{kek}, wrapped)
	assert.NotErrorIs(t, err, seal.ErrWrongKey)
	assert.ErrorContains(t, err, filepath.Base(kek.Name()))
	assert.ErrorContains(t, err, "connection refused")
}
