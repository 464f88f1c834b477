package groupcommit

import (
	"context"

	"paycorcred/paycor/store"
)

// Engine is the connection of a database that writes. One goroutine uses it at a time. No
// caller's context cancels what it does in a transaction, because that belongs to all
// updates of it.
type Engine interface {
	// Begin begins a transaction once no other process writes. It may return early when ctx
	// ends: nothing has run yet.
	Begin(ctx context.Context) error
	// Commit makes the transaction durable. With an error, nothing of it is kept.
	Commit() error
	// RollBack ends the transaction if there is one.
	RollBack()
	// Savepoint begins a part of the transaction that can be undone by itself.
	Savepoint() error
	// Undo undoes everything since the savepoint, and keeps it.
	Undo() error
	// Release forgets the savepoint.
	Release() error
	// NewTx returns what an update writes with, in the running transaction.
	NewTx() (Tx, error)
	// Retryable reports whether an error ended the transaction for a reason that is not
	// in its updates, so that they can run again.
	Retryable(err error) bool
	// Close closes the connection.
	Close() error
}

// Tx is what one update writes with.
type Tx interface {
	store.Tx
	// Flush runs statements whose results the update did not wait for.
	Flush() error
	// Failure returns the first failure of the engine, which the update may have ignored.
	Failure() error
	// End makes every later use fail.
	End()
}
