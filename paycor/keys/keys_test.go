package keys_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/keys"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/testkit/env"
)

// fixture is a store with secrets.
type fixture struct {
	path  string
	store *sqlite.DB
	ids   []string
}

func newFixture(t *testing.T, credentials int) *fixture {
	t.Helper()
	f := &fixture{path: filepath.Join(t.TempDir(), "store.db")}
	f.store = f.open(t)
	for i := range credentials {
		id := fmt.Sprintf("cred_%03d", i)
		f.ids = append(f.ids, id)
		require.NoError(t, f.store.Update(t.Context(), func(tx store.Tx) error {
			return tx.InsertCredential("w", paycor.Credential{
				ID: id, ApplicationID: "app_" + id, Name: id, ClientID: id, Environment: "production", LegalEntityID: 7, State: paycor.StateNotVerified, Version: 1,
			}, store.Secrets{fields.ClientSecret: paycor.NewSecret("secret of " + id)})
		}))
	}
	return f
}

func (f *fixture) open(t *testing.T) *sqlite.DB {
	t.Helper()
	opened, err := sqlite.Open(t.Context(), sqlite.Config{Path: f.path})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	return opened
}

// damage changes the last byte of a credential's secret in the file.
func (f *fixture) damage(t *testing.T, id string) {
	t.Helper()
	db, err := sql.Open("sqlite", f.path)
	require.NoError(t, err)
	defer db.Close()
	var sealed []byte
	require.NoError(t, db.QueryRow(`SELECT sealed FROM secrets WHERE application = ?`, "app_"+id).Scan(&sealed))
	sealed[len(sealed)-1] ^= 1
	_, err = db.Exec(`UPDATE secrets SET sealed = ? WHERE application = ?`, sealed, "app_"+id)
	require.NoError(t, err)
}

func rotatorOver(s store.Store) *keys.Rotator {
	return keys.New(keys.Config{Store: store.ScopeOf[keys.Reader, keys.Tx](s), Recorder: trail.NewRecorder(time.Now)})
}

// secretsOpen asserts that every secret can be read through a store.
func (f *fixture) secretsOpen(t *testing.T, s store.Store) {
	t.Helper()
	for _, id := range f.ids {
		require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
			found, err := r.Secrets("w", id)
			assert.Equal(t, "secret of "+id, found[fields.ClientSecret].Reveal())
			return err
		}))
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 450)
	server := f.open(t) // another process
	before, err := rotatorOver(f.store).Keys(t.Context())
	require.NoError(t, err)
	var steps []int
	rotated, err := rotatorOver(f.store).Rotate(t.Context(), rights.Operator("ann"), func(examined int) { steps = append(steps, examined) })
	require.NoError(t, err)
	assert.Equal(t, []int{200, 400}, steps)
	assert.Equal(t, keys.Rotated{Key: rotated.Key, Values: 450, Removed: []string{before[0].ID}}, rotated)
	after, err := rotatorOver(server).Keys(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []store.Key{{ID: rotated.Key, Primary: true, Values: 450}}, after)
	f.secretsOpen(t, server)
	f.secretsOpen(t, f.open(t))

	var actions []audit.Action
	require.NoError(t, server.View(t.Context(), func(r store.Reader) error {
		entry, err := r.LastAuditEntry()
		actions = append(actions, entry.Action)
		assert.Equal(t, before[0].ID, entry.Detail)
		return err
	}))
	assert.Equal(t, []audit.Action{audit.ActionKeyRemove}, actions)
}

