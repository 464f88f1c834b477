package groupcommit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/groupcommit"
)

var (
	errLost    = errors.New("the connection is lost")
	errRefused = errors.New("refused")
)

// engine keeps what updates write in memory. An update writes with its tx.
type engine struct {
	stored, running []string
	savepoint       int
	broken          bool // the transaction is lost
	commits         int
	failCommit      func(commit int) error
	failBegin       error
	away            chan struct{} // if not nil, a transaction begins when it is closed
	closed          bool
}

type tx struct {
	store.Tx // not used
	engine   *engine
	failure  error
	queued   error // of what is queued
	ended    bool
}

func (t *tx) Flush() error   { return t.queued }
func (t *tx) Failure() error { return t.failure }
func (t *tx) End()           { t.ended = true }

// write stores a name, or fails as the engine would.
func (t *tx) write(name string, failure error) {
	t.failure = failure
	t.engine.broken = t.engine.broken || errors.Is(failure, errLost)
	t.engine.running = append(t.engine.running, name)
}

func (e *engine) Begin(ctx context.Context) error {
	e.running, e.broken = nil, false
	if e.away != nil {
		select {
		case <-e.away:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return e.failBegin
}

func (e *engine) Commit() error {
	e.commits++
	if e.failCommit != nil {
		if err := e.failCommit(e.commits); err != nil {
			return err
		}
	}
	if e.broken {
		return errLost
	}
	e.stored = append(e.stored, e.running...)
	return nil
}

func (e *engine) RollBack()        { e.running = nil }
func (e *engine) Savepoint() error { e.savepoint = len(e.running); return nil }

func (e *engine) Undo() error {
	if e.broken {
		return errLost
	}
	e.running = e.running[:e.savepoint]
	return nil
}

func (e *engine) Release() error                 { return nil }
func (e *engine) NewTx() (groupcommit.Tx, error) { return &tx{engine: e}, nil }
func (e *engine) Retryable(err error) bool       { return errors.Is(err, errLost) }
func (e *engine) Close() error                   { e.closed = true; return nil }

// together runs updates that wait at the same time, and returns their results.
func together(t *testing.T, w *groupcommit.Writer, updates ...func(store.Tx) error) []error {
	t.Helper()
	results := make([]error, len(updates))
	var group sync.WaitGroup
	running, queued := make(chan struct{}), make(chan struct{})
	first := sync.OnceFunc(func() { close(running) })
	group.Go(func() {
		_ = w.Do(t.Context(), func(store.Tx) error {
			first()
			<-queued
			return errRefused // it is not one of them
		})
	})
	<-running
	for i, update := range updates {
		group.Go(func() { results[i] = w.Do(t.Context(), update) })
		for w.Waiting() < i+1 { // in this order
			continue
		}
	}
	close(queued)
	group.Wait()
	return results
}

func writes(name string, result error) func(store.Tx) error {
	return func(t store.Tx) error {
		t.(*tx).write(name, nil)
		return result
	}
}

func TestUpdatesShareATransaction(t *testing.T) {
	t.Parallel()
	e := &engine{}
	results := together(t, groupcommit.NewWriter(e), writes("a", nil), writes("b", errRefused), writes("c", nil))
	assert.Equal(t, []error{nil, errRefused, nil}, results)
	assert.Equal(t, []string{"a", "c"}, e.stored)
	assert.Equal(t, 1, e.commits)
}

// An update that the engine fails, even if it ignores that, is not stored.
func TestIgnoredFailure(t *testing.T) {
	t.Parallel()
	e := &engine{}
	results := together(t, groupcommit.NewWriter(e), writes("a", nil), func(t store.Tx) error {
		t.(*tx).write("b", errRefused)
		return nil
	})
	assert.Equal(t, []error{nil, errRefused}, results)
	assert.Equal(t, []string{"a"}, e.stored)
}

// An update whose queued statements fail is not stored, and they do not run for one that
// failed.
func TestQueuedStatements(t *testing.T) {
	t.Parallel()
	e := &engine{}
	queues := func(name string, queued, result error) func(store.Tx) error {
		return func(t store.Tx) error {
			t.(*tx).write(name, nil)
			t.(*tx).queued = queued
			return result
		}
	}
	results := together(t, groupcommit.NewWriter(e), queues("a", nil, nil), queues("b", assert.AnError, nil), queues("c", assert.AnError, errRefused))
	assert.Equal(t, []error{nil, assert.AnError, errRefused}, results)
	assert.Equal(t, []string{"a"}, e.stored)
}

// Updates run again when the connection is lost, wherever that happens, and are stored
// once.
func TestLostConnection(t *testing.T) {
	t.Parallel()
	lostOnce := func() func(store.Tx) error {
		runs := 0
		return func(t store.Tx) error {
			runs++
			if runs == 1 {
				t.(*tx).write("lost", errLost)
				return nil
			}
			t.(*tx).write("again", nil)
			return nil
		}
	}
	commitLost := func(commit int) error {
		if commit == 1 {
			return errLost
		}
		return nil
	}
	for name, test := range map[string]struct {
		failCommit func(int) error
		updates    []func(store.Tx) error
		want       []string
	}{
		"in the only update":       {nil, []func(store.Tx) error{lostOnce()}, []string{"again"}},
		"in the first update":      {nil, []func(store.Tx) error{lostOnce(), writes("b", nil)}, []string{"again", "b"}},
		"in a later update":        {nil, []func(store.Tx) error{writes("a", nil), lostOnce()}, []string{"a", "again"}},
		"in the commit of one":     {commitLost, []func(store.Tx) error{writes("a", nil)}, []string{"a"}},
		"in the commit of several": {commitLost, []func(store.Tx) error{writes("a", nil), writes("b", nil)}, []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &engine{failCommit: test.failCommit}
			for _, err := range together(t, groupcommit.NewWriter(e), test.updates...) {
				require.NoError(t, err)
			}
			slices.Sort(e.stored)
			slices.Sort(test.want)
			assert.Equal(t, test.want, e.stored)
		})
	}
}

// An outcome that is not known is reported, and the update does not run again. A database
// that stays away ends the attempts.
func TestAttemptsEnd(t *testing.T) {
	t.Parallel()
	errUnknown := errors.New("nobody knows")
	e := &engine{failCommit: func(int) error { return errUnknown }}
	runs := 0
	err := groupcommit.NewWriter(e).Do(t.Context(), func(store.Tx) error { runs++; return nil })
	require.ErrorIs(t, err, errUnknown)
	assert.Equal(t, 1, runs)

	e = &engine{failCommit: func(int) error { return fmt.Errorf("once more: %w", errLost) }}
	runs = 0
	err = groupcommit.NewWriter(e).Do(t.Context(), func(store.Tx) error { runs++; return nil })
	require.ErrorIs(t, err, errLost)
	assert.Greater(t, runs, 1)

	e = &engine{failBegin: errLost}
	results := together(t, groupcommit.NewWriter(&engine{}), writes("a", nil))
	require.NoError(t, results[0])
	err = groupcommit.NewWriter(e).Do(t.Context(), func(store.Tx) error { t.Error("it ran"); return nil })
	require.ErrorIs(t, err, errLost)
}

// A caller that leaves while the database is away does not wait for it. The others do, and
// succeed when it is back.
func TestLeavingWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	e := &engine{away: make(chan struct{})}
	w := groupcommit.NewWriter(e)
	ctx, leave := context.WithCancel(t.Context())
	first, second := make(chan error), make(chan error)
	go func() { first <- w.Do(ctx, writes("first", nil)) }()
	for w.Waiting() < 1 {
		continue
	}
	go func() { second <- w.Do(t.Context(), writes("second", nil)) }()
	for w.Waiting() < 2 {
		continue
	}
	leave()
	require.ErrorIs(t, <-first, context.Canceled)
	close(e.away)
	require.NoError(t, <-second)
	assert.Equal(t, []string{"second"}, e.stored)
}

func TestClose(t *testing.T) {
	t.Parallel()
	e := &engine{}
	w := groupcommit.NewWriter(e)
	require.NoError(t, w.Do(t.Context(), writes("a", nil)))
	require.NoError(t, w.Close())
	require.NoError(t, w.Close())
	assert.True(t, e.closed)
	require.ErrorIs(t, w.Do(t.Context(), writes("b", nil)), groupcommit.ErrClosed)
	assert.Equal(t, []string{"a"}, e.stored)
}
