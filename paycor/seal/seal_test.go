package seal_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/seal"
)

func newKEK(t testing.TB) seal.KEK {
	t.Helper()
	kek, err := seal.CreateKeyFile(filepath.Join(t.TempDir(), "store.key"))
	require.NoError(t, err)
	return kek
}

func newSealer(t *testing.T) *seal.Sealer {
	t.Helper()
	sealer, _, err := seal.New(newKEK(t))
	require.NoError(t, err)
	return sealer
}

var testAAD = seal.AAD{Workspace: "w", Owner: "c", Field: fields.ClientSecret, Version: 1}

func TestSealAndOpen(t *testing.T) {
	sealer := newSealer(t)
	for _, value := range []string{"a secret", "", "\x00\xff", strings.Repeat("long ", 10000)} {
		sealed, err := sealer.Seal(testAAD, paycor.NewSecret(value))
		require.NoError(t, err)
		if value != "" {
			assert.NotContains(t, string(sealed), value)
		}
		opened, err := sealer.Open(testAAD, sealed)
		require.NoError(t, err)
		assert.Equal(t, value, opened.Reveal())

		again, err := sealer.Seal(testAAD, paycor.NewSecret(value))
		require.NoError(t, err)
		assert.NotEqual(t, sealed, again, "equal secrets look different")
	}
}

func TestOpenNeedsSameAAD(t *testing.T) {
	sealer := newSealer(t)
	sealed, err := sealer.Seal(testAAD, paycor.NewSecret("a secret"))
	require.NoError(t, err)
	others := map[string]seal.AAD{
		"workspace":          {Workspace: "v", Owner: "c", Field: fields.ClientSecret, Version: 1},
		"credential":         {Workspace: "w", Owner: "d", Field: fields.ClientSecret, Version: 1},
		"field":              {Workspace: "w", Owner: "c", Field: fields.SubscriptionKey, Version: 1},
		"version":            {Workspace: "w", Owner: "c", Field: fields.ClientSecret, Version: 2},
		"a shifted boundary": {Workspace: "wc", Owner: "", Field: fields.ClientSecret, Version: 1},
		"a NUL":              {Workspace: "w\x00", Owner: "c", Field: fields.ClientSecret, Version: 1},
		"swapped":            {Workspace: "c", Owner: "w", Field: fields.ClientSecret, Version: 1},
		"nothing":            {},
	}
	for name, aad := range others {
		t.Run(name, func(t *testing.T) {
			opened, err := sealer.Open(aad, sealed)
			assert.ErrorIs(t, err, seal.ErrSealed)
			assert.True(t, opened.IsZero())
		})
	}
	t.Run("another sealer", func(t *testing.T) {
		_, err := newSealer(t).Open(testAAD, sealed)
		assert.ErrorIs(t, err, seal.ErrSealed)
	})
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		_, err := sealer.Open(testAAD, changed)
		require.ErrorIs(t, err, seal.ErrSealed, "byte %d changed", i)
		_, err = sealer.Open(testAAD, sealed[:i])
		require.ErrorIs(t, err, seal.ErrSealed, "cut to %d bytes", i)
	}
}

// Different AADs never encode to the same bytes; otherwise one could replace the other.
func FuzzAAD(f *testing.F) {
	sealer, _, err := seal.New(newKEK(f))
	require.NoError(f, err)
	f.Add("w", "c", "f", uint32(1), "wc", "", "f", uint32(1))
	f.Add("w", "c", "f", uint32(1), "w", "cf", "", uint32(1))
	f.Add("w", "c", "f", uint32(1), "w", "c", "f", uint32(1))
	f.Fuzz(func(t *testing.T, w1, c1, f1 string, v1 uint32, w2, c2, f2 string, v2 uint32) {
		one := seal.AAD{Workspace: w1, Owner: c1, Field: fields.Field(f1), Version: v1}
		two := seal.AAD{Workspace: w2, Owner: c2, Field: fields.Field(f2), Version: v2}
		sealed, err := sealer.Seal(one, paycor.NewSecret("a secret"))
		require.NoError(t, err)
		_, err = sealer.Open(two, sealed)
		assert.Equal(t, one == two, err == nil)
	})
}

