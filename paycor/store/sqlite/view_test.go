package sqlite_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// However many lists run and wait, a view starts at once, and lists of others get a turn.
func TestListsDoNotKeepViewsWaiting(t *testing.T) {
	t.Parallel()
	s := open(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db"), Readers: 1, ListReaders: 1})
	hostile := paycor.Caller{Kind: paycor.CallerConsumer, Workspace: "v", ID: "hostile"}
	ctx, cancel := context.WithCancel(t.Context())
	started, finish := make(chan struct{}, 1), make(chan struct{})
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			_ = s.List(ctx, hostile, func(store.Reader) error {
				select {
				case started <- struct{}{}:
				default:
				}
				<-finish
				return nil
			})
		})
	}
	<-started
	require.NoError(t, s.Ping(t.Context()))
	for range 10 {
		require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
			_, err := r.APIToken([]byte("none"))
			assert.ErrorIs(t, err, store.ErrNotFound)
			return nil
		}))
	}
	cancel()
	close(finish)
	group.Wait()
	require.NoError(t, s.List(t.Context(), hostile, func(store.Reader) error { return nil }))
}

// A caller whose requests pile up is told so, instead of piling up memory.
func TestTooManyWaitingListsAreRejected(t *testing.T) {
	t.Parallel()
	s := open(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db"), ListReaders: 1})
	caller := paycor.Caller{Kind: paycor.CallerConsumer, Workspace: "v", ID: "hostile"}
	finish, results := make(chan struct{}), make(chan error, 100)
	for range cap(results) {
		go func() {
			results <- s.List(t.Context(), caller, func(store.Reader) error { <-finish; return nil })
		}()
	}
	for range cap(results) - 65 { // 64 wait and one runs
		err := <-results
		assert.Equal(t, paycor.KindBusy, paycor.KindOf(err), "%v", err)
	}
	close(finish)
	for range 65 {
		assert.NoError(t, <-results)
	}
}
