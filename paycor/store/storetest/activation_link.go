package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/activation"
	"paycorcred/paycor/store"
)

// activationLink returns a link of the credential a in the workspace w.
func activationLink(id string, seconds int) store.ActivationLink {
	return store.ActivationLink{
		Hash: []byte("hash of " + id), Workspace: "w", Credential: "a",
		Link: activation.Link{ID: id, SignIn: true, CreatedAt: at(seconds), CreatedBy: "Ann", ExpiresAt: at(seconds + 600)},
	}
}

func testActivationLinks(t *testing.T, s store.Store) {
	insert(t, s, "w", fullCredential("a"), nil)
	insert(t, s, "w", fullCredential("b"), nil)
	first, second := activationLink("first", 0), activationLink("second", 1)
	find := func(hash []byte) (found store.ActivationLink, err error) {
		view(t, s, func(r store.Reader) error { found, err = r.ActivationLink(hash); return nil })
		return found, err
	}
	try := func(write func(store.Tx) error) error { return s.Update(testContext(t), write) }
	for _, link := range []store.ActivationLink{first, second} {
		update(t, s, func(tx store.Tx) error { return tx.InsertActivationLink(link) })
	}
	assert.ErrorIs(t, try(func(tx store.Tx) error { return tx.InsertActivationLink(first) }), store.ErrExists)
	found, err := find(first.Hash)
	assert.NoError(t, err)
	assert.Equal(t, first, found)
	_, err = find([]byte("none"))
	assert.ErrorIs(t, err, store.ErrNotFound)
	view(t, s, func(r store.Reader) error {
		links, err := r.ActivationLinks("w", "a")
		assert.Equal(t, []store.ActivationLink{second, first}, links, "newest first")
		for _, elsewhere := range [][2]string{{"w", "b"}, {"other", "a"}} {
			others, err := r.ActivationLinks(elsewhere[0], elsewhere[1])
			assert.NoError(t, err)
			assert.Empty(t, others)
		}
		return err
	})

	update(t, s, func(tx store.Tx) error { return tx.MarkActivationLinkUsed(first.Hash, at(2)) })
	assert.ErrorIs(t, try(func(tx store.Tx) error { return tx.MarkActivationLinkUsed(first.Hash, at(3)) }), store.ErrStale, "a second time")
	update(t, s, func(tx store.Tx) error { return tx.RevokeActivationLink("w", "a", "first", at(3), "Bob") })
	first.UsedAt = at(2)
	found, err = find(first.Hash)
	assert.NoError(t, err)
	assert.Equal(t, first, found, "what was used cannot be revoked")

	for _, elsewhere := range [][2]string{{"w", "b"}, {"other", "a"}} {
		assert.ErrorIs(t, try(func(tx store.Tx) error {
			return tx.RevokeActivationLink(elsewhere[0], elsewhere[1], "second", at(3), "Bob")
		}), store.ErrNotFound)
	}
	update(t, s, func(tx store.Tx) error { return tx.RevokeActivationLink("w", "a", "second", at(3), "Bob") })
	update(t, s, func(tx store.Tx) error { return tx.RevokeActivationLink("w", "a", "second", at(4), "Eve") })
	second.RevokedAt, second.RevokedBy = at(3), "Bob"
	found, err = find(second.Hash)
	assert.NoError(t, err)
	assert.Equal(t, second, found, "the first time counts")
	assert.ErrorIs(t, try(func(tx store.Tx) error { return tx.MarkActivationLinkUsed(second.Hash, at(5)) }), store.ErrStale, "revoked")

	kept := at(600).Add(store.ActivationLinkRetention)
	update(t, s, func(tx store.Tx) error { return tx.DeleteExpired(kept) })
	_, err = find(first.Hash)
	assert.NoError(t, err)
	update(t, s, func(tx store.Tx) error { return tx.DeleteExpired(kept.Add(time.Second)) })
	_, err = find(first.Hash)
	assert.ErrorIs(t, err, store.ErrNotFound)
	_, err = find(second.Hash)
	assert.NoError(t, err, "it expired a second later")
	update(t, s, func(tx store.Tx) error { return tx.DeleteCredential("w", "a", 12) })
	_, err = find(second.Hash)
	assert.ErrorIs(t, err, store.ErrNotFound, "deleted with its credential")
}

func testActivationLinkUsedOnce(t *testing.T, s store.Store) {
	insert(t, s, "w", fullCredential("a"), nil)
	link := activationLink("only", 0)
	update(t, s, func(tx store.Tx) error { return tx.InsertActivationLink(link) })
	var used atomic.Int32
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			err := s.Update(testContext(t), func(tx store.Tx) error { return tx.MarkActivationLinkUsed(link.Hash, at(i)) })
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
