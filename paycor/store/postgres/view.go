package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/groupcommit"
	"paycorcred/paycor/store/records"
)

// View runs read on one consistent snapshot.
func (s *DB) View(ctx context.Context, read func(store.Reader) error) error {
	return s.view(ctx, s.views, read)
}

func (s *DB) view(ctx context.Context, pool *pgxpool.Pool, read func(store.Reader) error) error {
	return s.snapshot(ctx, pool, func(conn connection) error {
		t := records.NewView(ctx, conn, s.records())
		defer t.End()
		return read(t)
	})
}

// beginView begins a transaction of a view.
const beginView = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`

// snapshot runs read in a transaction that only reads.
func (s *DB) snapshot(ctx context.Context, pool *pgxpool.Pool, read func(connection) error) error {
	acquired, err := s.acquire(ctx, pool, func(conn connection) error { return conn.control(ctx, beginView) })
	if err != nil {
		return err
	}
	conn := connection{acquired.Conn(), s}
	defer acquired.Release() // it closes a connection in a transaction that did not end
	// Whatever becomes of the read, the transaction has nothing to lose. The caller's context
	// may be canceled, and the connection is good for the next one anyway.
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonTimeout)
		defer cancel()
		_ = conn.control(ending, `ROLLBACK`)
	}()
	return read(conn)
}

// acquire waits for a connection and calls first with it. When the database restarts, all
// connections of the pool are found broken then, and first is called with another one.
func (s *DB) acquire(ctx context.Context, pool *pgxpool.Pool, first func(connection) error) (*pgxpool.Conn, error) {
	for left := pool.Config().MaxConns; ; left-- {
		if s.closed.Load() {
			return nil, groupcommit.ErrClosed
		}
		acquired, err := pool.Acquire(ctx)
		if err != nil {
			return nil, s.explainConnect(ctx, err)
		}
		if err = first(connection{acquired.Conn(), s}); err == nil {
			return acquired, nil
		}
		acquired.Release()
		if !errors.As(err, new(*lostError)) || left == 0 {
			return nil, err
		}
	}
}

// read reads one value without a transaction.
func (s *DB) read(ctx context.Context, pool *pgxpool.Pool, query string, values ...any) error {
	acquired, err := s.acquire(ctx, pool, func(conn connection) error { return conn.Row(ctx, query, nil, values...) })
	if err == nil {
		acquired.Release()
	}
	return err
}
