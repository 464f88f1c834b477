package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

var errInvented = errors.New("invented")

// insertAll inserts one record of each kind.
func insertAll(tx store.Tx, salt string) error {
	last, err := tx.LastAuditEntry()
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	hash := []byte(salt)
	return errors.Join(
		tx.InsertCredential("w", fullCredential(salt), someSecrets(salt)),
		tx.InsertIdempotencyRecord(store.IdempotencyRecord{Workspace: "w", Caller: "c", Key: salt, Request: hash, Credential: salt, ExpiresAt: at(9)}),
		tx.AppendAudit(audit.Entry{Sequence: last.Sequence + 1, At: at(0), Workspace: "w", Credential: salt}),
		tx.InsertAPIToken(store.APIToken{ID: salt, Hash: hash, Workspace: "w", CreatedAt: at(0)}),
		tx.InsertSession(store.Session{Hash: hash, Caller: paycor.Caller{ID: salt}, CreatedAt: at(0), ExpiresAt: at(9)}),
		tx.InsertSignInLink(store.SignInLink{Hash: hash, CreatedAt: at(0), ExpiresAt: at(9)}),
	)
}

// assertInserted checks that all records of insertAll exist, or none.
func assertInserted(t *testing.T, s store.Store, salt string, want bool) {
	t.Helper()
	view(t, s, func(r store.Reader) error {
		hash := []byte(salt)
		_, err1 := r.Credential("w", salt)
		_, err2 := r.Secrets("w", salt)
		_, err3 := r.IdempotencyRecord("w", "c", salt)
		_, err4 := r.APIToken(hash)
		_, err5 := r.Session(hash)
		_, err6 := r.SignInLink(hash)
		for i, err := range []error{err1, err2, err3, err4, err5, err6} {
			if want {
				assert.NoError(t, err, "row %d of %s", i, salt)
			} else {
				assert.ErrorIs(t, err, store.ErrNotFound, "row %d of %s", i, salt)
			}
		}
		entries, err := r.CredentialHistory("w", salt)
		assert.NoError(t, err)
		assert.Equal(t, want, len(entries) == 1, "audit entry of %s", salt)
		return nil
	})
}

func testRollBack(t *testing.T, s store.Store) {
	err := s.Update(testContext(t), func(tx store.Tx) error {
		require.NoError(t, insertAll(tx, "a"))
		_, err := tx.Credential("w", "a")
		assert.NoError(t, err, "an update sees what it wrote")
		return errInvented
	})
	require.ErrorIs(t, err, errInvented)
	assertInserted(t, s, "a", false)

	update(t, s, func(tx store.Tx) error { return insertAll(tx, "a") })
	assertInserted(t, s, "a", true)
}

func testPanic(t *testing.T, s store.Store) {
	assert.PanicsWithValue(t, "invented", func() {
		_ = s.Update(testContext(t), func(tx store.Tx) error {
			assert.NoError(t, insertAll(tx, "a"))
			panic("invented")
		})
	})
	assert.PanicsWithValue(t, "invented", func() {
		_ = s.View(testContext(t), func(store.Reader) error { panic("invented") })
	})
	assertInserted(t, s, "a", false)
	update(t, s, func(tx store.Tx) error { return insertAll(tx, "a") })
}

func testGoexit(t *testing.T, s store.Store) {
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			_ = s.Update(testContext(t), func(tx store.Tx) error {
				if err := insertAll(tx, fmt.Sprint(i)); err != nil {
					return err
				}
				if i%2 == 0 {
					runtime.Goexit()
				}
				return nil
			})
		})
	}
	group.Wait()
	for i := range 20 {
		assertInserted(t, s, fmt.Sprint(i), i%2 == 1)
	}
}

func testCanceledContext(t *testing.T, s store.Store) {
	canceled, cancel := context.WithCancel(testContext(t))
	cancel()
	never := func(store.Tx) error { t.Error("it ran"); return nil }
	assert.ErrorIs(t, s.Update(canceled, never), context.Canceled)
	assert.ErrorIs(t, s.View(canceled, func(store.Reader) error { t.Error("it ran"); return nil }), context.Canceled)

	// While one update runs, another one waits and is canceled.
	running, proceed := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		assert.NoError(t, s.Update(testContext(t), func(tx store.Tx) error {
			close(running)
			<-proceed
			return insertAll(tx, "slow")
		}))
	})
	<-running
	waiting, cancelWaiting := context.WithCancel(testContext(t))
	result := make(chan error)
	go func() {
		result <- s.Update(waiting, func(tx store.Tx) error { return insertAll(tx, "canceled") })
	}()
	cancelWaiting()
	// It returns at once or after the other update, but it returns the error and
	// stores nothing.
	close(proceed)
	require.ErrorIs(t, <-result, context.Canceled)
	group.Wait()
	assertInserted(t, s, "slow", true)
	assertInserted(t, s, "canceled", false)

	// A context is canceled while many updates wait: each result is the truth.
	for round := range 5 {
		ctx, cancel := context.WithCancel(testContext(t))
		outcomes := make([]error, 16)
		for i := range outcomes {
			group.Go(func() {
				outcomes[i] = s.Update(ctx, func(tx store.Tx) error {
					if i == 3 {
						cancel()
					}
					return insertAll(tx, fmt.Sprintf("%d of round %d", i, round))
				})
			})
		}
		group.Wait()
		cancel()
		for i, err := range outcomes {
			assertInserted(t, s, fmt.Sprintf("%d of round %d", i, round), err == nil)
		}
	}
}

func testUseAfterEnd(t *testing.T, s store.Store) {
	var late store.Tx
	update(t, s, func(tx store.Tx) error { late = tx; return nil })
	assert.Error(t, insertAll(late, "late"))
	var lateReader store.Reader
	view(t, s, func(r store.Reader) error { lateReader = r; return nil })
	_, err := lateReader.Credential("w", "a")
	assert.Error(t, err)
	assert.NotErrorIs(t, err, store.ErrNotFound)
}

func testViewIsSnapshot(t *testing.T, s store.Store) {
	insert(t, s, "w", newCredential("a", "before"), nil)
	view(t, s, func(r store.Reader) error {
		before, err := r.Credential("w", "a")
		require.NoError(t, err)
		update(t, s, func(tx store.Tx) error {
			after := before
			after.Name, after.Version = "after", 2
			return errors.Join(tx.UpdateCredential("w", after, 1, nil), tx.InsertCredential("w", newCredential("b", "new"), nil))
		})
		unchanged, err := r.Credential("w", "a")
		require.NoError(t, err)
		assert.Equal(t, before, unchanged)
		_, err = r.Credential("w", "b")
		assert.ErrorIs(t, err, store.ErrNotFound)
		return nil
	})
	assert.Equal(t, "after", credential(t, s, "w", "a").Name)
}
