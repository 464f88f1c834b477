package sqlite

import (
	"context"
	"errors"
	"slices"
	"sync"

	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
)

// maxBatch is how many updates one transaction takes at most. It bounds how
// long the first of them waits for the last.
const maxBatch = 64

// errClosed is what a closed store says.
var errClosed = errors.New("the store is closed")

// errAborted marks an update whose write panicked or ended its goroutine.
var errAborted = errors.New("the update did not come to its end")

// writer runs updates on the one connection that writes.
//
// A commit costs a sync of the disk, and the sync costs far more than the
// writing. So updates that wait at the same time share one transaction: one
// of the waiting callers takes the lead, opens the transaction, gives every
// waiting update its turn within a savepoint of its own, commits, and only
// then are all of them told. An update that fails is rolled back to its
// savepoint and does not hurt the others. Each write runs on its own caller's
// goroutine, so that a panic in it stays there.
type writer struct {
	conn   *connection
	sealer *seal.Sealer
	leader chan struct{} // holds one token while somebody leads

	mutex   sync.Mutex
	waiting []*update
	closed  bool
}

// update is one call of Update under way.
type update struct {
	ctx     context.Context
	write   func(store.Tx) error
	start   chan *tx      // the leader gives the turn
	stopped chan struct{} // the caller gives it back
	done    chan struct{} // closed once the outcome is on the disk

	err       error
	abandoned bool // its caller cannot take another turn
}

func newWriter(s *connection, sealer *seal.Sealer) *writer {
	return &writer{conn: s, sealer: sealer, leader: make(chan struct{}, 1)}
}

// do runs write in a transaction and returns once it is durable, or once
// nothing of it is kept.
func (w *writer) do(ctx context.Context, write func(store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u := &update{ctx: ctx, write: write, start: make(chan *tx), stopped: make(chan struct{}, 1), done: make(chan struct{})}
	if err := w.enqueue(u); err != nil {
		return err
	}
	ended := ctx.Done()
	for {
		select {
		case <-u.done:
			return u.err
		case t := <-u.start:
			u.run(t)
		case w.leader <- struct{}{}:
			w.lead(u)
		case <-ended:
			if w.withdraw(u) {
				return ctx.Err()
			}
			// Its turn has come: what becomes of it is the truth to tell.
			ended = nil
		}
	}
}

// run runs write and gives the turn back, whatever write does.
func (u *update) run(t *tx) {
	u.err, u.abandoned = errAborted, true
	defer func() { u.stopped <- struct{}{} }()
	err := u.write(t)
	if t.failure != nil {
		// The engine failed within it. Part of it may be missing, whether or
		// not write minded.
		err = t.failure
	}
	u.err, u.abandoned = err, false
}

func (w *writer) enqueue(u *update) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.closed {
		return errClosed
	}
	w.waiting = append(w.waiting, u)
	return nil
}

// withdraw takes u back, unless its turn has come already.
func (w *writer) withdraw(u *update) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	i := slices.Index(w.waiting, u)
	if i < 0 {
		return false
	}
	w.waiting = slices.Delete(w.waiting, i, i+1)
	return true
}

// next takes the update that waits longest; nil when none waits.
func (w *writer) next() *update {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if len(w.waiting) == 0 {
		return nil
	}
	u := w.waiting[0]
	w.waiting = slices.Delete(w.waiting, 0, 1)
	return u
}

// requeue puts updates back, before all others.
func (w *writer) requeue(updates []*update) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.waiting = slices.Concat(updates, w.waiting)
}

