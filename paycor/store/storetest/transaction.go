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

var errOnPurpose = errors.New("on purpose")

// everything writes one row of each kind.
func everything(tx store.Tx, salt string) error {
	last, err := tx.LastAuditEntry()
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	hash := []byte(salt)
	return errors.Join(
		tx.InsertCredential("w", full(salt), someSecrets(salt)),
		tx.InsertIdempotencyRecord(store.IdempotencyRecord{Workspace: "w", Caller: "c", Key: salt, Request: hash, Credential: salt, ExpiresAt: at(9)}),
		tx.AppendAudit(audit.Entry{Sequence: last.Sequence + 1, At: at(0), Workspace: "w", Credential: salt}),
		tx.InsertAPIToken(store.APIToken{ID: salt, Hash: hash, Workspace: "w", CreatedAt: at(0)}),
		tx.InsertSession(store.Session{Hash: hash, Caller: paycor.Caller{ID: salt}, CreatedAt: at(0), ExpiresAt: at(9)}),
		tx.InsertSignInLink(store.SignInLink{Hash: hash, CreatedAt: at(0), ExpiresAt: at(9)}),
	)
}

// assertThere tells whether all or nothing of everything is there.
func assertThere(t *testing.T, s store.Store, salt string, there bool) {
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
		entries, err := r.AuditEntries("w", store.AuditQuery{Credential: salt})
		assert.NoError(t, err)
		assert.Equal(t, there, len(entries) == 1, "audit entry of %s", salt)
		return nil
	})
}

func testRollBack(t *testing.T, s store.Store) {
	err := s.Update(within(t), func(tx store.Tx) error {
		require.NoError(t, everything(tx, "a"))
		_, err := tx.Credential("w", "a")
		assert.NoError(t, err, "an update sees what it wrote")
		return errOnPurpose
	})
	require.ErrorIs(t, err, errOnPurpose)
	assertThere(t, s, "a", false)

	update(t, s, func(tx store.Tx) error { return everything(tx, "a") })
	assertThere(t, s, "a", true)
}

func testPanic(t *testing.T, s store.Store) {
	assert.PanicsWithValue(t, "on purpose", func() {
		_ = s.Update(within(t), func(tx store.Tx) error {
			assert.NoError(t, everything(tx, "a"))
			panic("on purpose")
		})
	})
	assert.PanicsWithValue(t, "on purpose", func() {
		_ = s.View(within(t), func(store.Reader) error { panic("on purpose") })
	})
	assertThere(t, s, "a", false)
	update(t, s, func(tx store.Tx) error { return everything(tx, "a") })
}

func testGoexit(t *testing.T, s store.Store) {
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			_ = s.Update(within(t), func(tx store.Tx) error {
				if err := everything(tx, fmt.Sprint(i)); err != nil {
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
		assertThere(t, s, fmt.Sprint(i), i%2 == 1)
	}
}

func testEndedContext(t *testing.T, s store.Store) {
	ended, cancel := context.WithCancel(within(t))
	cancel()
	never := func(store.Tx) error { t.Error("it ran"); return nil }
	assert.ErrorIs(t, s.Update(ended, never), context.Canceled)
	assert.ErrorIs(t, s.View(ended, func(store.Reader) error { t.Error("it ran"); return nil }), context.Canceled)

	// While one update runs, another one waits and gives up.
	running, goOn := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		assert.NoError(t, s.Update(within(t), func(tx store.Tx) error {
			close(running)
			<-goOn
			return everything(tx, "slow")
		}))
	})
	<-running
	waiting, giveUp := context.WithCancel(within(t))
	gaveUp := make(chan error)
	go func() {
		gaveUp <- s.Update(waiting, func(tx store.Tx) error { return everything(tx, "impatient") })
	}()
	giveUp()
	// It says so at once, or after the other one: but it says so, and the
	// store holds nothing of it.
	close(goOn)
	require.ErrorIs(t, <-gaveUp, context.Canceled)
	group.Wait()
	assertThere(t, s, "slow", true)
	assertThere(t, s, "impatient", false)

	// A context that ends while many wait: what is said is what is true.
	for round := range 5 {
		ctx, cancel := context.WithCancel(within(t))
		outcomes := make([]error, 16)
		for i := range outcomes {
			group.Go(func() {
				outcomes[i] = s.Update(ctx, func(tx store.Tx) error {
					if i == 3 {
						cancel()
					}
					return everything(tx, fmt.Sprintf("%d of round %d", i, round))
				})
			})
		}
		group.Wait()
		cancel()
		for i, err := range outcomes {
			assertThere(t, s, fmt.Sprintf("%d of round %d", i, round), err == nil)
		}
	}
}

