package storetest

import (
	"context"
	"errors"
	"fmt"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errInvented = errors.New("on purpose")

// insertAll writes one row of each kind.
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

// assertInserted tells whether all or nothing of everything is there.
func assertInserted(t *testing.T, s store.Store, salt string, there bool) {
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
			if there {
				assert.NoError(t, err, "row %d of %s", i, salt)
			} else {
				assert.ErrorIs(t, err, store.ErrNotFound, "row %d of %s", i, salt)
			}
		}
		entries, err := r.CredentialHistory("w", salt)
		assert.NoError(t, err)
		assert.Equal(t, there, len(entries) == 1, "audit entry of %s", salt)
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
	assert.PanicsWithValue(t, "on purpose", func() {
		_ = s.Update(testContext(t), func(tx store.Tx) error {
			assert.NoError(t, insertAll(tx, "a"))
			panic("on purpose")
		})
	})
	assert.PanicsWithValue(t, "on purpose", func() {
		_ = s.View(testContext(t), func(store.Reader) error { panic("on purpose") })
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
	ended, cancel := context.WithCancel(testContext(t))
	cancel()
	never := func(store.Tx) error { t.Error("it ran"); return nil }
	assert.ErrorIs(t, s.Update(ended, never), context.Canceled)
	assert.ErrorIs(t, s.View(ended, func(store.Reader) error { t.Error("it ran"); return nil }), context.Canceled)

	// While one update runs, another one waits and gives up.
	running, goOn := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		assert.NoError(t, s.Update(testContext(t), func(tx store.Tx) error {
			close(running)
			<-goOn
			return insertAll(tx, "slow")
		}))
	})
	<-running
	waiting, giveUp := context.WithCancel(testContext(t))
	gaveUp := make(chan error)
	go func() {
		gaveUp <- s.Update(waiting, func(tx store.Tx) error { return insertAll(tx, "impatient") })
	}()
	giveUp()
	// It says so at once, or after the other one: but it says so, and the
	// store holds nothing of it.
	close(goOn)
	require.ErrorIs(t, <-gaveUp, context.Canceled)
	group.Wait()
	assertInserted(t, s, "slow", true)
	assertInserted(t, s, "impatient", false)

	// A context that ends while many wait: what is said is what is true.
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
		again, err := r.Credential("w", "a")
		require.NoError(t, err)
		assert.Equal(t, before, again)
		_, err = r.Credential("w", "b")
		assert.ErrorIs(t, err, store.ErrNotFound)
		return nil
	})
	assert.Equal(t, "after", credential(t, s, "w", "a").Name)
}

func testConcurrentUpdates(t *testing.T, s store.Store) {
	insert(t, s, "w", newCredential("counter", "counts"), nil)
	const callers, each = 8, 25
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for range each {
				assert.NoError(t, s.Update(testContext(t), func(tx store.Tx) error {
					c, err := tx.Credential("w", "counter")
					if err != nil {
						return err
					}
					c.Version++
					return tx.UpdateCredential("w", c, c.Version-1, nil)
				}))
				assert.NoError(t, s.View(testContext(t), func(r store.Reader) error {
					_, err := r.Credential("w", "counter")
					return err
				}))
			}
		})
	}
	group.Wait()
	assert.EqualValues(t, 1+callers*each, credential(t, s, "w", "counter").Version)
}

func testFailedUpdateAmongOthers(t *testing.T, s store.Store) {
	const callers = 40
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			salt := fmt.Sprint(i)
			err := s.Update(testContext(t), func(tx store.Tx) error {
				if err := insertAll(tx, salt); err != nil {
					return err
				}
				if i%3 == 0 {
					return errInvented
				}
				return nil
			})
			if i%3 == 0 {
				assert.ErrorIs(t, err, errInvented)
			} else {
				assert.NoError(t, err)
			}
		})
	}
	group.Wait()
	for i := range callers {
		assertInserted(t, s, fmt.Sprint(i), i%3 != 0)
	}
}

func testClosed(t *testing.T, s store.Store) {
	insert(t, s, "w", newCredential("a", "a"), nil)
	require.NoError(t, s.Ping(testContext(t)))
	require.NoError(t, s.Close())
	assert.NoError(t, s.Close(), "closing twice is closing once")
	assert.Error(t, s.Ping(testContext(t)))
	assert.Error(t, s.View(testContext(t), func(store.Reader) error { return nil }))
	assert.Error(t, s.Update(testContext(t), func(store.Tx) error { return nil }))
}

func testReopen(t *testing.T, s store.Store, reopen func(*testing.T, store.Store) store.Store) {
	update(t, s, func(tx store.Tx) error { return insertAll(tx, "a") })
	digest := s.Fingerprint("purpose", []byte("data"))
	insert(t, s, "w", newCredential("b", "b"), nil)
	first := list(t, s, "w", paycor.Query{Limit: 1})

	s = reopen(t, s)
	assertInserted(t, s, "a", true)
	assert.Equal(t, fullCredential("a"), credential(t, s, "w", "a"))
	assert.Equal(t, someSecrets("a"), secrets(t, s, "w", "a"))
	assert.Equal(t, digest, s.Fingerprint("purpose", []byte("data")))
	assert.Equal(t, []string{"a"}, ids(list(t, s, "w", paycor.Query{Limit: 1, Cursor: first.Next})), "a cursor outlives a restart")
}
