package postgres

import (
	"context"
	"fmt"

	"paycorcred/paycor/message"
)

// outcome finds out what became of a transaction whose connection broke while it committed.
// It returns nil if it was committed, and a *lostError, so that its updates run again, if it
// was not.
//
// The lock of store_state is free only once the transaction has ended either way, and then
// the row of this process has its number or not. That holds after a failover, too, where the
// new primary may not have the transaction.
func (w *writer) outcome(cause error) error {
	var committed int64
	err := w.retry(context.Background(), func(ctx context.Context) error {
		if err := w.connect(ctx); err != nil {
			return err
		}
		defer w.RollBack()
		if err := w.connection().control(ctx, `BEGIN; `+selectChange+` FOR UPDATE`); err != nil {
			return err
		}
		const query = `SELECT coalesce(max(last_commit), 0) FROM replicas WHERE id = ?`
		return w.connection().Row(ctx, query, []any{w.id}, &committed)
	})
	switch {
	case err != nil:
		return message.Wrapf(fmt.Errorf("%w; asking what became of it: %w", cause, unretryable(err)), "store.postgres-unknown", w.db.name)
	case committed == w.number:
		w.db.config.Logger.Warn("the connection to the database broke during a commit, which succeeded", "database", w.db.name, "error", cause)
		return nil
	}
	w.db.config.Logger.Warn("the connection to the database broke before a commit, which is repeated", "database", w.db.name, "error", cause)
	return w.db.lost(cause)
}

// unretryable returns an error without its kind: an update whose outcome is unknown must
// not run again.
func unretryable(err error) error { return fmt.Errorf("%s", err) }
