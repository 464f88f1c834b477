package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"paycorcred/paycor/store"
)

// connection is one connection to the database with the statements that were
// prepared on it. One goroutine uses it at a time.
type connection struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	explain    func(error) error
}

// prepare returns the statement for query, which is prepared once. Queries
// are constants, so their number is bounded.
func (s *connection) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if statement, ok := s.statements[query]; ok {
		return statement, nil
	}
	statement, err := s.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.statements[query] = statement
	return statement, nil
}

// exec runs a statement and returns how many rows it changed.
func (s *connection) exec(ctx context.Context, query string, arguments ...any) (int64, error) {
	statement, err := s.prepare(ctx, query)
	if err != nil {
		return 0, s.explain(err)
	}
	result, err := statement.ExecContext(ctx, arguments...)
	if err != nil {
		return 0, s.explain(err)
	}
	changed, err := result.RowsAffected()
	return changed, s.explain(err)
}

// row reads one row into destinations; ErrNotFound where there is none.
func (s *connection) row(ctx context.Context, query string, arguments []any, destinations ...any) error {
	statement, err := s.prepare(ctx, query)
	if err != nil {
		return s.explain(err)
	}
	err = statement.QueryRowContext(ctx, arguments...).Scan(destinations...)
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	return s.explain(err)
}

// rows calls each for every row, in order, with what scans that row.
func (s *connection) rows(ctx context.Context, query string, arguments []any, each func(scan func(...any) error) error) (err error) {
	statement, err := s.prepare(ctx, query)
	if err != nil {
		return s.explain(err)
	}
	rows, err := statement.QueryContext(ctx, arguments...)
	if err != nil {
		return s.explain(err)
	}
	defer func() { err = errors.Join(err, s.explain(rows.Close())) }()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return s.explain(err)
		}
	}
	return s.explain(rows.Err())
}

// close lets the connection go. A failing close leaves nothing to be done
// about it but to say so.
func (s *connection) close() error {
	var errs []error
	for _, statement := range s.statements {
		errs = append(errs, statement.Close())
	}
	if err := errors.Join(append(errs, s.conn.Close())...); err != nil {
		return fmt.Errorf("closing a connection: %w", err)
	}
	return nil
}
