package storetest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/store"
)

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
