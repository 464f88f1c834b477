package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// lease is how long a replica answers from memory after it asked for the revision. An
	// update of what others keep in memory takes that long at most to be known to all of them.
	lease = 2 * time.Second

	// trust is the part of a lease that its holder uses: two clocks may not run alike.
	trust = lease - lease/20

	renewInterval = 400 * time.Millisecond

	// pollInterval is how often a replica asks for the revision that is not notified of it,
	// because a pooler is in between.
	pollInterval = 50 * time.Millisecond
)

// replica is what a process that serves knows of the revision of the database, so that a
// call from memory costs no query.
//
// The row of its lease says until when it may answer from memory, and which revision it
// knows. An update with a new revision is reported as done once no lease that has not ended
// is behind it. So what takes something away is true in all replicas when it is answered.
type replica struct {
	db      *DB
	id      string // of this process, in the table replica_leases
	version string // of its program

	conns  *pgxpool.Pool // of its own: callers who ask for the revision must not delay a lease
	cancel context.CancelFunc
	ended  sync.WaitGroup
	wake   chan struct{} // there may be a new revision

	listening atomic.Bool
	held      atomic.Bool // for the log

	others atomic.Int64 // how many other replicas have a lease

	mu    sync.Mutex // held to replace known
	known atomic.Pointer[knownRevision]

	// Of the goroutine that renews the lease.
	published time.Time // when the lease began that others can see
	seen      int64     // revision that others can see
	unheard   bool      // the revision changed without a notification
	missedAt  time.Time // when that was reported last
}

// knownRevision is the latest revision that a replica was told, and when it asked for it in
// a lease without a gap.
type knownRevision struct {
	number int64
	asked  time.Time
}

// channelName is the name of what a change of the revision is notified on. Databases with
// several schemas have several.
const channelName = `'paycorcred_' || current_schema()::regnamespace::oid`

// within reports whether less than a duration has passed since a time, by the monotonic
// clock and by the wall clock: the first one stops while a machine is suspended.
func within(d time.Duration, since time.Time) bool {
	now := time.Now()
	return now.Sub(since) < d && now.Round(0).Sub(since.Round(0)) < d
}

// startReplica begins to hold a lease. It returns at once; until there is one, Version asks
// the database.
func (s *DB) startReplica(ctx context.Context) error {
	conns, err := s.pool(ctx, 1)
	if err != nil {
		return err
	}
	running, cancel := context.WithCancel(context.Background())
	r := &replica{db: s, id: rand.Text(), version: s.config.Replica, conns: conns, cancel: cancel, wake: make(chan struct{}, 1)}
	r.known.Store(&knownRevision{})
	s.replica = r
	r.ended.Go(func() { r.run(running) })
	if !s.pooled {
		r.ended.Go(func() { r.listen(running) })
	}
	return nil
}

// close gives the lease back, so that no update waits for it.
func (r *replica) close() {
	r.cancel()
	r.ended.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), lease)
	defer cancel()
	_, _ = r.conns.Exec(ctx, `DELETE FROM replica_leases WHERE id = $1`, r.id) // else it ends by itself
	r.conns.Close()
}

// revision returns the revision that memory may be compared with, if the lease holds.
func (r *replica) revision() (number int64, holds bool) {
	known := r.known.Load()
	return known.number, within(trust, known.asked)
}

// advance takes note of a revision. It reports whether that is a later one.
func (r *replica) advance(number int64) bool { return r.learn(number, time.Time{}) }

// learn takes note of a revision, and of when it was asked for, unless that is zero. It
// reports whether the revision is a later one.
func (r *replica) learn(number int64, asked time.Time) (later bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := *r.known.Load()
	later = number > known.number
	known.number = max(known.number, number)
	if !asked.IsZero() {
		known.asked = asked
	}
	r.known.Store(&known)
	return later
}

// run holds the lease until ctx ends.
func (r *replica) run(ctx context.Context) {
	for ctx.Err() == nil {
		began := time.Now()
		err := r.renew(ctx)
		r.log(err)
		for err == nil && within(renewInterval, began) {
			if !r.wait(ctx, began) {
				return
			}
			err = r.look(ctx)
			r.missed()
			if r.known.Load().number != r.seen {
				break
			}
		}
		if err != nil && !sleep(ctx, pollInterval) {
			return
		}
	}
}

// wait waits until the revision may have changed, or the lease that began is to be renewed.
// It returns false when ctx ended.
func (r *replica) wait(ctx context.Context, began time.Time) bool {
	interval := time.Until(began.Add(renewInterval))
	if !r.listening.Load() {
		interval = min(interval, pollInterval)
	}
	timer := time.NewTimer(interval)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-r.wake:
	case <-timer.C:
	}
	return true
}

