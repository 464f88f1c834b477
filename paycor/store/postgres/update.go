package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/records"
)

// update is what one update writes with.
type update struct {
	*records.Tx
	change  int64 // number of its transaction in the database
	revises bool  // it may have changed what processes keep in memory
}

// maxQueued is how many statements wait to be sent together.
const maxQueued = 256

// updateConnection is the connection of one update. It notes what that changed. Statements
// that have no result wait for the next one that has, because each round trip delays the
// updates of all processes.
type updateConnection struct {
	connection
	writer *writer
	update *update
	queued pgx.Batch
}

var _ records.Conn = (*updateConnection)(nil)

// note notes that a statement changed some rows.
func (c *updateConnection) note(query string, changed int64) {
	if changed == 0 {
		return
	}
	c.writer.wrote = true
	if translation(query).revises {
		c.writer.revises, c.update.revises = true, true
	}
}

// queue adds a statement to those that wait.
func (c *updateConnection) queue(query string, arguments []any) *pgx.QueuedQuery {
	text, arguments := translated(query, arguments)
	return c.queued.Queue(text, arguments...)
}

// send sends what waits, in one round trip. Its error is not explained yet.
func (c *updateConnection) send(ctx context.Context) error {
	batch := c.queued
	c.queued = pgx.Batch{}
	return c.conn.SendBatch(ctx, &batch).Close()
}

// Queue runs a statement with the next one that has a result.
func (c *updateConnection) Queue(ctx context.Context, query string, arguments ...any) error {
	c.queue(query, arguments).Exec(func(result pgconn.CommandTag) error {
		c.note(query, result.RowsAffected())
		return nil
	})
	if c.queued.Len() < maxQueued {
		return nil
	}
	return c.Flush(ctx)
}

// Flush runs what waits.
func (c *updateConnection) Flush(ctx context.Context) error {
	if c.queued.Len() == 0 {
		return nil
	}
	return c.explain(c.send(ctx))
}

// Exec runs a statement and returns the number of changed rows.
func (c *updateConnection) Exec(ctx context.Context, query string, arguments ...any) (changed int64, err error) {
	if c.queued.Len() == 0 {
		changed, err = c.connection.Exec(ctx, query, arguments...)
		c.note(query, changed)
		return changed, err
	}
	c.queue(query, arguments).Exec(func(result pgconn.CommandTag) error {
		changed = result.RowsAffected()
		c.note(query, changed)
		return nil
	})
	return changed, c.explain(c.send(ctx))
}

// Row reads one row into destinations; ErrNotFound if there is none.
func (c *updateConnection) Row(ctx context.Context, query string, arguments []any, destinations ...any) error {
	if c.queued.Len() == 0 {
		return c.connection.Row(ctx, query, arguments, destinations...)
	}
	none := false // an error would make the driver forget the statements of the batch
	c.queue(query, arguments).QueryRow(func(row pgx.Row) error {
		err := row.Scan(destinations...)
		if none = errors.Is(err, pgx.ErrNoRows); none {
			return nil
		}
		return err
	})
	if err := c.explainRow(c.send(ctx)); err != nil || !none {
		return err
	}
	return store.ErrNotFound
}

// Rows calls each for every row, which a DELETE … RETURNING changed.
func (c *updateConnection) Rows(ctx context.Context, query string, arguments []any, each func(records.Scan) error) error {
	noting := func(scan records.Scan) error {
		c.note(query, 1)
		return each(scan)
	}
	if c.queued.Len() == 0 {
		return c.connection.Rows(ctx, query, arguments, noting)
	}
	c.queue(query, arguments).Query(func(rows pgx.Rows) error { return forEach(rows, noting) })
	return c.explain(c.send(ctx))
}