// lead leads until the leader's own update is through.
func (w *writer) lead(own *update) {
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

// runBatch runs what waits in one transaction. Where the transaction as a
// whole breaks, by one update's fault, each is run again alone.
func (w *writer) runBatch(own *update) {
	var batch []*update
	finished := false
	defer func() {
		if finished {
			return
		}
		// The leader's own write panicked or ended its goroutine. The others
		// wait on under the next leader.
		w.rollBack()
		w.requeue(slices.DeleteFunc(batch, func(u *update) bool { return u == own || u.abandoned }))
	}()

	err := w.commit(own, func() *update {
		if len(batch) == maxBatch {
			return nil
		}
		u := w.next()
		if u != nil {
			batch = append(batch, u)
		}
		return u
	})
	if len(batch) == 0 && err != nil {
		// It did not even begin. All who wait hear why.
		for u := w.next(); u != nil; u = w.next() {
			batch = append(batch, u)
		}
	}
	if len(batch) > 1 && errors.As(err, new(*lostTransactionError)) {
		for len(batch) > 0 {
			alone := batch[:1]
			finish(alone, w.commit(own, single(alone[0])))
			batch = batch[1:]
		}
	}
	finish(batch, err)
	finished = true
}

// single gives out one update, if its caller can still take a turn.
func single(u *update) func() *update {
	given := u.abandoned
	return func() *update {
		if given {
			return nil
		}
		given = true
		return u
	}
}

// finish tells updates their outcome: their own, or err for all of them.
func finish(updates []*update, err error) {
	for _, u := range updates {
		if err != nil && !u.abandoned {
			u.err = err
		}
		close(u.done)
	}
}

// lostTransactionError is why one update's turn has ended the transaction of all.
type lostTransactionError struct{ cause error }

func (e *lostTransactionError) Error() string { return e.cause.Error() }
func (e *lostTransactionError) Unwrap() error { return e.cause }

// commit gives each update its turn within one transaction and commits.
// With an error, nothing is kept.
func (w *writer) commit(own *update, next func() *update) error {
	if err := w.beginTransaction(); err != nil {
		return err
	}
	first := true
	for u := next(); u != nil; u = next() {
		var err error
		if first {
			first, err = w.runFirst(u, own)
		} else {
			err = w.runInSavepoint(u, own)
		}
		if err != nil {
			w.rollBack()
			return &lostTransactionError{err}
		}
	}
	if err := w.execControl("COMMIT"); err != nil {
		w.rollBack()
		return err
	}
	return nil
}

// runFirst gives the first update its turn. It needs no savepoint, for there
// is nothing before it to save: when it fails, the transaction begins anew and
// the next one is the first.
func (w *writer) runFirst(u, own *update) (still bool, err error) {
	w.run(u, own)
	if u.err == nil {
		return false, nil
	}
	w.rollBack()
	return true, w.beginTransaction()
}

// runInSavepoint gives one update its turn within a savepoint. An error means that the
// whole transaction is lost.
func (w *writer) runInSavepoint(u, own *update) error {
	if err := w.execControl("SAVEPOINT one"); err != nil {
		return err
	}
	w.run(u, own)
	if u.err != nil {
		if w.execControl("ROLLBACK TO one") != nil {
			return u.err
		}
	}
	return w.execControl("RELEASE one")
}

// run lets an update write, on its own caller's goroutine, and waits for it.
func (w *writer) run(u, own *update) {
	if u.err = u.ctx.Err(); u.err != nil {
		return
	}
	t := newTx(context.Background(), w.conn, w.sealer)
	if u == own {
		u.run(t)
	} else {
		u.start <- t
	}
	<-u.stopped
	t.ended = true
}

// execControl runs a statement that begins or ends something. The context of no
// caller may stop it: it is for all of them.
func (w *writer) execControl(statement string) error {
	_, err := w.conn.exec(context.Background(), statement)
	return err
}

// beginTransaction takes the database's lock for writing, once no other
// process holds it.
func (w *writer) beginTransaction() error {
	return retryWhileBusy(context.Background(), func() error { return w.execControl("BEGIN IMMEDIATE") })
}

// rollBack ends a transaction, where there still is one: SQLite ends it by
// itself after some failures, and then says that none is active.
func (w *writer) rollBack() { _ = w.execControl("ROLLBACK") }

// close waits for what is under way and refuses what comes later.
func (w *writer) close() error {
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
			return w.conn.close() // the lead is kept for good
		}
		<-w.leader
	}
}
