package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/records"
)

// connection is one connection to the database with its prepared statements.
// One goroutine uses it at a time.
type connection struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	explain    func(error) error
}

// prepare returns the statement for a query. Queries are constants, so the
// number of cached statements is bounded.
func (c *connection) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if statement, ok := c.statements[query]; ok {
		return statement, nil
	}
	statement, err := c.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.statements[query] = statement
	return statement, nil
}

// Exec runs a statement and returns the number of changed rows.
func (c *connection) Exec(ctx context.Context, query string, arguments ...any) (int64, error) {
	statement, err := c.prepare(ctx, query)
	if err != nil {
		return 0, c.explain(err)
	}
	result, err := statement.ExecContext(ctx, arguments...)
	if err != nil {
		return 0, c.explain(err)
	}
	changed, err := result.RowsAffected()
	return changed, c.explain(err)
}

// Queue runs a statement at once: it takes no round trip.
func (c *connection) Queue(ctx context.Context, query string, arguments ...any) error {
	_, err := c.Exec(ctx, query, arguments...)
	return err
}

// Flush has nothing to run.
func (c *connection) Flush(context.Context) error { return nil }

// set sets options of the connection, in the form of PRAGMA statements.
func (c *connection) set(ctx context.Context, pragmas ...string) error {
	for _, pragma := range pragmas {
		if _, err := c.conn.ExecContext(ctx, "PRAGMA "+pragma); err != nil {
			return c.explain(err)
		}
	}
	return nil
}

// Row reads one row into destinations; ErrNotFound if there is none.
func (c *connection) Row(ctx context.Context, query string, arguments []any, destinations ...any) error {
	statement, err := c.prepare(ctx, query)
	if err != nil {
		return c.explain(err)
	}
	err = columnError(statement.QueryRowContext(ctx, arguments...).Scan(destinations...))
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	return c.explain(err)
}

// Rows calls each for every row, in order.
func (c *connection) Rows(ctx context.Context, query string, arguments []any, each func(records.Scan) error) (err error) {
	statement, err := c.prepare(ctx, query)
	if err != nil {
		return c.explain(err)
	}
	rows, err := statement.QueryContext(ctx, arguments...)
	if err != nil {
		return c.explain(err)
	}
	defer func() { err = errors.Join(err, c.explain(rows.Close())) }()
	scan := func(destinations ...any) error { return columnError(rows.Scan(destinations...)) }
	for rows.Next() {
		if err := each(scan); err != nil {
			return c.explain(err)
		}
	}
	return c.explain(rows.Err())
}

// close releases the statements and the connection.
func (c *connection) close() error {
	var errs []error
	for _, statement := range c.statements {
		errs = append(errs, statement.Close())
	}
	if err := errors.Join(append(errs, c.conn.Close())...); err != nil {
		return fmt.Errorf("closing a connection: %w", err)
	}
	return nil
}