func TestInterruptedRotationIsFinished(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 450)
	server := f.open(t)
	first, err := rotatorOver(f.store).Keys(t.Context())
	require.NoError(t, err)
	for killed := range 5 { // adding the key, three steps, removing the earlier one
		_, err := rotatorOver(&env.Interrupted{Store: f.store, After: killed}).Rotate(t.Context(), rights.Operator("ann"), func(int) {})
		require.ErrorIs(t, err, env.ErrKilled, "after %d updates", killed)
		f.secretsOpen(t, server)
		rotated, err := rotatorOver(server).Rotate(t.Context(), rights.Operator("ann"), func(int) {})
		require.NoError(t, err)
		assert.Equal(t, killed == 0, rotated.Key != "", "after %d updates", killed)
		found, err := rotatorOver(f.store).Keys(t.Context())
		require.NoError(t, err)
		require.Len(t, found, 1)
		assert.NotEqual(t, first[0].ID, found[0].ID)
		assert.Equal(t, 450, found[0].Values)
		f.secretsOpen(t, f.store)
		first = found
	}
}

// A value that cannot be decrypted keeps the key that it names, and neither the others
// nor the next rotation.
func TestUnopenedValueKeepsItsKey(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 3)
	f.damage(t, f.ids[1])
	for range 2 {
		rotated, err := rotatorOver(f.store).Rotate(t.Context(), rights.Operator("ann"), func(int) {})
		require.NoError(t, err)
		assert.NotEmpty(t, rotated.Key)
		assert.Equal(t, 2, rotated.Values)
		assert.Equal(t, 1, rotated.Unopened)
	}
	found, err := rotatorOver(f.store).Keys(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 2, "the key of the first rotation had no value left")
	assert.Equal(t, 2, found[0].Values)
	assert.Equal(t, 1, found[1].Values)
}

// slowKEK is a key in a KMS that writes to the database whenever it is asked.
type slowKEK struct {
	id   string
	save func()
}

func (k slowKEK) Name() string { return k.id }
func (k slowKEK) ID() string   { return k.id }

func (k slowKEK) Encrypt(plaintext, _ []byte) ([]byte, error) {
	k.save()
	return append([]byte(k.id), plaintext...), nil
}

func (k slowKEK) Decrypt(ciphertext, _ []byte) ([]byte, error) {
	k.save()
	text, ours := bytes.CutPrefix(ciphertext, []byte(k.id))
	if !ours {
		return nil, seal.ErrRejected
	}
	return text, nil
}

// While a change of the keys waits for a KMS, servers write.
func TestKMSIsAskedOutsideOfTransactions(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	server, saves := f.open(t), 0
	kek := slowKEK{"slow", func() {
		saves++
		assert.NoError(t, server.Update(t.Context(), func(tx store.Tx) error {
			return tx.PutTokenState("w", f.ids[0], store.TokenState{Epoch: int64(saves)}, nil)
		}))
	}}
	_, err := rotatorOver(f.store).Rewrap(t.Context(), rights.Operator("ann"), kek)
	require.NoError(t, err)
	assert.Positive(t, saves)
	opened, err := sqlite.Open(t.Context(), sqlite.Config{Path: f.path, KEK: seal.Remember(kek)})
	require.NoError(t, err)
	defer opened.Close()
	server, saves = opened, 0
	rotated, err := rotatorOver(opened).Rotate(t.Context(), rights.Operator("ann"), func(int) {})
	require.NoError(t, err)
	assert.Len(t, rotated.Removed, 1)
	assert.Positive(t, saves)
	f.secretsOpen(t, opened)
}

// Of two changes of the KEK at once, the first one counts, and the other one says so.
func TestTwoRewrapsAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	other, first := f.open(t), slowKEK{"first", func() {}}
	second := slowKEK{"second", sync.OnceFunc(func() {
		_, err := rotatorOver(other).Rewrap(t.Context(), rights.Operator("bob"), first)
		assert.NoError(t, err)
	})}
	_, err := rotatorOver(f.store).Rewrap(t.Context(), rights.Operator("ann"), second)
	require.Error(t, err)
	assert.ErrorIs(t, err, seal.ErrWrongKey)
	by, err := rotatorOver(other).WrappedBy(t.Context())
	require.NoError(t, err)
	assert.NotEqual(t, "second", by)
	opened, err := sqlite.Open(t.Context(), sqlite.Config{Path: f.path, KEK: first})
	require.NoError(t, err)
	defer opened.Close()
	f.secretsOpen(t, opened)
}
