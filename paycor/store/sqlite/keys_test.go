package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
)

func TestOpenRejectsKeyFileWithoutDatabase(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	require.NoError(t, os.Remove(path))
	_, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.ErrorContains(t, err, "store.database-missing ("+keyFileOf(path)+", "+path)
	assert.NoFileExists(t, path, "none is created, which would hide the error at the next start")

	require.NoError(t, os.Rename(keyFileOf(path), keyFileOf(path)+".old"))
	require.NoError(t, storetest.SaveWithAudit(open(t, sqlite.Config{Path: path}), "a"), "a new database, once the key is moved away")
}

// A start after a killed first start uses its key, whether or not its database was
// on disk.
func TestKilledFirstStartIsResumed(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(path string) error{
		"before the database": func(path string) error { return os.Truncate(path, 0) },
		"after the database":  func(string) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			path := newDatabase(t)
			key, err := os.ReadFile(keyFileOf(path))
			require.NoError(t, err)
			require.NoError(t, os.Rename(keyFileOf(path), keyFileOf(path)+".begun"))
			require.NoError(t, lose(path))
			require.NoError(t, storetest.SaveWithAudit(open(t, sqlite.Config{Path: path}), "b"))
			after, err := os.ReadFile(keyFileOf(path))
			require.NoError(t, err)
			assert.Equal(t, key, after)
			assert.NoFileExists(t, keyFileOf(path)+".begun")
		})
	}
}

// A first start that is killed while it creates its key leaves no copy of it.
func TestKilledFirstStartLeavesNoKeyCopy(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	pending := keyFileOf(path) + ".begun"
	require.NoError(t, os.Rename(keyFileOf(path), pending))
	require.NoError(t, os.Link(pending, pending+".new-1"))
	require.NoError(t, os.Truncate(path, 0))
	require.NoError(t, storetest.SaveWithAudit(open(t, sqlite.Config{Path: path}), "b"))
	assert.FileExists(t, keyFileOf(path))
	assert.NoFileExists(t, pending+".new-1")
}

// The pending key of a killed start does not replace a restored key.
func TestPendingKeyNeverReplacesKeyFile(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	copyFile(t, keyFileOf(newDatabase(t)), keyFileOf(path)+".begun")
	before, err := os.ReadFile(keyFileOf(path))
	require.NoError(t, err)
	require.NoError(t, storetest.SaveWithAudit(open(t, sqlite.Config{Path: path}), "b"))
	after, err := os.ReadFile(keyFileOf(path))
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

// slowKEK is a key in a KMS that answers when the test lets it.
type slowKEK struct {
	asked  chan struct{}
	answer chan struct{}
}

func (slowKEK) Name() string { return "slow" }
func (slowKEK) ID() string   { return "slow" }

func (slowKEK) Encrypt(plaintext, _ []byte) ([]byte, error) { return plaintext, nil }

func (k slowKEK) Decrypt(ciphertext, _ []byte) ([]byte, error) {
	if k.asked != nil {
		k.asked <- struct{}{}
		<-k.answer
	}
	return ciphertext, nil
}

// While a process that starts waits for a KMS, the others write.
func TestOpenAsksKMSWithoutALock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	server := open(t, sqlite.Config{Path: path, KEK: slowKEK{}})
	require.NoError(t, storetest.SaveWithAudit(server, "a"))
	kms := slowKEK{make(chan struct{}), make(chan struct{})}
	opened := make(chan error)
	go func() {
		command, err := sqlite.Open(context.WithoutCancel(t.Context()), sqlite.Config{Path: path, KEK: kms})
		if err == nil {
			err = command.Close()
		}
		opened <- err
	}()
	for _, id := range []string{"b", "c"} { // for each of the two keysets
		<-kms.asked
		assert.NoError(t, storetest.SaveWithAudit(server, id))
		kms.answer <- struct{}{}
	}
	require.NoError(t, <-opened)
}

// countingKEK is a key in a KMS that counts what it is asked, and may be out of reach.
type countingKEK struct {
	slowKEK
	asked  atomic.Int64
	broken atomic.Bool
}

func (k *countingKEK) Decrypt(ciphertext, aad []byte) ([]byte, error) {
	k.asked.Add(1)
	if k.broken.Load() {
		return nil, errors.New("no answer")
	}
	return k.slowKEK.Decrypt(ciphertext, aad)
}

// A server that is asked whether it is ready takes up keys that another process rotated, so
// that the next write does not wait for a KMS. It is not ready if it cannot.
func TestPingTakesUpKeys(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	kms := &countingKEK{}
	server := open(t, sqlite.Config{Path: path, KEK: kms})
	other := open(t, sqlite.Config{Path: path, KEK: slowKEK{}})
	require.NoError(t, server.Ping(t.Context()))
	before := kms.asked.Load()
	require.NoError(t, storetest.AddKey(other))
	require.NoError(t, server.Ping(t.Context()))
	after := kms.asked.Load()
	assert.Greater(t, after, before)
	require.NoError(t, storetest.SaveWithAudit(server, "a"))
	assert.Equal(t, after, kms.asked.Load())

	require.NoError(t, storetest.AddKey(other))
	kms.broken.Store(true)
	assert.Error(t, server.Ping(t.Context()))
	kms.broken.Store(false)
	assert.NoError(t, server.Ping(t.Context()))
}