// look asks for the revision.
func (r *replica) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lease)
	defer cancel()
	var number int64
	err := r.db.read(ctx, r.conns, selectRevision, &number)
	if err == nil && r.advance(number) && !r.listening.Load() {
		r.unheard = true
	}
	return err
}

// renewLease extends the lease, says which revision is known, and asks in the same snapshot
// for it, for how many others there are, and whether updates are numbered in another history.
// The lease counts from when the statement arrived, before the snapshot: so a replica whose
// lease has not ended some time after an update has read its revision. The statement is as
// durable as an update: a replica trusts its lease when the database has crashed, too.
const renewLease = `INSERT INTO replica_leases (id, version, started_at, seen, ends_at)
	VALUES (?1, ?2, statement_timestamp(), CAST(?3 AS bigint), statement_timestamp() + CAST(?4 AS bigint) * interval '1 microsecond')
	ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, ends_at = excluded.ends_at
	RETURNING (SELECT revision FROM store_state WHERE id = 1),
		(SELECT count(*) FROM replica_leases other WHERE other.version <> '' AND other.id <> ?1 AND other.ends_at > statement_timestamp()),
		(SELECT change <= ` + history + ` FROM store_state WHERE id = 1)`

// renew renews the lease until others can see what this process knows.
//
// What a statement reads is only used if the lease before it had not ended when the answer
// came. Otherwise an update may have found no lease while the statement ran, and be
// reported as done already; the next statement reads it.
func (r *replica) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lease)
	defer cancel()
	for {
		knew, asked := r.known.Load().number, time.Now()
		var number, others int64
		var outdated bool
		acquired, err := r.db.acquire(ctx, r.conns, func(conn connection) error {
			return conn.Row(ctx, renewLease, []any{r.id, r.version, knew, lease.Microseconds()}, &number, &others, &outdated)
		})
		if err != nil {
			return err
		}
		if outdated {
			err = (connection{acquired.Conn(), r.db}).control(ctx, continueHistory)
		}
		acquired.Release()
		switch {
		case err != nil:
			return err
		case outdated:
			continue
		}
		r.others.Store(others)
		held := within(trust, r.published)
		r.published, r.seen = asked, knew
		if !held {
			r.advance(number)
			continue
		}
		if r.learn(number, asked) && !r.listening.Load() {
			r.unheard = true
		}
		if number <= knew {
			return nil
		}
	}
}

// log logs when the lease was lost, and when it is held again.
func (r *replica) log(err error) {
	switch _, holds := r.revision(); {
	case errors.Is(err, context.Canceled):
	case err != nil && !holds && r.held.Swap(false):
		r.db.config.Logger.Warn("the database does not answer; until it does, nothing is answered from memory", "database", r.db.name, "error", err)
	case err == nil && !r.held.Swap(true):
		r.db.config.Logger.Info("answering from memory, like all replicas with a lease", "database", r.db.name, "replica", r.id)
	}
}

// listen wakes the goroutine that renews the lease when the revision changes, until ctx
// ends. A notification that is lost is made up for by the next renewal.
func (r *replica) listen(ctx context.Context) {
	for {
		_ = r.receive(ctx) // the next renewal fails, too, if the database is away, and is logged
		r.listening.Store(false)
		if !sleep(ctx, time.Second) {
			return
		}
	}
}

// receive waits for notifications on a connection of its own, until that ends.
func (r *replica) receive(ctx context.Context) error {
	settings, err := r.db.config.pool(1, false)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, settings.ConnConfig)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var channel string
	if err := conn.QueryRow(ctx, `SELECT `+channelName).Scan(&channel); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `LISTEN `+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	r.listening.Store(true)
	r.notice()
	r.db.messages.received(nil) // what came before
	for {
		notification, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		r.notified(notification.Payload)
	}
}

// notice wakes the goroutine that renews the lease.
func (r *replica) notice() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// awaitReplicas returns when all replicas know a revision, or have no lease anymore. A lease
// that began after the update includes it, so that takes no longer than one lease, whether
// or not the database answers.
func (s *DB) awaitReplicas(revision int64) {
	ctx, cancel := context.WithTimeout(context.Background(), lease)
	defer cancel()
	own := ""
	if s.replica != nil {
		own = s.replica.id
	}
	for pause := time.Millisecond; ; pause = min(2*pause, pollInterval/2) {
		behind := true
		acquired, err := s.acquire(ctx, s.versions, func(conn connection) error {
			const query = `SELECT EXISTS (SELECT 1 FROM replica_leases WHERE id <> ? AND seen < ? AND ends_at > clock_timestamp())`
			return conn.Row(ctx, query, []any{own, revision}, &behind)
		})
		if err == nil {
			acquired.Release()
		}
		if err == nil && !behind || !sleep(ctx, pause) {
			return
		}
	}
}

// sleep returns after a time, or false when ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