func TestLoad(t *testing.T) {
	kek := newKEK(t)
	sealer, wrapped, err := seal.New(kek)
	require.NoError(t, err)
	sealed, err := sealer.Seal(testAAD, paycor.NewSecret("a secret"))
	require.NoError(t, err)

	loaded, err := seal.Load(kek, wrapped)
	require.NoError(t, err)
	opened, err := loaded.Open(testAAD, sealed)
	require.NoError(t, err)
	assert.Equal(t, "a secret", opened.Reveal())
	assert.Equal(t, sealer.Fingerprint("p", []byte("d")), loaded.Fingerprint("p", []byte("d")))

	damaged := bytes.Clone(wrapped.Values)
	damaged[len(damaged)/2] ^= 1
	rejected := map[string]struct {
		kek     seal.KEK
		wrapped seal.Wrapped
	}{
		"another key":     {newKEK(t), wrapped},
		"keysets swapped": {kek, seal.Wrapped{Values: wrapped.Fingerprints, Fingerprints: wrapped.Values}},
		"damaged":         {kek, seal.Wrapped{Values: damaged, Fingerprints: wrapped.Fingerprints}},
		"empty":           {kek, seal.Wrapped{}},
	}
	for name, test := range rejected {
		t.Run(name, func(t *testing.T) {
			_, err := seal.Load(test.kek, test.wrapped)
			require.ErrorIs(t, err, seal.ErrWrongKey)
			assert.Contains(t, err.Error(), test.kek.Name())
		})
	}
}

// A rotated keyset has a new primary key: it decrypts old values with the old key and
// encrypts new values with the new one.
func TestFingerprint(t *testing.T) {
	sealer := newSealer(t)
	digest := sealer.Fingerprint("purpose", []byte("data"))
	assert.Len(t, digest, seal.FingerprintSize)
	assert.Equal(t, digest, sealer.Fingerprint("purpose", []byte("data")))
	assert.NotEqual(t, digest, sealer.Fingerprint("purpose", []byte("other")))
	assert.NotEqual(t, digest, sealer.Fingerprint("purposed", []byte("ata")))
	assert.NotEqual(t, digest, newSealer(t).Fingerprint("purpose", []byte("data")), "it depends on the key")
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.key")
	_, err := seal.OpenKeyFile(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.Contains(t, err.Error(), path)

	kek, err := seal.CreateKeyFile(path)
	require.NoError(t, err)
	assert.Equal(t, path, kek.Name())
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "no temporary file remains")

	before, err := os.ReadFile(path)
	require.NoError(t, err)
	_, err = seal.CreateKeyFile(path)
	assert.ErrorIs(t, err, fs.ErrExist)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, before, after, "a key file is never overwritten")

	box, err := kek.Encrypt([]byte("data"), nil)
	require.NoError(t, err)
	reopened, err := seal.OpenKeyFile(path)
	require.NoError(t, err)
	data, err := reopened.Decrypt(box, nil)
	require.NoError(t, err)
	assert.Equal(t, "data", string(data))
}

func TestOpenKeyFileRejects(t *testing.T) {
	good := filepath.Join(t.TempDir(), "store.key")
	_, err := seal.CreateKeyFile(good)
	require.NoError(t, err)
	content, err := os.ReadFile(good)
	require.NoError(t, err)

	tests := []struct {
		name    string
		content []byte
		mode    fs.FileMode
		want    string
	}{
		{"readable by the group", content, 0o640, "key.open-to-others"},
		{"readable by others", content, 0o604, "key.open-to-others"},
		{"writable by others", content, 0o602, "key.open-to-others"},
		{"empty", nil, 0o600, "key.damaged"},
		{"truncated", content[:len(content)/2], 0o600, "key.damaged"},
		{"not a keyset", []byte(`{"key":"x"}`), 0o600, "key.damaged"},
		{"not JSON", []byte("canary-key-bytes"), 0o600, "key.damaged"},
		{"too large", make([]byte, 2<<20), 0o600, "key.not-file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.key")
			require.NoError(t, os.WriteFile(path, test.content, test.mode))
			require.NoError(t, os.Chmod(path, test.mode))
			_, err := seal.OpenKeyFile(path)
			require.Error(t, err)
			assert.Contains(t, err.Error(), test.want)
			assert.Contains(t, err.Error(), path)
			assert.NotContains(t, err.Error(), "canary")
		})
	}
	t.Run("a directory", func(t *testing.T) {
		_, err := seal.OpenKeyFile(t.TempDir())
		assert.ErrorContains(t, err, "key.not-file")
	})
	t.Run("a FIFO, without blocking", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "fifo.key")
		require.NoError(t, syscall.Mkfifo(path, 0o600))
		_, err := seal.OpenKeyFile(path)
		assert.ErrorContains(t, err, "key.not-file")
	})
	t.Run("a missing directory", func(t *testing.T) {
		_, err := seal.CreateKeyFile(filepath.Join(t.TempDir(), "none", "store.key"))
		assert.ErrorIs(t, err, fs.ErrNotExist)
	})
}

func TestKMSFailure(t *testing.T) {
	_, _, err := seal.New(&failingKEK{newKEK(t)})
	require.ErrorContains(t, err, "the failing key")
	assert.ErrorContains(t, err, "out of service")
}

// failingKEK is a KMS that is down.
type failingKEK struct{ seal.KEK }

func (*failingKEK) Name() string                        { return "the failing key" }
func (*failingKEK) Encrypt(_, _ []byte) ([]byte, error) { return nil, errors.New("out of service") }
