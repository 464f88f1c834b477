package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/store"
)

func testDeleteExpired(t *testing.T, s store.Store) {
	for i, expires := range []time.Time{at(1), at(2), at(3), {}} {
		update(t, s, func(tx store.Tx) error {
			hash := []byte{byte(i)}
			return errors.Join(
				tx.InsertIdempotencyRecord(store.IdempotencyRecord{Workspace: "w", Caller: "c", Key: fmt.Sprint(i), ExpiresAt: expires}),
				tx.InsertSession(store.Session{Hash: hash, ExpiresAt: expires}),
				tx.InsertSignInLink(store.SignInLink{Hash: hash, ExpiresAt: expires}),
				tx.InsertAPIToken(store.APIToken{ID: fmt.Sprint(i), Hash: hash, ExpiresAt: expires}),
			)
		})
	}
	update(t, s, func(tx store.Tx) error { return tx.DeleteExpired(at(2)) })
	view(t, s, func(r store.Reader) error {
		for i := range 4 {
			hash := []byte{byte(i)}
			_, err1 := r.IdempotencyRecord("w", "c", fmt.Sprint(i))
			_, err2 := r.Session(hash)
			_, err3 := r.SignInLink(hash)
			for _, err := range []error{err1, err2, err3} {
				if i == 0 {
					assert.ErrorIs(t, err, store.ErrNotFound)
				} else {
					assert.NoError(t, err, "record %d has not expired", i)
				}
			}
			_, err := r.APIToken(hash)
			assert.NoError(t, err, "API tokens have their own retention")
		}
		return nil
	})
}
