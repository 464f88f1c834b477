package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
)

func TestFullDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, storetest.SaveWithAudit(s, "before"))
	pages := queryOne[int](t, path, "PRAGMA page_count")
	require.NoError(t, sqlite.ExecOnWriter(s, fmt.Sprintf("PRAGMA max_page_count = %d", pages+20)))

	// Small updates and one that does not fit, in one batch: they wait for an
	// update that ends once all of them are queued.
	var group sync.WaitGroup
	small := make([]error, 10)
	var large error
	running, queued := make(chan struct{}), make(chan struct{})
	started := sync.OnceFunc(func() { close(running) }) // the update runs again when the batch is lost
	group.Go(func() {
		assert.NoError(t, s.Update(t.Context(), func(store.Tx) error {
			started()
			<-queued
			return nil
		}))
	})
	<-running
	for i := range small {
		group.Go(func() { small[i] = storetest.SaveWithAudit(s, fmt.Sprint("small ", i)) })
	}
	group.Go(func() {
		large = s.Update(t.Context(), func(tx store.Tx) error {
			for i := range 40 {
				c := paycor.Credential{ID: fmt.Sprint("large ", i), ApplicationID: fmt.Sprint("app ", i), Description: strings.Repeat("x", 10000), Version: 1}
				_ = tx.InsertCredential("w", c, nil) // it ignores errors
			}
			return nil
		})
	})
	assert.Eventually(t, func() bool { return sqlite.QueueLength(s) == len(small)+1 }, 10*time.Second, time.Millisecond)
	close(queued)
	group.Wait()
	require.Error(t, large)
	assert.Contains(t, large.Error(), "is full")
	assert.Contains(t, large.Error(), path)
	for i, err := range small {
		assert.NoError(t, err, "small %d", i)
	}
	assert.Zero(t, queryOne[int](t, path, "SELECT count(*) FROM credentials WHERE id LIKE 'large%'"))
	assert.Equal(t, 11, queryOne[int](t, path, "SELECT count(*) FROM credentials"))

	require.NoError(t, sqlite.ExecOnWriter(s, "PRAGMA max_page_count = 100000"))
	require.NoError(t, storetest.SaveWithAudit(s, "after"), "updates work again once there is space")
	require.Equal(t, "ok", queryOne[string](t, path, "PRAGMA integrity_check"))
}

// An update in which a statement failed is rolled back, even if it ignores the error.
func TestFailedStatementRollsBackItsUpdateOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, sqlite.ExecOnWriter(s, "DROP TABLE idempotency"))
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			if i%2 == 0 {
				assert.NoError(t, storetest.SaveWithAudit(s, fmt.Sprint(i)))
				return
			}
			err := s.Update(t.Context(), func(tx store.Tx) error {
				_ = tx.InsertCredential("w", paycor.Credential{ID: "half", ApplicationID: "app_half", Version: 1}, nil)
				_ = tx.InsertIdempotencyRecord(store.IdempotencyRecord{})
				return nil
			})
			assert.ErrorContains(t, err, path, "the failure is reported")
		})
	}
	group.Wait()
	assert.Equal(t, 10, queryOne[int](t, path, "SELECT count(*) FROM credentials"))
}
