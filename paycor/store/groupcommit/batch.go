package groupcommit

import (
	"context"
	"errors"
	"slices"
)

// maxBatch is the number of updates in one transaction. It bounds how long the
// first of them waits for the last.
const maxBatch = 64

// maxAttempts is how often an update runs that ends for a reason that is not its own.
const maxAttempts = 5

// lostTransactionError means that one update made the engine end the transaction of
// the whole batch.
type lostTransactionError struct{ cause error }

func (e *lostTransactionError) Error() string { return e.cause.Error() }
func (e *lostTransactionError) Unwrap() error { return e.cause }

// runBatch runs waiting updates in one transaction. If that is lost, it runs each again in
// a separate transaction.
func (w *Writer) runBatch(own *update) {
	var batch []*update
	completed := false
	defer func() {
		if completed {
			return
		}
		// The leader's own update panicked or ended its goroutine. The next leader
		// runs the others.
		w.engine.RollBack()
		w.requeue(slices.DeleteFunc(batch, func(u *update) bool { return u == own || u.abandoned }))
	}()

	err := w.commit(own.ctx, own, func() *update {
		if len(batch) == maxBatch {
			return nil
		}
		u := w.next()
		if u != nil {
			batch = append(batch, u)
		}
		return u
	})
	began := len(batch) > 0
	if !began && err != nil && own.ctx.Err() != nil && w.withdraw(own) {
		// The leader does not wait any longer. The others do, with another leader.
		batch, err = append(batch, own), own.ctx.Err()
	} else if !began && err != nil {
		// The transaction did not begin, so all waiting updates fail.
		for u := w.next(); u != nil; u = w.next() {
			batch = append(batch, u)
		}
	}
	lost := len(batch) > 1 && errors.As(err, new(*lostTransactionError))
	if began && err != nil && (lost || w.engine.Retryable(err)) {
		for len(batch) > 0 {
			alone := batch[:1]
			finish(alone, w.commitAlone(own, alone[0]))
			batch = batch[1:]
		}
		err = nil
	}
	finish(batch, err)
	completed = true
}

// commitAlone runs an update in a transaction of its own.
func (w *Writer) commitAlone(own, u *update) (err error) {
	for range maxAttempts {
		err = w.commit(u.ctx, own, single(u))
		if err == nil || !w.engine.Retryable(err) {
			return err
		}
	}
	return err
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
// transaction is rolled back. It need not begin after ctx ended.
func (w *Writer) commit(ctx context.Context, own *update, next func() *update) error {
	if err := w.engine.Begin(ctx); err != nil {
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
			w.engine.RollBack()
			return &lostTransactionError{err}
		}
	}
	if err := w.engine.Commit(); err != nil {
		w.engine.RollBack()
		return err
	}
	return nil
}

// runFirst runs an update without a savepoint, because no earlier update needs
// protection. If it fails, the transaction starts again and the next update is
// the first. An error means that the whole transaction is lost.
func (w *Writer) runFirst(u, own *update) (stillFirst bool, err error) {
	w.run(u, own)
	switch {
	case u.err == nil:
		return false, nil
	case w.engine.Retryable(u.err):
		return false, u.err
	}
	w.engine.RollBack()
	return true, w.engine.Begin(context.Background()) // for those that come after it
}

// runInSavepoint runs an update in a savepoint. An error means that the whole
// transaction is lost.
func (w *Writer) runInSavepoint(u, own *update) error {
	if err := w.engine.Savepoint(); err != nil {
		return err
	}
	w.run(u, own)
	if u.err != nil {
		if w.engine.Retryable(u.err) || w.engine.Undo() != nil {
			return u.err
		}
	}
	return w.engine.Release()
}

// run runs an update on its caller's goroutine and waits for it.
func (w *Writer) run(u, own *update) {
	if u.err = u.ctx.Err(); u.err != nil {
		return
	}
	t, err := w.engine.NewTx()
	if err != nil {
		u.err = err
		return
	}
	if u == own {
		u.run(t)
	} else {
		u.start <- t
	}
	<-u.stopped
	t.End()
}
