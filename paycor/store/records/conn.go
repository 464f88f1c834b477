package records

import "context"

// Conn is a connection with a running transaction. Its errors say which database they are
// about; that of a value, or of a part of the database, that cannot be read is ErrDamaged.
//
// Statements have arguments ?1, ?2, …, or ? for the next one. An engine that is not SQLite
// translates these words of SQLite:
//   - json_each(?1) is the elements of a JSON list, with columns key, from 0, and value.
//   - CROSS JOIN … ON is a join in the order in which it is written.
//   - INDEXED BY and NOT INDEXED say which index to use.
//   - max and min of two values are the greater and the smaller one.
//   - instr is the position of one text in another, from 1, or 0.
//   - ?1 IS NULL asks about a text.
type Conn interface {
	// Exec runs a statement and returns the number of changed rows.
	Exec(ctx context.Context, query string, arguments ...any) (changed int64, err error)
	// Queue runs a statement of which only its failure matters. An engine may send it together
	// with the next one that has a result, which then returns its failure, or with Flush.
	Queue(ctx context.Context, query string, arguments ...any) error
	// Flush runs what is queued.
	Flush(ctx context.Context) error
	// Row reads one row into destinations, or returns store.ErrNotFound.
	Row(ctx context.Context, query string, arguments []any, destinations ...any) error
	// Rows calls each for every row, in order. each does not use the connection.
	Rows(ctx context.Context, query string, arguments []any, each func(Scan) error) error
}

// Scan reads the columns of one row into destinations.
type Scan func(destinations ...any) error
