package postgres

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"paycorcred/paycor/seal"
	"paycorcred/paycor/store/groupcommit"
	"paycorcred/paycor/store/records"
)

// writer is the connection that writes. It connects again when it is lost.
type writer struct {
	db     *DB
	conn   *pgx.Conn // may be closed
	id     string    // of this process, in the table replicas
	number int64     // of the transaction in this process
	change int64     // of the transaction in the database
	ended  bool      // there is a savepoint to release
	last   *update   // of the transaction; nil before its first update

	keysets seal.Wrapped // of the database when the transaction began

	wrote   bool // the transaction changed something
	revises bool // it may have changed what processes keep in memory
}

var _ groupcommit.Engine = (*writer)(nil)

func newWriter(db *DB) *writer { return &writer{db: db, id: rand.Text()} }

// beginUpdate begins a transaction, and reads the keys. Its statements see what other processes
// wrote before, because they come after the one that locks the row of store_state. The server ends a
// transaction in which nothing happens: a process that lost its network must not keep all
// others from writing, and is to find out in time what became of its commit.
const beginUpdate = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
	SET LOCAL idle_in_transaction_session_timeout = %[3]d;
	%[4]s;
	UPDATE store_state SET change = change + 1 WHERE id = 1 RETURNING change;
	INSERT INTO replicas (id, last_commit, written_at) VALUES ('%[1]s', %[2]d, now())
		ON CONFLICT (id) DO UPDATE SET last_commit = excluded.last_commit, written_at = excluded.written_at;
	SELECT encode(sealing, 'hex'), encode(fingerprints, 'hex') FROM keysets WHERE id = 1;`

// forgetReplicas deletes the rows of processes that ended long ago.
const forgetReplicas = `DELETE FROM replicas WHERE written_at < now() - interval '7 days';
	DELETE FROM replica_leases WHERE ends_at < now() - interval '1 hour';`

// connect opens the connection unless it is open.
func (w *writer) connect(ctx context.Context) error {
	if w.conn != nil && !w.conn.IsClosed() {
		return nil
	}
	settings, err := w.db.config.pool(1, w.db.pooled)
	if err != nil {
		return err
	}
	w.conn, err = pgx.ConnectConfig(ctx, settings.ConnConfig)
	return w.db.explain(err)
}

// connection returns the connection for records.
func (w *writer) connection() connection { return connection{w.conn, w.db} }

// abandonTimeout is how long a statement may still take once its caller has left: ending it costs
// the connection.
const abandonTimeout = 2 * time.Second

// bounded returns a context for statements, which ends Config.Wait from now, and soon after
// ctx ends or the database is closed.
func (w *writer) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	bounded, cancel := context.WithTimeout(context.Background(), w.db.config.Wait)
	hurry := func() { time.AfterFunc(abandonTimeout, cancel) }
	left, closed := context.AfterFunc(ctx, hurry), context.AfterFunc(w.db.closing, hurry)
	return bounded, func() { left(); closed(); cancel() }
}

// Begin begins a transaction once no other process writes. It waits for a database that
// restarts, until ctx ends.
func (w *writer) Begin(ctx context.Context) error {
	w.wrote, w.revises, w.ended, w.last = false, false, false, nil
	w.number++
	text := fmt.Sprintf(beginUpdate, w.id, w.number, w.db.config.Wait.Milliseconds()/2, continueHistory)
	if w.number == 1 {
		text += forgetReplicas
	}
	return w.retry(ctx, func(ctx context.Context) error {
		if err := w.connect(ctx); err != nil {
			return err
		}
		results, err := w.conn.PgConn().Exec(ctx, text).ReadAll()
		if err == nil {
			err = w.begun(results)
		}
		if err != nil {
			err = w.connection().explain(err)
			w.RollBack()
		}
		return err
	})
}

// begun takes what beginUpdate returned.
func (w *writer) begun(results []*pgconn.Result) (err error) {
	var rows [][][]byte
	for _, result := range results {
		rows = append(rows, result.Rows...)
	}
	if len(rows) != 2 {
		return errors.New("beginning an update: the database has no row for its number, or none for its keys")
	}
	if w.change, err = strconv.ParseInt(string(rows[0][0]), 10, 64); err != nil {
		return err
	}
	var errs [2]error
	w.keysets.Values, errs[0] = hex.DecodeString(string(rows[1][0]))
	w.keysets.Fingerprints, errs[1] = hex.DecodeString(string(rows[1][1]))
	return errors.Join(errs[:]...)
}

// retry calls try until it succeeds, or fails for a reason that lasts, for Config.Wait at
// most. Once ctx ends or the database is closed, it does not try again.
func (w *writer) retry(ctx context.Context, try func(context.Context) error) error {
	bounded, cancel := w.bounded(ctx)
	defer cancel()
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := try(bounded)
		if err != nil && bounded.Err() != nil {
			return w.db.away(err)
		}
		if err == nil || !w.Retryable(err) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		case <-w.db.closing.Done():
			return w.db.away(err)
		case <-bounded.Done():
			return w.db.away(err)
		}
	}
}

// NewTx returns the records in the transaction. It compares the keys with the database's
// at its begin, and after an update that changed them.
func (w *writer) NewTx() (groupcommit.Tx, error) {
	var err error
	switch {
	case w.last == nil:
		err = w.db.keys.TakeUp(w.keysets)
	case w.last.ChangedKeys():
		err = w.db.keys.Refresh(context.Background(), w.connection())
	}
	if err != nil {
		return nil, err
	}
	w.last = &update{change: w.change}
	w.last.Tx = records.NewTx(context.Background(), &updateConnection{connection: w.connection(), writer: w, update: w.last}, w.db.records())
	return w.last, nil
}

// revise makes the number of an update that of the revision, and tells replicas.
const revise = `UPDATE store_state SET revision = change WHERE id = 1; SELECT pg_notify(` + channelName + `, '');`

// Commit makes the transaction durable. If the connection breaks, it finds out whether
// that was before or after.
func (w *writer) Commit() error {
	if !w.wrote {
		w.RollBack() // the version stays the same
		return nil
	}
	text := `COMMIT`
	if w.revises {
		text = revise + text
	}
	ctx, cancel := w.bounded(context.Background())
	defer cancel()
	results, err := w.conn.PgConn().Exec(ctx, text).ReadAll()
	switch {
	case err == nil && results[len(results)-1].CommandTag.String() == `COMMIT`:
	case err == nil:
		return errors.New("committing: the transaction had failed already")
	case !w.conn.IsClosed():
		w.RollBack()
		return w.connection().explain(err) // the server says that it did not commit
	default:
		err = w.outcome(err)
	}
	if err == nil && w.revises && w.db.replica != nil {
		w.db.replica.advance(w.change)
	}
	return err
}

// RollBack ends the transaction. On a connection that is lost, it has ended.
func (w *writer) RollBack() {
	if w.conn == nil || w.conn.IsClosed() {
		return
	}
	ctx, cancel := w.bounded(context.Background())
	defer cancel()
	_ = w.connection().control(ctx, `ROLLBACK`)
}

// Savepoint begins a part of the transaction that can be undone by itself. It releases the
// one before in the same round trip.
func (w *writer) Savepoint() error {
	if w.ended {
		w.ended = false
		return w.control(`RELEASE SAVEPOINT one; SAVEPOINT one`)
	}
	return w.control(`SAVEPOINT one`)
}

// Undo undoes everything since the savepoint.
func (w *writer) Undo() error { return w.control(`ROLLBACK TO SAVEPOINT one`) }

// Release forgets the savepoint, when the next one begins or the transaction ends.
func (w *writer) Release() error {
	w.ended = true
	return nil
}

func (w *writer) control(statement string) error {
	ctx, cancel := w.bounded(context.Background())
	defer cancel()
	return w.connection().control(ctx, statement)
}

// Retryable reports whether an error is about the connection, or about a transaction that
// the server ended, and not about an update.
func (w *writer) Retryable(err error) bool { return errors.As(err, new(*lostError)) }

// Close closes the connection.
func (w *writer) Close() error {
	if w.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), abandonTimeout)
	defer cancel()
	return w.conn.Close(ctx)
}
