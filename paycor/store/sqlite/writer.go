package sqlite

import (
	"context"

	"paycorcred/paycor/store/groupcommit"
)

// writerConnection is the connection that writes. No caller's context cancels what it
// does: one that can be canceled would also cost a goroutine for each statement.
type writerConnection struct {
	db   *DB
	conn *connection
}

var _ groupcommit.Engine = writerConnection{}

// Begin locks the database for writing, once no other process has locked it.
func (w writerConnection) Begin(ctx context.Context) error {
	return retryWhileBusy(ctx, func() error { return w.exec("BEGIN IMMEDIATE") })
}

func (w writerConnection) Commit() error {
	err := w.exec("COMMIT")
	if err != nil {
		w.RollBack()
	}
	return err
}

// RollBack ignores the error: after some failures SQLite has already rolled back
// and reports that no transaction is active.
func (w writerConnection) RollBack() { _ = w.exec("ROLLBACK") }

func (w writerConnection) Savepoint() error { return w.exec("SAVEPOINT one") }
func (w writerConnection) Undo() error      { return w.exec("ROLLBACK TO one") }
func (w writerConnection) Release() error   { return w.exec("RELEASE one") }
func (w writerConnection) Close() error     { return w.conn.close() }

func (w writerConnection) NewTx() (groupcommit.Tx, error) {
	if err := w.db.keys.Refresh(context.Background(), w.conn); err != nil {
		return nil, err
	}
	return w.db.newTx(context.Background(), w.conn), nil
}

// Retryable reports false: SQLite waits until no other process writes.
func (w writerConnection) Retryable(error) bool { return false }

func (w writerConnection) exec(statement string) error {
	_, err := w.conn.Exec(context.Background(), statement)
	return err
}
