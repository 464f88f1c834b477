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
	acquired, err := s.acquire(ctx, pool)
	if err != nil {
		return err
	}
	conn := connection{acquired.Conn(), s}
	defer acquired.Release() // it closes a connection in a transaction that did not end
	// Whatever becomes of the read, the transaction has nothing to lose. The caller's context
	// may be canceled, and the connection is good for the next one anyway.
	defer func() { _ = conn.control(context.WithoutCancel(ctx), `ROLLBACK`) }()
	return read(conn)
}

// acquire waits for a connection and begins a transaction on it. A connection from before
// the database restarted is found broken then.
func (s *DB) acquire(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	const attempts = 3
	for attempt := 1; ; attempt++ {
		if s.closed.Load() {
			return nil, groupcommit.ErrClosed
		}
		acquired, err := pool.Acquire(ctx)
		if err != nil {
			return nil, s.explain(err)
		}
		if err = (connection{acquired.Conn(), s}).control(ctx, beginView); err == nil {
			return acquired, nil
		}
		acquired.Release()
		if !errors.As(err, new(*lostError)) || attempt == attempts {
			return nil, err
		}
	}
}
