package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/records"
)

// connection runs the statements of package records. One goroutine uses it at a time.
type connection struct {
	conn *pgx.Conn
	db   *DB
}

var _ records.Conn = connection{}

// Exec runs a statement and returns the number of changed rows.
func (c connection) Exec(ctx context.Context, query string, arguments ...any) (int64, error) {
	text, arguments := translated(query, arguments)
	done, err := c.conn.Exec(ctx, text, arguments...)
	return done.RowsAffected(), c.explain(err)
}

// Queue runs a statement at once.
func (c connection) Queue(ctx context.Context, query string, arguments ...any) error {
	_, err := c.Exec(ctx, query, arguments...)
	return err
}

// Flush has nothing to run.
func (c connection) Flush(context.Context) error { return nil }

// Row reads one row into destinations; ErrNotFound if there is none.
func (c connection) Row(ctx context.Context, query string, arguments []any, destinations ...any) error {
	text, arguments := translated(query, arguments)
	return c.explainRow(c.conn.QueryRow(ctx, text, arguments...).Scan(destinations...))
}

// explainRow explains the error of reading one row.
func (c connection) explainRow(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return store.ErrNotFound
	}
	return c.explain(columnError(err))
}

// Rows calls each for every row, in order.
func (c connection) Rows(ctx context.Context, query string, arguments []any, each func(records.Scan) error) error {
	text, arguments := translated(query, arguments)
	rows, err := c.conn.Query(ctx, text, arguments...)
	if err != nil {
		return c.explain(err)
	}
	defer rows.Close()
	return c.explain(forEach(rows, each))
}

// forEach calls each for every row, until it fails.
func forEach(rows pgx.Rows, each func(records.Scan) error) error {
	scan := func(destinations ...any) error { return columnError(rows.Scan(destinations...)) }
	for rows.Next() {
		if err := each(scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// control runs statements that have no arguments, in one round trip.
func (c connection) control(ctx context.Context, statements string) error {
	_, err := c.conn.PgConn().Exec(ctx, statements).ReadAll()
	return c.explain(err)
}

// explain explains an error, which may mean that the connection broke.
func (c connection) explain(err error) error {
	if err == nil {
		return nil
	}
	explained := c.db.explain(err)
	own := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	if c.conn.IsClosed() && !own && !errors.As(explained, new(*lostError)) {
		return c.db.lost(err)
	}
	return explained
}

// columnError returns an error about the value of a column as records.ErrDamaged.
func columnError(err error) error {
	if errors.As(err, new(pgx.ScanArgError)) {
		return fmt.Errorf("%w: %w", records.ErrDamaged, err)
	}
	return err
}
