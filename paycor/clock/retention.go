// Package clock guards against a system clock that jumps: it has the time by which a
// server deletes what it keeps for a limited time, and tells which stored times a clock
// wrote that was ahead.
//
// Times that only this process compares need neither: they are compared by the
// monotonic clock.
package clock

import (
	"log/slog"
	"sync"
	"time"
)

const (
	// Grace is how long after a start nothing is deleted: a machine may start with a
	// wrong clock and set it a moment later.
	Grace = 10 * time.Minute

	// catchUp is how much faster than real time a Retention may run while it is
	// behind, after the machine slept or its clock was set.
	catchUp = 2

	// tolerance is how far clocks may differ, and how far one may jump without a
	// warning.
	tolerance = 5 * time.Minute
)

// Retention is the time by which something kept is deleted. A system clock that jumps
// ahead must not delete it early, so it advances at most twice as fast as the monotonic
// clock: at least half of the promised time passes in any case. It is safe for
// concurrent use.
type Retention struct {
	wall    func() time.Time
	elapsed func() time.Duration
	logger  *slog.Logger

	mu      sync.Mutex
	started bool
	time    time.Time
	at      time.Duration // of time
	seen    time.Time     // the system clock's time then
}

// NewRetention returns a clock that follows a system clock. elapsed is the monotonic
// time since the start.
func NewRetention(wall func() time.Time, elapsed func() time.Duration, logger *slog.Logger) *Retention {
	return &Retention{wall: wall, elapsed: elapsed, logger: logger}
}

// Now returns the time, and whether anything may be deleted yet. It logs each jump of
// the system clock.
func (r *Retention) Now() (now time.Time, ready bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	wall, elapsed := r.wall(), r.elapsed()
	if r.started {
		r.warn(wall.Sub(r.seen) - (elapsed - r.at))
	}
	latest := r.time.Add(catchUp * (elapsed - r.at))
	if elapsed < Grace || !r.started || !latest.Before(wall) {
		latest = wall
	}
	r.time, r.at, r.seen, r.started = latest, elapsed, wall, true
	return latest, elapsed >= Grace
}

// warn logs a jump of the system clock.
func (r *Retention) warn(jump time.Duration) {
	switch {
	case jump > tolerance:
		r.logger.Warn("the system clock jumped ahead, or the machine slept: what is kept for a limited time is deleted later, so that none is lost early",
			"ahead", jump.Round(time.Second).String())
	case jump < -tolerance:
		r.logger.Warn("the system clock was set back: sign-ins and links from the time that it showed before end", "back", (-jump).Round(time.Second).String())
	}
}

// started is when the process did, with the monotonic clock.
var started = time.Now()

// Seconds returns the seconds since a day before the process started, by the monotonic
// clock, so that 0 is long ago. It is for times that are compared often and never stored.
func Seconds() int64 { return int64((24*time.Hour + time.Since(started)) / time.Second) }

// Ahead reports whether a stored time is further in the future than clocks differ: it
// was stored while the clock was ahead, or by a machine whose clock is.
func Ahead(stored, now time.Time) bool { return stored.Sub(now) > tolerance }