func testOver(t *testing.T, s store.Store) {
	var late store.Tx
	update(t, s, func(tx store.Tx) error { late = tx; return nil })
	assert.Error(t, everything(late, "late"))
	var lateReader store.Reader
	view(t, s, func(r store.Reader) error { lateReader = r; return nil })
	_, err := lateReader.Credential("w", "a")
	assert.Error(t, err)
	assert.NotErrorIs(t, err, store.ErrNotFound)
}

func testViewIsOneState(t *testing.T, s store.Store) {
	insert(t, s, "w", named("a", "before"), nil)
	view(t, s, func(r store.Reader) error {
		before, err := r.Credential("w", "a")
		require.NoError(t, err)
		update(t, s, func(tx store.Tx) error {
			after := before
			after.Name, after.Version = "after", 2
			return errors.Join(tx.UpdateCredential("w", after, 1, nil), tx.InsertCredential("w", named("b", "new"), nil))
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
	insert(t, s, "w", named("counter", "counts"), nil)
	const callers, each = 8, 25
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for range each {
				assert.NoError(t, s.Update(within(t), func(tx store.Tx) error {
					c, err := tx.Credential("w", "counter")
					if err != nil {
						return err
					}
					c.Version++
					return tx.UpdateCredential("w", c, c.Version-1, nil)
				}))
				assert.NoError(t, s.View(within(t), func(r store.Reader) error {
					_, err := r.Credential("w", "counter")
					return err
				}))
			}
		})
	}
	group.Wait()
	assert.EqualValues(t, 1+callers*each, credential(t, s, "w", "counter").Version)
}

func testNeighbours(t *testing.T, s store.Store) {
	const callers = 40
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			salt := fmt.Sprint(i)
			err := s.Update(within(t), func(tx store.Tx) error {
				if err := everything(tx, salt); err != nil {
					return err
				}
				if i%3 == 0 {
					return errOnPurpose
				}
				return nil
			})
			if i%3 == 0 {
				assert.ErrorIs(t, err, errOnPurpose)
			} else {
				assert.NoError(t, err)
			}
		})
	}
	group.Wait()
	for i := range callers {
		assertThere(t, s, fmt.Sprint(i), i%3 != 0)
	}
}

func testClosed(t *testing.T, s store.Store) {
	insert(t, s, "w", named("a", "a"), nil)
	require.NoError(t, s.Ping(within(t)))
	require.NoError(t, s.Close())
	assert.NoError(t, s.Close(), "closing twice is closing once")
	assert.Error(t, s.Ping(within(t)))
	assert.Error(t, s.View(within(t), func(store.Reader) error { return nil }))
	assert.Error(t, s.Update(within(t), func(store.Tx) error { return nil }))
}

func testReopen(t *testing.T, s store.Store, reopen func(*testing.T, store.Store) store.Store) {
	update(t, s, func(tx store.Tx) error { return everything(tx, "a") })
	digest := s.Fingerprint("purpose", []byte("data"))
	insert(t, s, "w", named("b", "b"), nil)
	first := list(t, s, "w", paycor.Query{Limit: 1})

	s = reopen(t, s)
	assertThere(t, s, "a", true)
	assert.Equal(t, full("a"), credential(t, s, "w", "a"))
	assert.Equal(t, someSecrets("a"), secrets(t, s, "w", "a"))
	assert.Equal(t, digest, s.Fingerprint("purpose", []byte("data")))
	assert.Equal(t, []string{"a"}, ids(list(t, s, "w", paycor.Query{Limit: 1, Cursor: first.Next})), "a cursor outlives a restart")
}
