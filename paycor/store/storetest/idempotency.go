package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

func testIdempotency(t *testing.T, s store.Store) {
	want := store.IdempotencyRecord{Workspace: "w", Caller: "c", Key: "k", Request: []byte{0, 1, 255}, Credential: "a", ExpiresAt: at(1)}
	update(t, s, func(tx store.Tx) error { return tx.InsertIdempotencyRecord(want) })
	view(t, s, func(r store.Reader) error {
		found, err := r.IdempotencyRecord("w", "c", "k")
		require.NoError(t, err)
		assert.Equal(t, want, found)
		for _, other := range [][3]string{{"w", "c", "K"}, {"w", "other", "k"}, {"other", "c", "k"}} {
			_, err := r.IdempotencyRecord(other[0], other[1], other[2])
			assert.ErrorIs(t, err, store.ErrNotFound)
		}
		return nil
	})
	repeated := want
	repeated.Credential = "b"
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertIdempotencyRecord(repeated) }), store.ErrExists)
	repeated.Caller = "other"
	update(t, s, func(tx store.Tx) error { return tx.InsertIdempotencyRecord(repeated) })

	// Of many equal concurrent creates, one succeeds.
	var created atomic.Int32
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			err := s.Update(testContext(t), func(tx store.Tx) error {
				if err := tx.InsertCredential("w", newCredential(fmt.Sprint("created-", i), "created"), someSecrets("created")); err != nil {
					return err
				}
				return tx.InsertIdempotencyRecord(store.IdempotencyRecord{Workspace: "w", Caller: "c", Key: "once", Credential: fmt.Sprint(i)})
			})
			if err == nil {
				created.Add(1)
			} else {
				assert.ErrorIs(t, err, store.ErrExists)
			}
		})
	}
	group.Wait()
	assert.EqualValues(t, 1, created.Load())
	assert.Equal(t, 1, list(t, s, "w", paycor.Query{Search: "created"}).Total)
}
