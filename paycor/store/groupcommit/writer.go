package groupcommit

import (
	"context"
	"errors"
	"slices"
	"sync"

	"paycorcred/paycor/store"
)

var (
	// ErrClosed means that the store is closed.
	ErrClosed = errors.New("the store is closed")

	// errAborted means that an update's function panicked or ended its goroutine.
	errAborted = errors.New("the update did not complete")
)

// Writer runs updates on the one connection that writes.
//
// A commit waits for a disk sync, which takes far longer than the statements.
// Updates that wait at the same time therefore share one transaction. One of the
// waiting callers becomes the leader: it begins the transaction, runs each
// waiting update in a savepoint, commits, and only then reports the results. An
// update that fails is rolled back to its savepoint without affecting the others.
// Each update runs on its caller's goroutine, so a panic stays there.
type Writer struct {
	engine Engine
	leader chan struct{} // holds a token while there is a leader

	mutex   sync.Mutex
	waiting []*update
	closed  bool
}

// update is one running call of Update.
type update struct {
	ctx     context.Context
	write   func(store.Tx) error
	start   chan Tx       // from the leader: run now
	stopped chan struct{} // to the leader: write returned
	done    chan struct{} // closed once the result is final

	err       error
	abandoned bool // the caller's goroutine ended within write
}

// NewWriter returns a Writer on a connection, which Close closes.
func NewWriter(engine Engine) *Writer {
	return &Writer{engine: engine, leader: make(chan struct{}, 1)}
}

// Do runs write in a transaction. It returns once the transaction is durable or
// rolled back. write may run more than once.
func (w *Writer) Do(ctx context.Context, write func(store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u := &update{ctx: ctx, write: write, start: make(chan Tx), stopped: make(chan struct{}, 1), done: make(chan struct{})}
	if err := w.enqueue(u); err != nil {
		return err
	}
	canceled := ctx.Done()
	for {
		select {
		case <-u.done:
			return u.err
		case t := <-u.start:
			u.run(t)
		case w.leader <- struct{}{}:
			w.lead(u)
		case <-canceled:
			if w.withdraw(u) {
				return ctx.Err()
			}
			// It is already in a transaction and may be committed: report that result.
			canceled = nil
		}
	}
}

// run calls write and reports the result to the leader, even if write panics.
func (u *update) run(t Tx) {
	u.err, u.abandoned = errAborted, true
	defer func() { u.stopped <- struct{}{} }()
	err := u.write(t)
	if err == nil {
		err = t.Flush()
	}
	if failure := t.Failure(); failure != nil {
		err = failure // some statements failed, even if write ignored that
	}
	u.err, u.abandoned = err, false
}

func (w *Writer) enqueue(u *update) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.closed {
		return ErrClosed
	}
	w.waiting = append(w.waiting, u)
	return nil
}

// withdraw removes u from the queue and reports whether it was there.
func (w *Writer) withdraw(u *update) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	i := slices.Index(w.waiting, u)
	if i < 0 {
		return false
	}
	w.waiting = slices.Delete(w.waiting, i, i+1)
	return true
}

// next removes the first update from the queue; nil if it is empty.
func (w *Writer) next() *update {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if len(w.waiting) == 0 {
		return nil
	}
	u := w.waiting[0]
	w.waiting = slices.Delete(w.waiting, 0, 1)
	return u
}

// requeue puts updates back at the front of the queue.
func (w *Writer) requeue(updates []*update) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.waiting = slices.Concat(updates, w.waiting)
}

// lead runs batches until the leader's own update is done.
func (w *Writer) lead(own *update) {
	defer func() { <-w.leader }()
	for {
		select {
		case <-own.done:
			return
		default:
		}
		w.runBatch(own)
	}
}

// Close waits for the queue to drain and rejects later updates.
func (w *Writer) Close() error {
	w.mutex.Lock()
	closed := w.closed
	w.closed = true
	w.mutex.Unlock()
	if closed {
		return nil
	}
	for {
		w.leader <- struct{}{}
		w.mutex.Lock()
		left := len(w.waiting)
		w.mutex.Unlock()
		if left == 0 {
			return w.engine.Close() // keeps the leader token, so nobody leads again
		}
		<-w.leader
	}
}

// Waiting returns the number of waiting updates, for tests.
func (w *Writer) Waiting() int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return len(w.waiting)
}
