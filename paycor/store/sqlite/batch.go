package sqlite

import (
	"context"
	"errors"
	"slices"
)

// maxBatch is the number of updates in one transaction. It bounds how long the
// first of them waits for the last.
const maxBatch = 64

// lostTransactionError means that one update made SQLite end the transaction of
// the whole batch.
type lostTransactionError struct{ cause error }

func (e *lostTransactionError) Error() string { return e.cause.Error() }
func (e *lostTransactionError) Unwrap() error { return e.cause }

// runBatch runs waiting updates in one transaction. If one of them rolls the
// transaction back, it runs each again in a separate transaction.
func (w *writer) runBatch(own *update) {
	var batch []*update
	completed := false
	defer func() {
		if completed {
			return
		}
		// The leader's own update panicked or ended its goroutine. The next leader
		// runs the others.
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
		// The transaction did not begin, so all waiting updates fail.
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
	completed = true
}

// single returns an iterator over one update, if its caller can still run it.
func single(u *update) func() *update {
	returned := u.abandoned
	return func() *update {
		if returned {
			return nil
		}
		returned = true
		return u
	}
}

// finish reports the results of updates: err for all of them, or each its own.
func finish(updates []*update, err error) {
	for _, u := range updates {
		if err != nil && !u.abandoned {
			u.err = err
		}
		close(u.done)
	}
}

// commit runs updates in one transaction and commits it. With an error, the
// transaction is rolled back.
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

// runFirst runs an update without a savepoint, because no earlier update needs
// protection. If it fails, the transaction starts again and the next update is
// the first.
func (w *writer) runFirst(u, own *update) (stillFirst bool, err error) {
	w.run(u, own)
	if u.err == nil {
		return false, nil
	}
	w.rollBack()
	return true, w.beginTransaction()
}

// runInSavepoint runs an update in a savepoint. An error means that the whole
// transaction is lost.
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

// run runs an update on its caller's goroutine and waits for it.
func (w *writer) run(u, own *update) {
	if u.err = u.ctx.Err(); u.err != nil {
		return
	}
	// Without a cancelable context, which would cost a goroutine.
	if _, u.err = w.keys.refresh(context.Background(), w.conn); u.err != nil {
		return
	}
	t := newTx(context.Background(), w.conn, w.keys, w.macs)
	if u == own {
		u.run(t)
	} else {
		u.start <- t
	}
	<-u.stopped
	t.ended = true
}

// execControl runs a transaction control statement. It belongs to all updates of
// the batch, so no caller's context cancels it.
func (w *writer) execControl(statement string) error {
	_, err := w.conn.exec(context.Background(), statement)
	return err
}

// beginTransaction locks the database for writing, once no other process has
// locked it.
func (w *writer) beginTransaction() error {
	return retryWhileBusy(context.Background(), func() error { return w.execControl("BEGIN IMMEDIATE") })
}

// rollBack ignores the error: after some failures SQLite has already rolled back
// and reports that no transaction is active.
func (w *writer) rollBack() { _ = w.execControl("ROLLBACK") }
