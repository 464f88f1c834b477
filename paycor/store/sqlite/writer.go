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
	session *session
	sealer  *seal.Sealer
	lead    chan struct{} // holds one token while somebody leads

	mutex   sync.Mutex
	waiting []*update
	closed  bool
}

// update is one call of Update under way.
type update struct {
	ctx   context.Context
	write func(store.Tx) error
	turn  chan *tx      // the leader gives the turn
	ran   chan struct{} // the caller gives it back
	done  chan struct{} // closed once the outcome is on the disk

	err  error
	gone bool // its caller cannot take another turn
}

func newWriter(s *session, sealer *seal.Sealer) *writer {
	return &writer{session: s, sealer: sealer, lead: make(chan struct{}, 1)}
}

// do runs write in a transaction and returns once it is durable, or once
// nothing of it is kept.
func (w *writer) do(ctx context.Context, write func(store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u := &update{ctx: ctx, write: write, turn: make(chan *tx), ran: make(chan struct{}, 1), done: make(chan struct{})}
	if err := w.enter(u); err != nil {
		return err
	}
	ended := ctx.Done()
	for {
		select {
		case <-u.done:
			return u.err
		case t := <-u.turn:
			u.run(t)
		case w.lead <- struct{}{}:
			w.serve(u)
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
	u.err, u.gone = errAborted, true
	defer func() { u.ran <- struct{}{} }()
	err := u.write(t)
	if t.broken != nil {
		// The engine failed within it. Part of it may be missing, whether or
		// not write minded.
		err = t.broken
	}
	u.err, u.gone = err, false
}

func (w *writer) enter(u *update) error {
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

// again puts updates back, before all others.
func (w *writer) again(updates []*update) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.waiting = slices.Concat(updates, w.waiting)
}

// serve leads until the leader's own update is through.
func (w *writer) serve(own *update) {
	defer func() { <-w.lead }()
	for {
		select {
		case <-own.done:
			return
		default:
		}
		w.serveBatch(own)
	}
}

// serveBatch runs what waits in one transaction. Where the transaction as a
// whole breaks, by one update's fault, each is run again alone.
func (w *writer) serveBatch(own *update) {
	var batch []*update
	finished := false
	defer func() {
		if finished {
			return
		}
		// The leader's own write panicked or ended its goroutine. The others
		// wait on under the next leader.
		w.rollBack()
		w.again(slices.DeleteFunc(batch, func(u *update) bool { return u == own || u.gone }))
	}()

	err := w.transact(own, func() *update {
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
	if len(batch) > 1 && errors.As(err, new(*brokenError)) {
		for len(batch) > 0 {
			alone := batch[:1]
			conclude(alone, w.transact(own, once(alone[0])))
			batch = batch[1:]
		}
	}
	conclude(batch, err)
	finished = true
}

// once gives out one update, if its caller can still take a turn.
func once(u *update) func() *update {
	given := u.gone
	return func() *update {
		if given {
			return nil
		}
		given = true
		return u
	}
}

// conclude tells updates their outcome: their own, or err for all of them.
func conclude(updates []*update, err error) {
	for _, u := range updates {
		if err != nil && !u.gone {
			u.err = err
		}
		close(u.done)
	}
}

// brokenError is why one update's turn has ended the transaction of all.
type brokenError struct{ cause error }

func (e *brokenError) Error() string { return e.cause.Error() }
func (e *brokenError) Unwrap() error { return e.cause }

// transact gives each update its turn within one transaction and commits.
// With an error, nothing is kept.
func (w *writer) transact(own *update, next func() *update) error {
	if err := w.beginTransaction(); err != nil {
		return err
	}
	first := true
	for u := next(); u != nil; u = next() {
		var err error
		if first {
			first, err = w.giveFirst(u, own)
		} else {
			err = w.give(u, own)
		}
		if err != nil {
			w.rollBack()
			return &brokenError{err}
		}
	}
	if err := w.control("COMMIT"); err != nil {
		w.rollBack()
		return err
	}
	return nil
}

// giveFirst gives the first update its turn. It needs no savepoint, for there
// is nothing before it to save: when it fails, the transaction begins anew and
// the next one is the first.
func (w *writer) giveFirst(u, own *update) (still bool, err error) {
	w.turn(u, own)
	if u.err == nil {
		return false, nil
	}
	w.rollBack()
	return true, w.beginTransaction()
}

// give gives one update its turn within a savepoint. An error means that the
// whole transaction is lost.
func (w *writer) give(u, own *update) error {
	if err := w.control("SAVEPOINT one"); err != nil {
		return err
	}
	w.turn(u, own)
	if u.err != nil {
		if w.control("ROLLBACK TO one") != nil {
			return u.err
		}
	}
	return w.control("RELEASE one")
}

// turn lets an update write, on its own caller's goroutine, and waits for it.
func (w *writer) turn(u, own *update) {
	if u.err = u.ctx.Err(); u.err != nil {
		return
	}
	t := &tx{ctx: context.Background(), session: w.session, sealer: w.sealer}
	if u == own {
		u.run(t)
	} else {
		u.turn <- t
	}
	<-u.ran
	t.over = true
}

// control runs a statement that begins or ends something. The context of no
// caller may stop it: it is for all of them.
func (w *writer) control(statement string) error {
	_, err := w.session.exec(context.Background(), statement)
	return err
}

// beginTransaction takes the database's lock for writing, once no other
// process holds it.
func (w *writer) beginTransaction() error {
	return whenFree(context.Background(), func() error { return w.control("BEGIN IMMEDIATE") })
}

// rollBack ends a transaction, where there still is one: SQLite ends it by
// itself after some failures, and then says that none is active.
func (w *writer) rollBack() { _ = w.control("ROLLBACK") }

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
		w.lead <- struct{}{}
		w.mutex.Lock()
		left := len(w.waiting)
		w.mutex.Unlock()
		if left == 0 {
			return w.session.close() // the lead is kept for good
		}
		<-w.lead
	}
}
