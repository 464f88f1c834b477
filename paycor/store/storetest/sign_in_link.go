package storetest

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/store"
)

func testSignInLinks(t *testing.T, s store.Store) {
	want := store.SignInLink{Hash: []byte{1}, CreatedAt: at(0), ExpiresAt: at(1)}
	update(t, s, func(tx store.Tx) error { return tx.InsertSignInLink(want) })
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertSignInLink(want) }), store.ErrExists)
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.MarkSignInLinkUsed([]byte{2}, at(5)) }), store.ErrNotFound)
	update(t, s, func(tx store.Tx) error { return tx.MarkSignInLinkUsed(want.Hash, at(5)) })
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.MarkSignInLinkUsed(want.Hash, at(6)) }), store.ErrStale)
	want.UsedAt = at(5)
	view(t, s, func(r store.Reader) error {
		found, err := r.SignInLink(want.Hash)
		assert.Equal(t, want, found)
		_, notFound := r.SignInLink([]byte{2})
		assert.ErrorIs(t, notFound, store.ErrNotFound)
		return err
	})
}

func testSignInLinkUsedOnce(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		return tx.InsertSignInLink(store.SignInLink{Hash: []byte{1}, CreatedAt: at(0)})
	})
	var used atomic.Int32
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			err := s.Update(testContext(t), func(tx store.Tx) error { return tx.MarkSignInLinkUsed([]byte{1}, at(i)) })
			if err == nil {
				used.Add(1)
			} else {
				assert.ErrorIs(t, err, store.ErrStale)
			}
		})
	}
	group.Wait()
	assert.EqualValues(t, 1, used.Load())
}
