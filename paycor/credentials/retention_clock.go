package credentials

import (
	"log/slog"
	"sync"
	"time"
)

const (
	// retentionGrace is how long after a start nothing is deleted: a machine may
	// start with a wrong clock and set it a moment later.
	retentionGrace = 10 * time.Minute

	// retentionCatchUp is how much faster than real time the retention clock may
	// run while it is behind, after the machine slept or its clock was set.
	retentionCatchUp = 2

	// retentionTolerance is how far it may be behind without a warning.
	retentionTolerance = 5 * time.Minute
)

// retentionClock is the time by which kept secrets are deleted. A system clock
// that jumps ahead must not delete them early, so it advances at most twice as
// fast as the monotonic clock: at least half of the promised time passes in any
// case.
type retentionClock struct {
	wall    func() time.Time
	elapsed func() time.Duration // monotonic
	logger  *slog.Logger

	mu      sync.Mutex
	time    time.Time
	at      time.Duration // of time
	behind  bool
	started bool
}

// now returns the time, and whether anything may be deleted yet.
func (c *retentionClock) now() (now time.Time, ready bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall, elapsed := c.wall(), c.elapsed()
	if elapsed < retentionGrace || !c.started {
		c.time, c.at, c.started = wall, elapsed, true
		return wall, elapsed >= retentionGrace
	}
	latest := c.time.Add(retentionCatchUp * (elapsed - c.at))
	c.time, c.at = wall, elapsed
	if latest.Before(wall) {
		c.time = latest
	}
	c.warn(wall.Sub(c.time))
	return c.time, true
}

// warn logs a jump once.
func (c *retentionClock) warn(behind time.Duration) {
	if jumped := behind > retentionTolerance; jumped != c.behind {
		c.behind = jumped
		if jumped {
			c.logger.Warn("the system clock jumped ahead: kept secrets are deleted later, so that none is lost early", "ahead", behind.Round(time.Second).String())
		}
	}
}
